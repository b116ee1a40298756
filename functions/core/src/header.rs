use std::collections::HashSet;

use thiserror::Error;

use crate::message::{HeaderMatch, HeaderRule};
use crate::scan::{ScanError, Scanner, Start};
use crate::{Code, Coded, Dialect, EncodingError, Terminator, byte_order_mark};

/// The header of an object, and where its data begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Column names in the order of the object, each one unique.
    pub names: Vec<String>,
    /// Offset of the first byte after the byte-order mark and the header record, in bytes.
    pub data_start: u64,
}

/// Why an object's header can't be used.
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
    /// The object isn't UTF-8 text.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A name isn't UTF-8.
    #[error("header: the name of column {column} isn't valid UTF-8")]
    NotUtf8 {
        /// Number of the column, the first being 1.
        column: usize,
    },
    /// The object ends its records with CR, which the dialect doesn't.
    #[error(
        "header: the name of column {column} has a lone CR in it; if the object's records end with CR, set the dialect's terminator to \"cr\" or \"any\""
    )]
    LoneCr {
        /// Number of the column, the first being 1.
        column: usize,
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
            HeaderError::Encoding(_) | HeaderError::NotUtf8 { .. } => Code::UnsupportedEncoding,
            HeaderError::LoneCr { .. } | HeaderError::Mismatch { .. } => Code::HeaderMismatch,
        }
    }
}

fn mismatch(missing: &[String], unexpected: &[String], out_of_order: &[(String, usize, usize)]) -> String {
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("missing: {}", missing.join(", ")));
    }
    if !unexpected.is_empty() {
        parts.push(format!("unexpected: {}", unexpected.join(", ")));
    }
    if !out_of_order.is_empty() {
        let each = out_of_order
            .iter()
            .map(|(name, expected, found)| format!("{name} (expected as column {expected}, found as column {found})"));
        parts.push(format!("out of order: {}", each.collect::<Vec<_>>().join(", ")));
    }
    parts.join("; ")
}

/// Reads and validates the header in `prefix`, the first bytes of an object of `size` bytes.
///
/// `None` asks for a longer prefix; with the whole object as prefix it never does.
pub fn read_header(
    prefix: &[u8],
    size: u64,
    dialect: &Dialect,
    rule: &HeaderRule,
    max_record: usize,
) -> Result<Option<Header>, HeaderError> {
    let whole = prefix.len() as u64 >= size;
    if prefix.len() < 4 && !whole {
        return Ok(None);
    }
    let mark = byte_order_mark(prefix)?;
    if rule.matches == HeaderMatch::None {
        return Ok(Some(Header { names: rule.expect.clone(), data_start: mark as u64 }));
    }
    // Names of columns don't begin like this; read as CSV, every line would be a record of its own width.
    if prefix[mark..].starts_with(b"{\"") {
        return Err(EncodingError { found: "a JSON object" }.into());
    }
    let mut scanner = Scanner::new(dialect, Start::Place, mark as u64, u64::MAX, max_record);
    scanner.push(&prefix[mark..]);
    if whole {
        scanner.finish();
    }
    let Some(batch) = scanner.next_batch()? else {
        return if whole { Err(HeaderError::Missing { size }) } else { Ok(None) };
    };
    let record = batch.record(0);
    let mut found = Vec::with_capacity(record.len());
    for (index, field) in record.fields().enumerate() {
        // Read on, the whole object would be its header, and the run would succeed with no record.
        if dialect.terminator == Terminator::Auto && !field.is_quoted() && field.raw().contains(&b'\r') {
            return Err(HeaderError::LoneCr { column: index + 1 });
        }
        let name = String::from_utf8(field.value().into_owned());
        found.push(name.map_err(|_| HeaderError::NotUtf8 { column: index + 1 })?);
    }
    validate(&found, rule)?;
    Ok(Some(Header { names: unique(found), data_start: record.next() }))
}

