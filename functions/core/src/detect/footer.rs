//! The lines after the last record that are no records: totals, words about the file, a second table.

use super::evidence::count;
use super::kind::Kind;
use super::{Detected, Samples};
use crate::Header;
use crate::align::{Alignment, align};
use crate::message::{Dataset, Evidence};
use crate::scan::{Record, Scanner, Start};
use crate::utf16_bytes;

/// Words with which lines of totals begin, in lower case.
const TOTALS: [&[u8]; 8] =
    [b"total", b"sum", b"grand total", b"subtotal", b"count", b"average", b"gesamt", b"insgesamt"];

/// Records of one type in the first column from which on a line of the same width can be no record.
const FEW: usize = 3;

/// Lines that a footer has at most, unless they are a second table.
const MOST: usize = 64;

/// Finds the footer in the last piece of the samples, which must reach the end of the object of `size`
/// bytes: the records of other widths after the last one of the usual width, and totals that are padded to it. A
/// last line that was cut off is none.
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
    let tail = after_last_record(text, start, detected, width, columns)?;
    let at = usize::try_from(tail.start).ok()?;
    let bytes = if utf16 { utf16_bytes(&text[..at]) } else { at as u64 };
    let sentence = match tail.is_table() {
        true => "they come after the last record and are a second table",
        false => "they come after the last record and are none",
    };
    Some((offset + bytes, Evidence::new("footer", count(tail.lines, "line"), sentence)))
}

/// The records of other widths after the last one of the usual width.
#[derive(Debug)]
struct Tail {
    start: u64,
    lines: usize,
    /// The lines whose fields are all empty.
    blank: usize,
    /// The first one is hardly a record, or comes after blank lines.
    no_record: bool,
    /// Fields of the first one.
    width: usize,
    /// The first one is made of words.
    words: bool,
    /// All have as many fields as the first one.
    alike: bool,
    /// One of the others has values that are not text.
    typed: bool,
}

impl Tail {
    /// The tail that begins with this record; `apart` says that blank lines stand before it.
    fn new(record: &Record<'_>, apart: bool) -> Self {
        Self {
            start: record.offset(),
            lines: 1,
            blank: usize::from(is_blank(record)),
            no_record: apart || is_no_record(record),
            width: record.len(),
            words: record.fields().all(|field| Kind::of(&field.value()) == Kind::Text),
            alike: true,
            typed: false,
        }
    }

    /// Adds the next one; `apart` says that it is none for its content.
    fn add(&mut self, record: &Record<'_>, apart: bool) {
        // Lines of delimiters alone say nothing of those before them.
        let first = self.lines == self.blank && !is_blank(record);
        self.no_record |= first && (apart || is_no_record(record));
        self.lines += 1;
        self.blank += usize::from(is_blank(record));
        self.alike &= record.len() == self.width;
        self.typed |= record.fields().any(|field| Kind::of(&field.value()).is_typed());
    }

    /// Tells whether it has a header of its own, and records below it.
    fn is_table(&self) -> bool {
        self.width > 1 && self.words && self.alike && self.typed
    }

    fn is_footer(&self) -> bool {
        let words = self.lines - self.blank;
        (self.no_record && words <= MOST) || (words == 0 && self.lines > 1) || self.is_table()
    }
}

/// The footer after the last record of the usual width.
fn after_last_record(text: &[u8], start: usize, detected: &Detected, width: usize, columns: usize) -> Option<Tail> {
    let mut scanner = Scanner::new(&detected.dialect, Start::Boundary, start as u64, u64::MAX, text.len().max(1));
    scanner.push(&text[start..]);
    scanner.finish();
    let (mut usual, mut typed, mut filled, mut next) = (0, 0, 0, start as u64);
    let mut tail: Option<Tail> = None;
    while let Some(batch) = scanner.next_batch() {
        for record in batch.records() {
            let fits = record.len() == width || record.len() == columns;
            let below = tail.is_some();
            // A line of delimiters is a record where others lack their first value, too.
            let apart = (usual >= FEW && filled == usual && is_blank(&record))
                || (usual > 0 && below && is_alone(&record))
                || (usual >= FEW && typed == usual && is_padded(&record));
            if fits && !apart {
                (usual, tail) = (usual + 1, None);
                typed += usize::from(Kind::of(&record.field(0).value()).is_typed());
                filled += usize::from(!record.field(0).value().trim_ascii().is_empty());
            } else if record.is_empty() {
                // A record that can't be read is one all the same.
                tail = None;
            } else if let Some(tail) = &mut tail {
                tail.add(&record, apart);
            } else {
                tail = Some(Tail::new(&record, record.offset() > next || (fits && !is_blank(&record))));
            }
            next = record.next();
        }
    }
    tail.filter(|tail| usual > 0 && tail.is_footer())
}

