use thiserror::Error;

use crate::message::{Dataset, HeaderMatch};
use crate::scan::{Scanner, Start};
use crate::{Code, Coded, Compression, Dialect, Format, Header, Terminator};

/// What is asked of S3 Select where the dataset has no expression.
pub const DEFAULT_EXPRESSION: &str = "SELECT * FROM S3Object";

/// Bytes of a record that S3 Select reads, at most (AWS: "Filtering and retrieving data using Amazon S3 Select").
const MAX_SELECT_RECORD: usize = 1 << 20;

/// How S3 Select is to read and write records. What comes back is in the same form. Of JSON lines only
/// the terminator counts, which is LF.
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
    /// What ends each record: LF, CR LF or CR.
    pub terminator: Terminator,
    /// Whether the object's first record is its header.
    pub header: bool,
}

/// In place of no comment: no text begins with it, and XML, in which the request is written, can have it.
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
    /// By AWS's own words a record counts whose first byte lies in the range, and in the same place
    /// only one that begins after `Start`. Where the byte before `start` ends a record, a record may
    /// begin at `start`: then `Start` is that byte, at which no record begins, so that both readings
    /// are the same. Elsewhere none begins at `start`, and both are the same as well. The first chunk
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
        let dialect = &dataset.dialect;
        SelectFormat {
            format,
            delimiter: dialect.delimiter,
            quote: dialect.quote.unwrap_or(b'"'),
            comment: dialect.comment.unwrap_or(NO_COMMENT),
            terminator: dialect.terminator,
            header: dataset.header.matches != HeaderMatch::None,
        }
    }
}

/// Why S3 Select can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SelectError {
    /// The object, the dialect or the store has what S3 Select doesn't know.
    #[error("reader select: {reason}; use the reader range")]
    Unfit {
        /// What.
        reason: String,
    },
    /// The expression can't be used for a run in chunks.
    #[error("expression: {reason}")]
    Expression {
        /// Why.
        reason: String,
    },
    /// There is an expression, and a reader that has no use for it.
    #[error("expression: only the reader select applies it, the job's reader is range")]
    Unused,
}

impl Coded for SelectError {
    fn code(&self) -> Code {
        Code::InvalidJob
    }
}

