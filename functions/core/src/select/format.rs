//! The formats that S3 Select reads. An object that it would read wrongly is refused.

use super::SelectError;
use crate::message::{Dataset, HeaderMatch};
use crate::scan::{Scanner, Start};
use crate::{Compression, Dialect, Format, Header, HeaderFound, Terminator};

/// Bytes of a record that S3 Select reads, at most (AWS: "Filtering and retrieving data using Amazon S3 Select").
const MAX_SELECT_RECORD: usize = 1 << 20;

/// The form in which S3 Select reads and writes records. Its answer is in the same form. For JSON
/// lines only the terminator counts, which is LF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectFormat {
    /// CSV or JSON lines.
    pub format: Format,
    /// The byte between two fields.
    pub delimiter: u8,
    /// The byte that encloses a field, doubled inside it.
    pub quote: u8,
    /// The byte with which a comment line begins. There must be one: by default S3 takes `#`.
    pub comment: u8,
    /// The end of each record: LF, CR LF or CR.
    pub terminator: Terminator,
    /// Tells whether the object's first record is its header.
    pub header: bool,
}

/// The byte that stands for no comment. No text begins with it, and the XML of a request can hold it.
const NO_COMMENT: u8 = 0x7f;

impl SelectFormat {
    /// The dialect of what comes back: without comments, which S3 doesn't return.
    pub fn result(&self) -> Dialect {
        if self.format == Format::JsonLines {
            return Dialect::of_lines();
        }
        Dialect {
            delimiter: self.delimiter,
            quote: Some(self.quote),
            terminator: self.terminator,
            ..Dialect::default()
        }
    }

    /// The terminator's bytes.
    pub fn terminator_text(&self) -> &'static str {
        match self.terminator {
            Terminator::Crlf => "\r\n",
            Terminator::Cr => "\r",
            _ => "\n",
        }
    }

    /// The bytes of `ScanRange`'s `Start` and `End` on the wire, both inclusive, for the records that
    /// begin in `[start, end)`; `before` is the byte before `start`, `None` for the first chunk.
    ///
    /// AWS documents two readings of `Start`: a record counts if its first byte lies in the range, or if
    /// it begins after `Start`. If the byte before `start` ends a record, a record may begin at `start`:
    /// then `Start` is that byte, at which no record begins, so that both readings give the same. If it
    /// doesn't, no record begins at `start`, and both readings give the same as well. The first chunk
    /// begins with the object: its header is no record.
    pub fn wire(&self, start: u64, end: u64, before: Option<u8>) -> (u64, u64) {
        let start = match before {
            None => 0,
            Some(before) if before == self.last_of_terminator() => start - 1,
            Some(_) => start,
        };
        (start, end - 1)
    }

    fn last_of_terminator(&self) -> u8 {
        if self.terminator == Terminator::Cr { b'\r' } else { b'\n' }
    }

    /// The format of a planned dataset, whose terminator is the one that [`select_format`] found.
    pub fn of(dataset: &Dataset, format: Format) -> Self {
        let dialect = dataset.dialect.dialect();
        SelectFormat {
            format,
            delimiter: dialect.delimiter,
            quote: dialect.quote.unwrap_or(b'"'),
            comment: dialect.comment.unwrap_or(NO_COMMENT),
            terminator: dialect.terminator,
            header: dataset.header_match() != HeaderMatch::None,
        }
    }
}

/// Decides how S3 Select reads an object that begins with `prefix`; refuses what it can't read, as far as
/// the prefix shows it.
///
/// # Errors
///
/// [`SelectError::Unfit`] with the property that S3 Select doesn't know.
pub fn select_format(prefix: &[u8], header: &Header, dataset: &Dataset) -> Result<SelectFormat, SelectError> {
    let dialect = &dataset.dialect.dialect();
    let unfit = |reason: String| Err(SelectError::Unfit { reason });
    if let Some(compression) = Compression::of(prefix) {
        return unfit(format!("the object is compressed by {compression}, which it reads only whole"));
    }
    if header.format == Format::JsonLines {
        if header.data_start > 0 {
            return unfit("the byte-order mark would be part of the first record".into());
        }
        return Ok(SelectFormat {
            terminator: Terminator::Lf,
            header: false,
            ..SelectFormat::of(dataset, header.format)
        });
    }
    if dataset.encoding.as_deref().is_some_and(|encoding| encoding != "utf-8") {
        return unfit("the object is not in UTF-8".into());
    }
    if !matches!(header.found, HeaderFound::Record | HeaderFound::None) {
        return unfit("its header is not one record with a name for each column".into());
    }
    if dataset.skip_lines.is_some_and(|lines| lines > 0) {
        return unfit("it would take the lines before the header for records".into());
    }
    if dataset.dialect.trailing_delimiter == Some(true) {
        return unfit("it would read a field after the delimiter at the end of records".into());
    }
    if dialect.quote.is_none() {
        return unfit("it can't be told that the dialect has no quote".into());
    }
    if dialect.escape.is_some() {
        return unfit("it knows either doubled quotes or an escape, the dialect has both".into());
    }
    if dialect.trim {
        return unfit("it doesn't trim blanks around quotes".into());
    }
    if dialect.delimiter.is_ascii_control() && dialect.delimiter != b'\t' {
        return unfit(format!("the delimiter is byte 0x{:02x}, which its request can't hold", dialect.delimiter));
    }
    let mut format = SelectFormat::of(dataset, header.format);
    if !format.header && header.data_start > 0 {
        return unfit("without a header the byte-order mark would be part of the first value".into());
    }
    format.terminator = match dialect.terminator {
        Terminator::Auto if ends_with_crlf(prefix, header, format.header) => Terminator::Crlf,
        Terminator::Auto | Terminator::Lf => Terminator::Lf,
        Terminator::Any => return unfit("it knows one terminator, the dialect has two".into()),
        terminator => terminator,
    };
    if let Some(offset) = quoted_terminator(prefix, dialect, format.last_of_terminator()) {
        return unfit(format!("the record at byte {offset} has a line break in quotes, at which it would cut"));
    }
    Ok(format)
}