/// Compares the names found with those expected.
fn validate(found: &[String], rule: &HeaderRule) -> Result<(), HeaderError> {
    if rule.expect.is_empty() {
        return Ok(());
    }
    let not_in = |names: &[String], others: &[String]| -> Vec<String> {
        let others: HashSet<&str> = others.iter().map(String::as_str).collect();
        names.iter().filter(|name| !others.contains(name.as_str())).cloned().collect()
    };
    let missing = not_in(&rule.expect, found);
    let mut unexpected = not_in(found, &rule.expect);
    let mut out_of_order = Vec::new();
    match rule.matches {
        HeaderMatch::Superset => unexpected.clear(),
        HeaderMatch::Exact if missing.is_empty() && unexpected.is_empty() => {
            for (expected, name) in rule.expect.iter().enumerate() {
                let at = found.iter().position(|other| other == name).unwrap_or(expected);
                if at != expected {
                    out_of_order.push((name.clone(), expected + 1, at + 1));
                }
            }
        }
        HeaderMatch::Exact | HeaderMatch::AnyOrder | HeaderMatch::None => {}
    }
    // A name twice in the object, once in the dataset.
    if rule.matches != HeaderMatch::Superset && missing.is_empty() && unexpected.is_empty() {
        let mut seen = HashSet::new();
        let twice = found.iter().filter(|name| !seen.insert(name.as_str()));
        unexpected.extend(twice.map(|name| format!("{name} (a second time)")));
    }
    if missing.is_empty() && unexpected.is_empty() && out_of_order.is_empty() {
        return Ok(());
    }
    Err(HeaderError::Mismatch { missing, unexpected, out_of_order })
}

/// Names that can be keys: an empty one becomes `column_<number>`, a repeated one gets `_<number>`.
fn unique(names: Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let mut seen = HashSet::new();
    names
        .into_iter()
        .enumerate()
        .map(|(index, name)| {
            if !name.is_empty() && seen.insert(name.clone()) {
                return name;
            }
            let stem = if name.is_empty() { "column".to_owned() } else { name };
            let mut number = index + 1;
            while taken.contains(&format!("{stem}_{number}")) {
                number += 1;
            }
            let name = format!("{stem}_{number}");
            taken.insert(name.clone());
            name
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(matches: HeaderMatch, expect: &[&str]) -> HeaderRule {
        HeaderRule { expect: expect.iter().map(|name| name.to_string()).collect(), matches }
    }

    fn read(bytes: &[u8], rule: &HeaderRule) -> Result<Option<Header>, HeaderError> {
        read_header(bytes, bytes.len() as u64, &Dialect::default(), rule, 1024)
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
    fn a_cut_prefix_asks_for_more() {
        let bytes = b"\xef\xbb\xbf\"i\r\nd\",name\r\n1,a\r\n";
        for cut in 0..16 {
            let read = read_header(&bytes[..cut], 100, &Dialect::default(), &HeaderRule::default(), 1024);
            assert_eq!(read, Ok(None), "{cut} bytes");
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
        let table: [(&str, &[u8], Code); 7] = [
            ("ends with CR", b"id,name\r1,a\r2,b\r", Code::HeaderMismatch),
            ("only a mark", b"\xef\xbb\xbf", Code::EmptyObject),
            ("blank lines", b"\n\n\n\n\n", Code::EmptyObject),
            ("UTF-16", b"\xff\xfei\0d\0", Code::UnsupportedEncoding),
            ("JSON lines", b"{\"id\":1}\n{\"id\":2}\n", Code::UnsupportedEncoding),
            ("not UTF-8", b"id,n\xffme\n", Code::UnsupportedEncoding),
            ("open quote", b"id,\"name\n1,2\n", Code::UnterminatedQuote),
        ];
        for (case, bytes, code) in table {
            assert_eq!(read(bytes, &HeaderRule::default()).unwrap_err().code(), code, "{case}");
        }
        let long = [b'x'; 3000];
        let error = read_header(&long, 9000, &Dialect::default(), &HeaderRule::default(), 1024).unwrap_err();
        assert_eq!(error.code(), Code::RecordTooLarge);
    }
}
