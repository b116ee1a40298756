//! The lines after the last record that are no records: totals, and words about the file.

use super::evidence::count;
use super::{Detected, Samples};
use crate::align::{Alignment, align};
use crate::message::{Dataset, Evidence};
use crate::scan::{Scanner, Start};
use crate::utf16_bytes;

/// Lines that a footer has at most.
const MOST: usize = 64;

/// Finds the footer in the last piece of the samples, which must reach the end of the object of `size`
/// bytes: the records of other widths after the last one of the usual width. A last line that was cut
/// off is none.
pub(super) fn find(
    samples: &Samples<'_>,
    size: u64,
    detected: &Detected,
    dataset: &Dataset,
    columns: usize,
) -> Option<(u64, Evidence)> {
    if columns < 2 || dataset.ragged.is_some() {
        return None;
    }
    let encoding = detected.encoding.encoding;
    let utf16 = encoding.is_utf16();
    let (piece, offset) = match samples.windows.last() {
        _ if samples.whole => (samples.first.get(detected.text_start as usize..)?, detected.text_start),
        Some(window) if window.offset + window.bytes.len() as u64 == size => (window.bytes, window.offset),
        _ => return None,
    };
    if utf16 && !samples.whole {
        return None;
    }
    let text = &*encoding.scanned(piece, true);
    let width = detected.width(columns);
    let start = match samples.whole {
        true => 0,
        false => match align(text, 0, offset, true, &detected.dialect, width) {
            Alignment::Boundary(boundary) => usize::try_from(boundary - offset).ok()?,
            Alignment::Unseen => return None,
        },
    };
    let (at, lines) = after_last_record(text, start, detected, width, columns)?;
    let bytes = if utf16 { utf16_bytes(&text[..at]) } else { at as u64 };
    let told = Evidence::new("footer", count(lines, "line"), "they come after the last record and have other widths");
    Some((offset + bytes, told))
}

/// The position of the first record after the last one of the usual width, and the number of those there.
fn after_last_record(
    text: &[u8],
    start: usize,
    detected: &Detected,
    width: usize,
    columns: usize,
) -> Option<(usize, usize)> {
    let mut scanner = Scanner::new(&detected.dialect, Start::Boundary, start as u64, u64::MAX, text.len().max(1));
    scanner.push(&text[start..]);
    scanner.finish();
    let (mut usual, mut lines, mut first, mut after_blank, mut next, mut ends) = (0, 0, 0, false, start as u64, true);
    while let Ok(Some(batch)) = scanner.next_batch() {
        for record in batch.records() {
            if record.len() == width || record.len() == columns {
                (usual, lines) = (usual + 1, 0);
            } else {
                if lines == 0 {
                    (first, after_blank) = (record.offset(), record.offset() > next);
                }
                lines += 1;
            }
            next = record.next();
            ends = record.raw().len() < record.raw_with_terminator().len();
        }
    }
    // One line without a terminator right after a record may be a record that was cut off.
    let cut = lines == 1 && !ends && !after_blank;
    (usual > 0 && (1..=MOST).contains(&lines) && !cut).then_some((usize::try_from(first).ok()?, lines))
}

#[cfg(test)]
mod tests {
    use crate::Samples;
    use crate::message::Dataset;

    #[test]
    fn footers() {
        let table = [
            ("none", "a,b\n1,2\n3,4\n", None),
            ("a total", "a,b\n1,2\n3,4\n5,6\nTotal: 3\n", Some(16)),
            ("after a blank line", "a,b\n1,2\n3,4\n\n2 rows exported", Some(13)),
            ("several", "a,b\n1,2\n3,4\n5,6\nx\ny\n", Some(16)),
            ("a record cut off", "a,b\n1,2\n3,4\n5,6\n7", None),
            ("a ragged one among others", "a,b\n1,2\n3\n5,6\n", None),
        ];
        for (case, text, expected) in table {
            let samples = Samples { first: text.as_bytes(), whole: true, windows: &[] };
            let resolved = crate::resolve(&samples, text.len() as u64, &Dataset::default()).unwrap().unwrap();
            assert_eq!(resolved.footer_start, expected, "{case}");
        }
    }
}
