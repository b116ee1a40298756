//! The recognition of JSON lines. JSON over several lines is told apart from them.

use serde::de::IgnoredAny;

use crate::Format;

/// Lines by which the format is judged.
const JUDGED: usize = 64;

/// Tells whether a text is JSON lines: at least half of its first lines begin with an object, or the first
/// one opens an object that doesn't end on it. `whole` says that the last line isn't cut.
///
/// Returns the format, with the number of lines that begin with an object and of those looked at.
pub(super) fn format(text: &[u8], whole: bool) -> (Format, usize, usize) {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').take(JUDGED + 1).collect();
    let complete = lines.len() > JUDGED || whole;
    if lines.len() > JUDGED || (!complete && lines.len() > 1) {
        lines.pop();
    }
    let content = lines.iter().map(|line| line.trim_ascii()).map(|line| line.strip_prefix(b"\x1e").unwrap_or(line));
    let content: Vec<&[u8]> = content.map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).collect();
    let objects = content.iter().filter(|line| begins_with_object(line)).count();
    let opens = content.first().is_some_and(|line| Format::of(line) == Format::JsonLines);
    // A table of one JSON column has a header, and quotes: its lines begin with an object only by a miracle.
    if objects * 2 >= content.len().max(1) || (opens && objects == 0 && lines_of_json(&content)) {
        (Format::JsonLines, objects, content.len())
    } else {
        (Format::Csv, objects, content.len())
    }
}

/// Tells whether the line begins with one whole JSON object. Bytes after it don't count.
fn begins_with_object(line: &[u8]) -> bool {
    line.starts_with(b"{") && {
        let mut values = serde_json::Deserializer::from_slice(line).into_iter::<IgnoredAny>();
        matches!(values.next(), Some(Ok(_)))
    }
}

/// Tells whether the lines are those of JSON over several lines, or one cut object.
fn lines_of_json(lines: &[&[u8]]) -> bool {
    let json = |line: &&[u8]| matches!(line.first(), Some(b'{' | b'}' | b'[' | b']' | b'"'));
    lines.iter().filter(|line| json(line)).count() * 2 >= lines.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let table = [
            ("{\"id\": 1}\n{\"id\": 2}\n", Format::JsonLines),
            ("not json\n{\"a\":1}\n{\"a\":2}\n", Format::JsonLines),
            ("{\"id\":1}{\"id\":2}\n", Format::JsonLines),
            ("\u{1e}{\"id\":1}\n\u{1e}{\"id\":2}\n", Format::JsonLines),
            ("{\n  \"pretty\": 1\n}\n", Format::JsonLines),
            ("id,json\n1,{\"a\":1}\n2,{\"a\":2}\n", Format::Csv),
            ("{id},name\n1,2\n", Format::Csv),
            ("a\n", Format::Csv),
        ];
        for (text, expected) in table {
            assert_eq!(format(text.as_bytes(), true).0, expected, "{text:?}");
        }
        assert_eq!(format(b"{\"id\": 1, \"long", false).0, Format::JsonLines, "cut");
    }
}
