//! The lines after the last record that are no records: totals, and words about the file.

use super::evidence::count;
use super::{Detected, Samples};
use crate::Header;
use crate::align::{Alignment, align};
use crate::message::{Dataset, Evidence};
use crate::scan::{Record, Scanner, Start};
use crate::utf16_bytes;

/// Words with which lines of totals begin, in lower case.
const TOTALS: [&[u8]; 8] =
    [b"total", b"sum", b"grand total", b"subtotal", b"count", b"average", b"gesamt", b"insgesamt"];

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
    header: &Header,
) -> Option<(u64, Evidence)> {
    let columns = header.names.len();
    if columns < 2 || dataset.ragged.is_some() {
        return None;
    }
    let encoding = detected.encoding.encoding;
    let utf16 = encoding.is_utf16();
    let (piece, offset) = match samples.windows.last() {
        _ if samples.whole => (samples.first.get(header.data_start as usize..)?, header.data_start),
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
    let (mut usual, mut lines, mut first, mut next) = (0, 0, 0, start as u64);
    let mut no_record = false;
    while let Some(batch) = scanner.next_batch() {
        for record in batch.records() {
            if record.len() == width || record.len() == columns {
                (usual, lines) = (usual + 1, 0);
            } else if record.is_empty() {
                // A record that can't be read is one all the same.
                lines = 0;
            } else {
                if lines == 0 {
                    (first, no_record) = (record.offset(), record.offset() > next || is_no_record(&record));
                }
                lines += 1;
            }
            next = record.next();
        }
    }
    (usual > 0 && (1..=MOST).contains(&lines) && no_record).then_some((usize::try_from(first).ok()?, lines))
}

/// Tells whether a line of another width than the records is hardly one of them: words, or a total. A record
/// that was cut off, or that lacks a field, begins as the others do.
fn is_no_record(record: &Record<'_>) -> bool {
    // One that can't be read has no field, and says nothing.
    if record.is_empty() {
        return false;
    }
    let first = record.field(0).value().trim_ascii().to_ascii_lowercase();
    let alone = record.fields().skip(1).all(|field| field.raw().is_empty());
    TOTALS.iter().any(|word| first.starts_with(word)) || (alone && first.contains(&b' '))
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
            ("several", "a,b\n1,2\n3,4\n5,6\nwritten by x\ny\n", Some(16)),
            ("a record cut off", "a,b\n1,2\n3,4\n5,6\n7", None),
            ("a short record", "a,b,c\n1,2,3\n3,4,5\n5,6\n", None),
            ("a ragged one among others", "a,b\n1,2\n3\n5,6\n", None),
        ];
        for (case, text, expected) in table {
            let samples = Samples { first: text.as_bytes(), whole: true, windows: &[] };
            let resolved = crate::resolve(&samples, text.len() as u64, &Dataset::default()).unwrap().unwrap();
            assert_eq!(resolved.footer_start, expected, "{case}");
        }
    }
}
