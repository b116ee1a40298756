//! Refusal of files that are neither CSV nor JSON lines, by their first bytes and by control characters.

use super::DetectError;
use crate::text::{Magic, magic, magic_word, zip_kind};

/// Bytes of the beginning in which control characters are counted.
const LOOKED_AT: usize = 64 << 10;

/// Control characters that a text may have all the same: their records are refused, not the text.
const FEW: usize = 8;

/// Markup that text can begin with, in lower case.
const MARKUP: [(&[u8], &str); 4] = [
    (b"<!doctype html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<?xml", "an XML file"),
    (b"<!doctype", "an SGML file"),
];

/// Refuses by name files whose first bytes say that they are neither CSV nor JSON lines.
pub(super) fn refuse_by_name(bytes: &[u8]) -> Result<(), DetectError> {
    let refuse = |found| Err(DetectError::Binary { found });
    if bytes.starts_with(b"PK\x03\x04") {
        let head = &bytes[..bytes.len().min(4096)];
        let holds = |part: &str| memchr::memmem::find(head, part.as_bytes()).is_some();
        return refuse(zip_kind(holds).unwrap_or("a zip archive inside another file"));
    }
    match magic(bytes) {
        None | Some(Magic::Utf8Mark | Magic::Utf16LeMark | Magic::Utf16BeMark | Magic::Marked(_)) => {}
        Some(Magic::Refused(found)) => return refuse(found),
        Some(Magic::Compressed(compression)) => return refuse(compression.inside()),
    }
    if let Some(found) = magic_word(bytes)
        && bytes.iter().take(512).any(|byte| is_control(*byte))
    {
        return refuse(found);
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return refuse("a tar archive");
    }
    let start = bytes.trim_ascii_start();
    let start = &start[..start.len().min(16)].to_ascii_lowercase();
    if let Some((_, found)) = MARKUP.iter().find(|(first, _)| start.starts_with(first)) {
        return refuse(found);
    }
    let array = bytes.trim_ascii_start().strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    if array.is_some_and(|rest| rest.starts_with(b"{")) {
        return refuse("a JSON array");
    }
    Ok(())
}

/// Refuses text of which more than one byte in twenty is a control character that no text has.
/// `separators` are control bytes that separate fields.
pub(super) fn refuse_controls(text: &[u8], separators: &[u8]) -> Result<(), DetectError> {
    let head = &text[..text.len().min(LOOKED_AT)];
    let odd = |byte: &u8| is_control(*byte) && !separators.contains(byte);
    let controls = head.iter().filter(|byte| odd(byte)).count();
    if controls > FEW && controls * 20 > head.len() {
        let at = head.iter().position(odd).unwrap_or_default();
        return Err(DetectError::NotText { controls, looked_at: head.len(), at });
    }
    Ok(())
}

/// Refuses a header with a NUL in it.
pub(super) fn refuse_nul(header: &[u8], offset: usize) -> Result<(), DetectError> {
    let controls = header.iter().filter(|byte| **byte == 0).count();
    match header.iter().position(|byte| *byte == 0) {
        Some(at) => Err(DetectError::NotText { controls, looked_at: offset + header.len(), at: offset + at }),
        None => Ok(()),
    }
}

/// Tells whether text has no such byte, but for the separators of ASCII, ESC, and those of lines and pages.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0e..=0x1a | 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let table: [(&[u8], Option<&str>); 9] = [
            (b"PK\x03\x04\x14\0[Content_Types].xml..xl/workbook", Some("an Excel workbook")),
            (b"PK\x03\x04\x14\0a.csv", Some("a zip archive inside another file")),
            (b"  <!DOCTYPE html>\n", Some("an HTML page")),
            (b"ORC\x08\x03", Some("an ORC file")),
            (b"ORC,name\n1,2\n", None),
            (b"GIF8,PNG\n1,2\n", None),
            (b"[\n {\"a\": 1}]", Some("a JSON array")),
            (b"[id],[name]\n", None),
            (b"SQLite format 3\0", Some("an SQLite database")),
        ];
        for (bytes, found) in table {
            let expected = found.map(|found| DetectError::Binary { found });
            assert_eq!(refuse_by_name(bytes).err(), expected, "{bytes:?}");
        }
    }

    #[test]
    fn controls() {
        assert!(refuse_controls(b"a\x01b\x01c\n", &[1]).is_ok());
        assert!(refuse_controls(&[2; 20], &[1]).is_err());
        assert!(refuse_nul(b"a\0b", 0).is_err());
    }
}