/// How S3 Select is to read an object that begins with `prefix`; refuses what it can't, as far as
/// the prefix shows it.
pub fn select_format(prefix: &[u8], header: &Header, dataset: &Dataset) -> Result<SelectFormat, SelectError> {
    let dialect = &dataset.dialect;
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
    if dialect.quote.is_none() {
        return unfit("it can't be told that the dialect has no quote".into());
    }
    if dialect.escape.is_some() {
        return unfit("it knows either doubled quotes or an escape, the dialect has both".into());
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

/// Whether the header, or without one the first line, ends with CR LF.
fn ends_with_crlf(prefix: &[u8], header: &Header, has_header: bool) -> bool {
    let data_start = usize::try_from(header.data_start).unwrap_or(usize::MAX);
    let line = if has_header { prefix.get(..data_start) } else { None };
    let line = line.or_else(|| memchr::memchr(b'\n', prefix).and_then(|at| prefix.get(..=at)));
    line.is_some_and(|line| line.ends_with(b"\r\n"))
}

/// Offset of the first record of the prefix with this byte inside a field.
fn quoted_terminator(prefix: &[u8], dialect: &Dialect, terminator: u8) -> Option<u64> {
    let mut scanner = Scanner::new(dialect, Start::Place, 0, u64::MAX, MAX_SELECT_RECORD);
    scanner.push(prefix);
    while let Ok(Some(batch)) = scanner.next_batch() {
        let broken = batch.records().find(|record| memchr::memchr(terminator, record.raw()).is_some());
        if let Some(record) = broken {
            return Some(record.offset());
        }
    }
    None
}

/// The columns that an expression returns of an object with these columns.
///
/// The expression is S3's to judge. What is looked at is its list of columns, for their names, and
/// what would be of each chunk alone: aggregates and `LIMIT` are refused. Of JSON lines each column
/// must have a name, as its values are found by it.
pub fn projected(expression: &str, header: &[String], format: Format) -> Result<Vec<String>, SelectError> {
    let refuse = |reason: String| Err(SelectError::Expression { reason });
    let tokens = tokens(expression)?;
    let is = |index: usize, word: &str| tokens.get(index).is_some_and(|token| token.eq_ignore_ascii_case(word));
    if !is(0, "select") {
        return refuse(format!("{expression:?} does not begin with SELECT"));
    }
    let mut depth = 0;
    let mut items: Vec<Vec<&str>> = vec![Vec::new()];
    let mut from = None;
    for (index, token) in tokens.iter().enumerate().skip(1) {
        match token.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," if depth == 0 => {
                items.push(Vec::new());
                continue;
            }
            word if depth == 0 && word.eq_ignore_ascii_case("from") => {
                from = Some(index);
                break;
            }
            _ => {}
        }
        if let Some(item) = items.last_mut() {
            item.push(token);
        }
    }
    let Some(from) = from else { return refuse(format!("{expression:?} has no FROM")) };
    if tokens[from..].iter().any(|token| token.eq_ignore_ascii_case("limit")) {
        return refuse("LIMIT would hold for each chunk alone".into());
    }
    let mut columns = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let call = item.windows(2).find(|pair| pair[1] == "(" && is_aggregate(pair[0]));
        if let Some(call) = call {
            return refuse(format!(
                "{} would hold for each chunk alone: select the columns, the outputs add up",
                call[0]
            ));
        }
        match item.as_slice() {
            [] => return refuse(format!("column {} has no expression", index + 1)),
            ["*"] | [_, ".", "*"] => columns.extend_from_slice(header),
            item => match name(item, header) {
                Some(name) => columns.push(name),
                None if format == Format::Csv => columns.push(format!("column_{}", index + 1)),
                None => return refuse(format!("column {} has no name: give it one with AS", index + 1)),
            },
        }
    }
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            return refuse(format!("it returns the column {column:?} twice: name one of them with AS"));
        }
    }
    Ok(columns)
}

