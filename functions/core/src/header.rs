//! The header of an object: its column names and the start of its data.

use std::borrow::Cow;

use thiserror::Error;

use crate::message::{Dataset, HeaderMatch};
use crate::scan::{ScanError, Scanner, Start};
use crate::text::{first_line, magic_may_follow};
use crate::{Code, Coded, Dialect, Encoding, EncodingError, Format, SharedByteError, Terminator, byte_order_mark};

mod keys;
mod names;

use keys::keys;
use names::{mismatch, unique, validate};

/// The header of an object, and where its data begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The format of the object's text.
    pub format: Format,
    /// Column names in the order of the object, each one unique.
    pub names: Vec<String>,
    /// Offset of the first byte after the byte-order mark and the header record, in bytes.
    pub data_start: u64,
}

/// The reason why an object's header can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// No record in the whole object.
    #[error("no header record in the {size} bytes of the object")]
    Missing {
        /// Size of the object in bytes.
        size: u64,
    },
    /// The header can't be read as a record.
    #[error("header: {0}")]
    Scan(#[from] ScanError),
    /// The object isn't text in its encoding.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A byte of the dialect can't be told from parts of other characters.
    #[error(transparent)]
    SharedByte(#[from] SharedByteError),
    /// A name has bytes that the encoding doesn't allow.
    #[error("header: the name of column {column} isn't valid {encoding}")]
    NotValid {
        /// Number of the column, the first being 1.
        column: usize,
        /// The encoding.
        encoding: Encoding,
    },
    /// The object ends its records with CR, which the dialect doesn't.
    #[error(
        "header: the name of column {column} has a lone CR in it; if the object's records end with CR, set the dialect's terminator to \"cr\" or \"any\""
    )]
    LoneCr {
        /// Number of the column, the first being 1.
        column: usize,
    },
    /// No line that could be looked at is an object, or none has a key.
    #[error("none of the first {lines} lines is a JSON object with a key: JSON lines have one object on each line")]
    NotJsonLines {
        /// Lines looked at.
        lines: u64,
    },
    /// The names aren't those that the dataset expects.
    #[error("header does not match: {}", mismatch(.missing, .unexpected, .out_of_order))]
    Mismatch {
        /// Expected names that aren't there.
        missing: Vec<String>,
        /// Names that nobody expects.
        unexpected: Vec<String>,
        /// Expected names at another place: name, expected column, found column, the first being 1.
        out_of_order: Vec<(String, usize, usize)>,
    },
}

impl Coded for HeaderError {
    fn code(&self) -> Code {
        match self {
            HeaderError::Missing { .. } => Code::EmptyObject,
            HeaderError::Scan(error) => error.code(),
            HeaderError::Encoding(_) | HeaderError::SharedByte(_) | HeaderError::NotValid { .. } => {
                Code::UnsupportedEncoding
            }
            HeaderError::LoneCr { .. } | HeaderError::NotJsonLines { .. } | HeaderError::Mismatch { .. } => {
                Code::HeaderMismatch
            }
        }
    }
}

/// Reads and validates the header in `prefix`, the first bytes of a text of `size` bytes.
///
/// JSON lines have no header record: their columns are the names that the dataset expects; where it
/// expects none, the keys of the objects in the first 64 KiB, in the order in which they come, and
/// the declared columns that aren't among them.
///
/// The text is in `encoding`, and the names are decoded. Offsets are bytes of the text as it stands.
///
/// `None` asks for a longer prefix; with the whole text as prefix it never does.
///
/// # Errors
///
/// [`HeaderError`] if the header is missing, cannot be read, or does not match the dataset.
///
/// ```
/// use fanout_core::{Encoding, message::Dataset, read_header};
///
/// let text = b"id,name\n1,a\n";
/// let header = read_header(text, text.len() as u64, &Dataset::default(), Encoding::UTF_8).unwrap().unwrap();
/// assert_eq!(header.names, ["id", "name"]);
/// assert_eq!(header.data_start, 8);
/// ```
pub fn read_header(
    prefix: &[u8],
    size: u64,
    dataset: &Dataset,
    encoding: Encoding,
) -> Result<Option<Header>, HeaderError> {
    let whole = prefix.len() as u64 >= size;
    if (prefix.len() < 4 || magic_may_follow(prefix)) && !whole {
        return Ok(None);
    }
    let mark = byte_order_mark(prefix, encoding)?;
    let text = encoding.scanned(&prefix[mark..], whole);
    let text = Text { scanned: &text, offset: mark as u64, whole, encoding };
    let format = format(text.scanned, dataset);
    // `[id],[name]` is a header of CSV.
    let line = first_line(text.scanned);
    let array = line.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    // What comes next decides.
    if !whole && (line.is_empty() || array.is_some_and(<[u8]>::is_empty)) {
        return Ok(None);
    }
    if array.is_some_and(|rest| format == Format::JsonLines || rest.starts_with(b"{")) {
        return Err(EncodingError::Kind { found: "a JSON array" }.into());
    }
    let header = match format {
        Format::JsonLines => keys(&text, dataset)?,
        Format::Csv if dataset.header.matches == HeaderMatch::None => {
            Some((dataset.header.expect.clone(), mark as u64))
        }
        Format::Csv => record(&text, dataset)?,
    };
    match header {
        Some((names, data_start)) => Ok(Some(Header { format, names, data_start })),
        None if whole => Err(HeaderError::Missing { size }),
        None => Ok(None),
    }
}