/// Tells whether the header, or without one the first line, ends with CR LF.
fn ends_with_crlf(prefix: &[u8], header: &Header, has_header: bool) -> bool {
    let data_start = usize::try_from(header.data_start).unwrap_or(usize::MAX);
    let line = if has_header { prefix.get(..data_start) } else { None };
    let line = line.or_else(|| memchr::memchr(b'\n', prefix).and_then(|at| prefix.get(..=at)));
    line.is_some_and(|line| line.ends_with(b"\r\n"))
}

/// Offset of the first record of the prefix with this byte inside a field.
fn quoted_terminator(prefix: &[u8], dialect: &Dialect, terminator: u8) -> Option<u64> {
    let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, MAX_SELECT_RECORD);
    scanner.push(prefix);
    while let Some(batch) = scanner.next_batch() {
        let broken = batch.records().find(|record| memchr::memchr(terminator, record.raw()).is_some());
        if let Some(record) = broken {
            return Some(record.offset());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(prefix: &[u8], edit: impl Fn(&mut Dataset)) -> Result<SelectFormat, String> {
        let mut dataset = Dataset::default();
        edit(&mut dataset);
        let line = prefix.iter().position(|byte| *byte == b'\n').unwrap_or(0) as u64 + 1;
        let none = dataset.header_match() == HeaderMatch::None;
        let format = dataset.format.unwrap_or_default();
        let found = if none { HeaderFound::None } else { HeaderFound::Record };
        let header = Header { format, found, names: Vec::new(), data_start: if none { 0 } else { line } };
        select_format(prefix, &header, &dataset).map_err(|error| error.to_string())
    }

    #[test]
    fn what_select_cannot_read_is_refused_with_the_reason() {
        let table: [(&str, &[u8], fn(&mut Dataset), &str); 12] = [
            ("break", b"a,b\n1,2\n1,\"x\ny\"\n", |_| (), "the record at byte 8 has a line break in quotes"),
            ("break in the header", b"a,\"b\n\"\n1,2\n", |_| (), "the record at byte 0 has a line break in quotes"),
            ("encoding", b"a\n", |d| d.encoding = Some("utf-16le".into()), "not in UTF-8"),
            ("lines before", b"a\n", |d| d.skip_lines = Some(1), "the lines before the header"),
            ("trailing", b"a,\n", |d| d.dialect.trailing_delimiter = Some(true), "after the delimiter at the end"),
            ("no quote", b"a\n", |d| d.dialect.quote = Some(None), "has no quote"),
            ("escape", b"a\n", |d| d.dialect.escape = Some(Some(b'\\')), "either doubled quotes or an escape"),
            ("two terminators", b"a\n", |d| d.dialect.terminator = Some(Terminator::Any), "one terminator"),
            ("control", b"a\n", |d| d.dialect.delimiter = Some(1), "byte 0x01"),
            ("gzip", b"\x1f\x8b\x08\0", |_| (), "the object is compressed by gzip"),
            ("JSON with a mark", b"{}\n", |d| d.format = Some(Format::JsonLines), "the byte-order mark"),
            ("with a way out", b"a\n", |d| d.dialect.delimiter = Some(1), "; use the reader range"),
        ];
        for (case, prefix, edit, text) in table {
            let error = format(prefix, edit).unwrap_err();
            assert!(error.contains(text), "{case}: {error}");
        }
    }

    #[test]
    fn terminators_are_those_of_the_first_line() {
        let terminator = |prefix: &[u8], none: bool, terminator: Terminator| {
            let edit = |dataset: &mut Dataset| {
                dataset.dialect.terminator = Some(terminator);
                if none {
                    dataset.header =
                        Some(crate::message::HeaderRule { expect: vec!["a".into()], matches: HeaderMatch::None });
                }
            };
            format(prefix, edit).unwrap().terminator
        };
        use Terminator::{Auto, Cr, Crlf, Lf};
        assert_eq!(terminator(b"a,b\r\n1,2\r\n", false, Auto), Crlf);
        assert_eq!(terminator(b"a,b\n1,2\n", false, Auto), Lf);
        assert_eq!(terminator(b"1,2\r\n1,2\r\n", true, Auto), Crlf);
        assert_eq!(terminator(b"1,2", true, Auto), Lf);
        assert_eq!(terminator(b"a\n", false, Lf), Lf);
        assert_eq!(terminator(b"a\n", false, Crlf), Crlf);
        assert_eq!(terminator(b"a\n", false, Cr), Cr);
    }

    #[test]
    fn wire_ranges_are_inclusive_and_begin_before_a_record() {
        let format = format(b"a\r\n", |_| ()).unwrap();
        assert_eq!(format.wire(10, 20, Some(b'\n')), (9, 19));
        assert_eq!(format.wire(10, 20, Some(b'\r')), (10, 19));
        assert_eq!(format.wire(8, 20, None), (0, 19));
    }
}