/// Tells whether a line of the records' width is no record, as spreadsheets pad their last lines: a total, or words
/// alone, where all records have a value that is no text.
fn is_padded(record: &Record<'_>) -> bool {
    if record.is_empty() {
        return false;
    }
    let first = record.field(0).value().trim_ascii().to_ascii_lowercase();
    let total = || TOTALS.iter().any(|word| first.strip_prefix(*word).is_some_and(|rest| !begins_with_letter(rest)));
    Kind::of(&first) == Kind::Text && (total() || (first.contains(&b' ') && is_alone(record)))
}

/// Tells whether all fields of a line are empty.
fn is_blank(record: &Record<'_>) -> bool {
    !record.is_empty() && record.fields().all(|field| field.value().trim_ascii().is_empty())
}

/// Tells whether only the first field of a line has something, and that is text.
fn is_alone(record: &Record<'_>) -> bool {
    let mut fields = record.fields();
    fields.next().is_some_and(|first| Kind::of(&first.value()) == Kind::Text)
        && fields.all(|field| field.value().trim_ascii().is_empty())
}

fn begins_with_letter(text: &[u8]) -> bool {
    text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
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
            ("a padded total", "id,a\n1,2\n3,4\n5,6\nTotal,12\n", Some(17)),
            ("padded notes", "id,a\n1,2\n3,4\n5,6\nTotal: 3,\n,\nmade by x,\n", Some(17)),
            ("a total among words", "name,a\nx,2\ny,4\nz,6\nTotal,12\n", None),
            ("a company", "id,a\n1,2\n3,4\n5,6\nTotalEnergies,12\n", None),
            ("padding", "name,a\nx,2\ny,4\nz,6\n,\n,\n,\n", Some(19)),
            ("padding below two records", "name,a\nx,2\ny,4\n,\n,\n,\n", None),
            ("padding below a record without a name", "name,a\nx,2\n,4\nz,6\n,\n,\n,\n", None),
            ("a total below padding", "id,a,b\n1,2,3\n3,4,3\n5,6,3\n,,\nTotal,,9\n", Some(25)),
            ("notes below padding", "name,a\nx,2\ny,4\nz,6\n,\nmade by z,\n", Some(19)),
            ("one empty record", "name,a\nx,2\ny,4\n,\n", None),
            ("empty records between", "name,a\nx,2\n,\n,\ny,4\n", None),
            ("a record without an id", "id,a\n1,2\n3,4\n5,6\n,12\n", None),
            ("a code", "id,a\n1,2\n3,4\n5,6\nB7,\n", None),
            ("a second table", "id,a,b\n1,x,2\n3,y,4\n5,z,6\nid,a\n1,x\n3,y\n", Some(25)),
            ("records that lack a field", "id,a,b\n1,x,2\n3,y,4\n5,z,6\n7,x\n8,y\n", None),
            ("words that lack a field", "p,a,b\nx,x,x\nz,y,y\nw,z,w\nu,x\nv,y\n", None),
        ];
        for (case, text, expected) in table {
            let samples = Samples { first: text.as_bytes(), whole: true, windows: &[] };
            let resolved = crate::resolve(&samples, text.len() as u64, &Dataset::default()).unwrap().unwrap();
            assert_eq!(resolved.footer_start, expected, "{case}");
        }
    }
}
