//! Lines of a text, as an editor counts them: what a person who corrects a record looks for.
//!
//! A line ends with the terminator of records: LF, of which CRLF has one; CR where the dialect says so; any of the three
//! where it says any. Line breaks in quotes, blank lines and comments count.

use super::batch::Record;
use crate::{Encoding, EncodingKind, Terminator};

/// The text that a scanner has passed before the first byte of its buffer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Passed {
    /// Bytes pushed.
    pub(super) bytes: u64,
    /// Line breaks in them.
    pub(super) lines: u64,
    /// The last of these bytes.
    pub(super) last: Option<u8>,
    /// Records in earlier batches.
    pub(super) records: u64,
}

impl Passed {
    /// Passes over bytes.
    pub(super) fn pass(&mut self, bytes: &[u8], terminator: Terminator) {
        self.lines += line_breaks(bytes, self.last, terminator);
        self.bytes += bytes.len() as u64;
        self.last = bytes.last().copied().or(self.last);
    }
}

/// The line breaks in bytes that follow the byte `before`.
pub(super) fn line_breaks(bytes: &[u8], before: Option<u8>, terminator: Terminator) -> u64 {
    let number = |byte: u8| memchr::memchr_iter(byte, bytes).count() as u64;
    match terminator {
        Terminator::Auto | Terminator::Lf | Terminator::Crlf => number(b'\n'),
        Terminator::Cr => number(b'\r'),
        Terminator::Any => {
            let previous = |at: usize| if at == 0 { before } else { Some(bytes[at - 1]) };
            let crlf = memchr::memchr_iter(b'\n', bytes).filter(|at| previous(*at) == Some(b'\r')).count() as u64;
            number(b'\n') + number(b'\r') - crlf
        }
    }
}

/// Returns the line breaks in the first `end` bytes of a text; `None` where it has fewer bytes.
pub fn lines_before(text: &[u8], end: u64, encoding: Encoding, terminator: Terminator) -> Option<u64> {
    let text = text.get(..usize::try_from(end).ok()?)?;
    let EncodingKind::Utf16 { big_endian } = encoding.kind() else {
        return Some(line_breaks(text, None, terminator));
    };
    // A character beyond ASCII is none that ends a line.
    let unit = |pair: &[u8]| if big_endian { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
    let ascii = |pair: &[u8]| if let (0, low) = unit(pair) { low } else { 0x80 };
    let bytes: Vec<u8> = text.chunks_exact(2).map(ascii).collect();
    Some(line_breaks(&bytes, None, terminator))
}

/// The lines of some records of one scanner, asked for in their order.
#[derive(Debug, Default)]
pub struct LineCursor {
    /// Bytes pushed to the scanner before the place that was reached, and line breaks in them.
    bytes: u64,
    lines: u64,
}

impl LineCursor {
    /// Returns the line breaks between the first byte pushed to the scanner and the record.
    ///
    /// ```
    /// use fanout_core::{Dialect, LineCursor, Scanner, Start};
    ///
    /// let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, 1000);
    /// scanner.push(b"1,\"a\nb\"\n\n2,c\n");
    /// let batch = scanner.next_batch().unwrap();
    /// let mut lines = LineCursor::default();
    /// assert_eq!(batch.records().map(|record| lines.before(&record)).collect::<Vec<_>>(), [0, 3]);
    /// ```
    pub fn before(&mut self, record: &Record<'_>) -> u64 {
        let (buffer, start, passed, terminator) = record.in_buffer();
        let known = self.bytes.checked_sub(passed.bytes).filter(|known| *known > 0 && *known <= start as u64);
        let (from, last) = match known {
            Some(known) => (known as usize, Some(buffer[known as usize - 1])),
            None => {
                self.lines = passed.lines;
                (0, passed.last)
            }
        };
        self.lines += line_breaks(&buffer[from..start], last, terminator);
        self.bytes = passed.bytes + start as u64;
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dialect, Scanner, Start};

    #[test]
    fn line_breaks_of_each_terminator() {
        let text = b"a\nb\r\nc\rd\n\r\r\n";
        let table = [(Terminator::Auto, 4), (Terminator::Crlf, 4), (Terminator::Cr, 4), (Terminator::Any, 6)];
        for (terminator, expected) in table {
            assert_eq!(line_breaks(text, None, terminator), expected, "{terminator:?}");
            for cut in 0..=text.len() {
                let mut passed = Passed::default();
                passed.pass(&text[..cut], terminator);
                passed.pass(&text[cut..], terminator);
                assert_eq!(passed.lines, expected, "{terminator:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn lines_before_the_data() {
        let little: Vec<u8> = "\u{feff}a\nĊ\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{feff}a\nĊ\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let of = |label: &str| Encoding::of_label(label).unwrap();
        let table: [(&[u8], u64, Encoding, Option<u64>); 5] = [
            (b"title\nid,name\n1,a\n", 14, Encoding::UTF_8, Some(2)),
            (b"title\n", 0, Encoding::UTF_8, Some(0)),
            (b"title\n", 7, Encoding::UTF_8, None),
            (&little, 10, of("utf-16le"), Some(2)),
            (&big, 10, of("utf-16be"), Some(2)),
        ];
        for (text, end, encoding, expected) in table {
            assert_eq!(lines_before(text, end, encoding, Terminator::Auto), expected, "{text:?} to {end}");
        }
    }

    /// The records' lines and numbers, and the line breaks of all that was scanned, at any cut.
    #[test]
    fn lines_and_numbers_at_any_cut() {
        let dialect = Dialect { comment: Some(b'#'), terminator: Terminator::Any, ..Dialect::default() };
        let text = b"1,\"a\r\nb\"\r\n\r\n# c\n2,\"x\"y\n3,\"open\r4\n5\r\n";
        let lines = |text: &[u8]| line_breaks(text, None, Terminator::Any);
        for end in [0, 20, 30, u64::MAX] {
            for size in 1..=text.len() {
                let mut scanner = Scanner::new(&dialect, Start::Boundary, 0, end, 100);
                let (mut cursor, mut number) = (LineCursor::default(), 0);
                let mut look = |scanner: &mut Scanner| {
                    while let Some(batch) = scanner.next_batch() {
                        for record in batch.records() {
                            let before = &text[..record.offset() as usize];
                            assert_eq!((record.number(), cursor.before(&record)), (number, lines(before)));
                            number += 1;
                        }
                    }
                };
                for piece in text.chunks(size) {
                    scanner.push(piece);
                    look(&mut scanner);
                }
                scanner.finish();
                look(&mut scanner);
                let next = scanner.next_boundary().unwrap() as usize;
                assert_eq!(scanner.lines(), lines(&text[..next]), "to {end}, {size} bytes at once");
            }
        }
    }
}