fn is_aggregate(word: &str) -> bool {
    ["count", "sum", "avg", "min", "max"].iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// The name of a column of the result: what stands after AS, or the column that it is.
fn name(item: &[&str], header: &[String]) -> Option<String> {
    let plain = |word: &str| word.trim_matches('"').to_owned();
    match item {
        [.., word, alias] if word.eq_ignore_ascii_case("as") => Some(plain(alias)),
        [column] | [_, ".", column] => {
            let by_number = column.strip_prefix('_').and_then(|number| number.parse::<usize>().ok());
            let numbered = by_number.and_then(|number| header.get(number.checked_sub(1)?));
            // Names without quotes have no case.
            let named = || header.iter().find(|name| name.eq_ignore_ascii_case(column));
            Some(numbered.or_else(named).cloned().unwrap_or_else(|| plain(column)))
        }
        _ => None,
    }
}

/// Words, quoted names, texts and single characters of an expression.
fn tokens(expression: &str) -> Result<Vec<String>, SelectError> {
    let mut tokens = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => match rest[1..].find(first) {
                Some(at) => at + 2,
                None => {
                    let reason = format!("{expression:?} has a quote that never closes");
                    return Err(SelectError::Expression { reason });
                }
            },
            first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| name.to_string()).collect()
    }

    #[test]
    fn the_columns_of_an_expression() {
        let table: [(&str, Result<&[&str], &str>); 16] = [
            (DEFAULT_EXPRESSION, Ok(&["id", "Name", "pay"])),
            ("select s.* from S3Object s", Ok(&["id", "Name", "pay"])),
            ("SELECT id, s.name FROM S3Object s WHERE s.pay = 'a, b FROM c'", Ok(&["id", "Name"])),
            ("SELECT s.\"pay\", _1 FROM S3Object s", Ok(&["pay", "id"])),
            ("SELECT CAST(s.id AS INT) AS number, SUBSTRING(name, 1, 2) FROM S3Object s", Ok(&["number", "column_2"])),
            ("SELECT id AS \"from\" FROM S3Object", Ok(&["from"])),
            ("SELECT counts, s.max FROM S3Object s", Ok(&["counts", "max"])),
            ("SELECT _9 FROM S3Object", Ok(&["_9"])),
            ("DELETE FROM S3Object", Err("does not begin with SELECT")),
            ("SELECT id", Err("has no FROM")),
            ("SELECT FROM S3Object", Err("column 1 has no expression")),
            ("SELECT COUNT(*) FROM S3Object", Err("COUNT would hold for each chunk alone")),
            ("SELECT 1 + max (id) FROM S3Object", Err("max would hold for each chunk alone")),
            ("SELECT * FROM S3Object LIMIT 5", Err("LIMIT would hold for each chunk alone")),
            ("SELECT id, _1 FROM S3Object", Err("returns the column \"id\" twice")),
            ("SELECT 'x FROM S3Object", Err("a quote that never closes")),
        ];
        let header = header(&["id", "Name", "pay"]);
        for (expression, expected) in table {
            match (projected(expression, &header, Format::Csv), expected) {
                (Ok(columns), Ok(expected)) => assert_eq!(columns, expected, "{expression}"),
                (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{expression}: {error}"),
                (found, _) => panic!("{expression}: {found:?}"),
            }
        }
        let json = |expression| projected(expression, &header, Format::JsonLines);
        assert_eq!(json("SELECT s.id, s.a.b AS c FROM S3Object s").unwrap(), ["id", "c"]);
        let error = json("SELECT s.id, s.a.b FROM S3Object s").unwrap_err().to_string();
        assert_eq!(error, "expression: column 2 has no name: give it one with AS");
    }

    fn format(prefix: &[u8], edit: impl Fn(&mut Dataset)) -> Result<SelectFormat, String> {
        let mut dataset = Dataset::default();
        edit(&mut dataset);
        let line = prefix.iter().position(|byte| *byte == b'\n').unwrap_or(0) as u64 + 1;
        let none = dataset.header.matches == HeaderMatch::None;
        let format = dataset.format.unwrap_or_default();
        let header = Header { format, names: Vec::new(), data_start: if none { 0 } else { line } };
        select_format(prefix, &header, &dataset).map_err(|error| error.to_string())
    }

    #[test]
    fn what_select_cannot_read_is_refused_with_the_reason() {
        let table: [(&str, &[u8], fn(&mut Dataset), &str); 9] = [
            ("break", b"a,b\n1,2\n1,\"x\ny\"\n", |_| (), "the record at byte 8 has a line break in quotes"),
            ("break in the header", b"a,\"b\n\"\n1,2\n", |_| (), "the record at byte 0 has a line break in quotes"),
            ("no quote", b"a\n", |d| d.dialect.quote = None, "has no quote"),
            ("escape", b"a\n", |d| d.dialect.escape = Some(b'\\'), "either doubled quotes or an escape"),
            ("two terminators", b"a\n", |d| d.dialect.terminator = Terminator::Any, "one terminator"),
            ("control", b"a\n", |d| d.dialect.delimiter = 1, "byte 0x01"),
            ("gzip", b"\x1f\x8b\x08\0", |_| (), "the object is compressed by gzip"),
            ("JSON with a mark", b"{}\n", |d| d.format = Some(Format::JsonLines), "the byte-order mark"),
            ("with a way out", b"a\n", |d| d.dialect.delimiter = 1, "; use the reader range"),
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
                dataset.dialect.terminator = terminator;
                if none {
                    dataset.header =
                        crate::message::HeaderRule { expect: vec!["a".into()], matches: HeaderMatch::None };
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