/// The first bytes of a text, as they are scanned.
struct Text<'a> {
    scanned: &'a [u8],
    /// Offset in the object of the first byte.
    offset: u64,
    /// Tells whether nothing follows.
    whole: bool,
    encoding: Encoding,
}

impl Text<'_> {
    /// A scanner of the first `bytes` bytes.
    fn scanner(&self, dialect: &Dialect, bytes: usize, max_record: usize) -> Scanner {
        let mut scanner = Scanner::new(dialect, Start::Boundary, self.offset, u64::MAX, max_record);
        scanner.push(&self.scanned[..bytes]);
        if self.whole && bytes == self.scanned.len() {
            scanner.finish();
        }
        scanner
    }
}

/// The dataset's format, else what the text looks like.
fn format(text: &[u8], dataset: &Dataset) -> Format {
    dataset.format.unwrap_or_else(|| {
        // Who says this speaks of CSV.
        let csv = dataset.dialect != Dialect::default() || dataset.header.matches == HeaderMatch::None;
        if csv { Format::Csv } else { Format::of(text) }
    })
}

/// The names in the first record of `text`, and where the next one begins; `None` where there is no
/// record in it.
fn record(text: &Text<'_>, dataset: &Dataset) -> Result<Option<(Vec<String>, u64)>, HeaderError> {
    let Dataset { dialect, header: rule, .. } = dataset;
    let encoding = text.encoding;
    encoding.check_dialect(dialect)?;
    let mut scanner = text.scanner(dialect, text.scanned.len(), dataset.max_record());
    let Some(batch) = scanner.next_batch()? else { return Ok(None) };
    let record = batch.record(0);
    let mut found = Vec::with_capacity(record.len());
    for (index, field) in record.fields().enumerate() {
        // Read on, the whole object would be its header, and the run would succeed with no record.
        if dialect.terminator == Terminator::Auto && !field.is_quoted() && field.raw().contains(&b'\r') {
            return Err(HeaderError::LoneCr { column: index + 1 });
        }
        let name = encoding.decode(&field.value()).map(Cow::into_owned);
        found.push(name.ok_or(HeaderError::NotValid { column: index + 1, encoding })?);
    }
    validate(&found, rule)?;
    Ok(Some((unique(found), record.next())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::HeaderRule;

    fn rule(matches: HeaderMatch, expect: &[&str]) -> HeaderRule {
        HeaderRule { expect: expect.iter().map(|name| name.to_string()).collect(), matches }
    }

    fn with(rule: &HeaderRule) -> Dataset {
        Dataset { header: rule.clone(), max_record: Some(1024), ..Dataset::default() }
    }

    fn read(bytes: &[u8], rule: &HeaderRule) -> Result<Option<Header>, HeaderError> {
        read_header(bytes, bytes.len() as u64, &with(rule), Encoding::UTF_8)
    }

    #[test]
    fn names_and_data_start() {
        let table: [(&str, &[u8], &[&str], u64); 8] = [
            ("LF", b"id,name\n1,a\n", &["id", "name"], 8),
            ("CRLF", b"id,name\r\n1,a\r\n", &["id", "name"], 9),
            ("no terminator, no data", b"id,name", &["id", "name"], 7),
            ("mark", b"\xef\xbb\xbfid,name\n", &["id", "name"], 11),
            ("mark before a quote", b"\xef\xbb\xbf\"id\",name\n", &["id", "name"], 13),
            ("quoted line break", b"\"i\nd\",\"na\"\"me\"\n", &["i\nd", "na\"me"], 15),
            ("blank lines first", b"\n\r\nid\n", &["id"], 6),
            ("empty and repeated names", b"a,,a,a_3\n", &["a", "column_2", "a_4", "a_3"], 9),
        ];
        for (case, bytes, names, data_start) in table {
            let header = read(bytes, &HeaderRule::default()).unwrap().unwrap();
            assert_eq!(header.names, names, "{case}");
            assert_eq!(header.data_start, data_start, "{case}");
        }
    }

    #[test]
    fn json_lines_have_the_expected_names_or_those_of_their_keys() {
        let text =
            b"\xef\xbb\xbf{\"id\": 1, \"n\\u0061me\": \"x\"}\r\n\r\n{\"name\": 2, \"id\"\n{\"more\": {\"id\": 1}}\n";
        let declared = |json: &str| serde_json::from_str::<Dataset>(json).unwrap();
        let table: [(&str, &str, &[&str]); 4] = [
            ("nothing known", "{}", &["id", "name", "more"]),
            ("expected", r#"{"header": {"expect": ["name", "x"]}}"#, &["name", "x"]),
            ("declared besides", r#"{"columns": {"x": "int64", "id": "int64"}}"#, &["id", "name", "more", "x"]),
            ("by name", r#"{"format": "json_lines", "header": {"match": "superset"}}"#, &["id", "name", "more"]),
        ];
        for (case, dataset, names) in table {
            let header = read_header(text, text.len() as u64, &declared(dataset), Encoding::UTF_8).unwrap().unwrap();
            assert_eq!((header.format, header.data_start), (Format::JsonLines, 3), "{case}");
            assert_eq!(header.names, names, "{case}");
        }
        let other = declared(r#"{"header": {"expect": ["a", "b"]}}"#);
        let error = read_header(text, text.len() as u64, &other, Encoding::UTF_8).unwrap_err().to_string();
        assert_eq!(error, "header does not match: missing: a, b; unexpected: id, name, more");
        let csv = declared(r#"{"format": "csv"}"#);
        assert_eq!(read_header(text, text.len() as u64, &csv, Encoding::UTF_8).unwrap().unwrap().format, Format::Csv);
    }

    #[test]
    fn a_cut_prefix_asks_for_more() {
        let bytes = b"\xef\xbb\xbf\"i\r\nd\",name\r\n1,a\r\n";
        for cut in 0..16 {
            let read = read_header(&bytes[..cut], 100, &with(&HeaderRule::default()), Encoding::UTF_8);
            assert_eq!(read, Ok(None), "{cut} bytes");
        }
    }

    #[test]
    fn a_prefix_that_may_begin_an_array_asks_for_more() {
        let text = b"\t\t\t\t[ \n\t{}\n]";
        for rule in [rule(HeaderMatch::None, &["a"]), HeaderRule::default()] {
            for cut in 4..=text.len() {
                let read = read_header(&text[..cut], text.len() as u64, &with(&rule), Encoding::UTF_8);
                let found = read.map_err(|error| error.code());
                assert_eq!(found, if cut < 9 { Ok(None) } else { Err(Code::UnsupportedEncoding) }, "{cut} bytes");
            }
        }
    }

    #[test]
    fn validation() {
        use HeaderMatch::{AnyOrder, Exact, None, Superset};
        let file = b"id,name,age\n1,a,2\n";
        let table: [(&str, HeaderRule, Option<&str>); 10] = [
            ("exact", rule(Exact, &["id", "name", "age"]), Option::None),
            ("exact, missing", rule(Exact, &["id", "name", "age", "x"]), Some("header does not match: missing: x")),
            (
                "exact, both",
                rule(Exact, &["id", "names", "age"]),
                Some("header does not match: missing: names; unexpected: name"),
            ),
            (
                "exact, order",
                rule(Exact, &["name", "id", "age"]),
                Some(
                    "header does not match: out of order: name (expected as column 1, found as column 2), \
                     id (expected as column 2, found as column 1)",
                ),
            ),
            ("any order", rule(AnyOrder, &["age", "id", "name"]), Option::None),
            ("any order, more", rule(AnyOrder, &["age", "id"]), Some("header does not match: unexpected: name")),
            ("superset", rule(Superset, &["age", "id"]), Option::None),
            ("superset, missing", rule(Superset, &["age", "x"]), Some("header does not match: missing: x")),
            ("nothing expected", rule(Exact, &[]), Option::None),
            ("none", rule(None, &["a", "b", "c"]), Option::None),
        ];
        for (case, rule, error) in table {
            let text = read(file, &rule).err().map(|error| error.to_string());
            assert_eq!(text.as_deref(), error, "{case}");
        }
        let twice = read(b"id,id\n", &rule(Exact, &["id"])).unwrap_err();
        assert_eq!(twice.to_string(), "header does not match: unexpected: id (a second time)");
        assert_eq!(read(file, &rule(None, &["a"])).unwrap().unwrap().data_start, 0);
    }

    #[test]
    fn unreadable_headers_have_codes() {
        let table: [(&str, &[u8], Code); 9] = [
            ("ends with CR", b"id,name\r1,a\r2,b\r", Code::HeaderMismatch),
            ("only a mark", b"\xef\xbb\xbf", Code::EmptyObject),
            ("blank lines", b"\n\n\n\n\n", Code::EmptyObject),
            ("UTF-16", b"\xff\xfei\0d\0", Code::UnsupportedEncoding),
            ("JSON array", b" [{\"id\":1},\n{\"id\":2}]\n", Code::UnsupportedEncoding),
            ("JSON over several lines", b"{\n\"id\": 1\n}\n", Code::HeaderMismatch),
            ("JSON without a key", b"{}\n{}\n", Code::HeaderMismatch),
            ("not UTF-8", b"id,n\xffme\n", Code::UnsupportedEncoding),
            ("open quote", b"id,\"name\n1,2\n", Code::UnterminatedQuote),
        ];
        for (case, bytes, code) in table {
            assert_eq!(read(bytes, &HeaderRule::default()).unwrap_err().code(), code, "{case}");
        }
        let long = [b'x'; 3000];
        let error = read_header(&long, 9000, &with(&HeaderRule::default()), Encoding::UTF_8).unwrap_err();
        assert_eq!(error.code(), Code::RecordTooLarge);
    }
}
