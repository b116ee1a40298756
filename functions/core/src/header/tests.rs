//! Tests of headers: names, layouts, and refusals.

use super::*;
use crate::message::{HeaderMatch, HeaderRule};
use crate::resolve;

/// A dataset that leaves nothing of the layout to detection.
fn said(matches: HeaderMatch, expect: &[&str]) -> Dataset {
    let mut dataset: Dataset = serde_json::from_str(
        r#"{"encoding": "utf-8", "format": "csv", "skip_lines": 0, "max_record": 1024,
            "dialect": {"delimiter": ",", "quote": "\"", "escape": null, "comment": null, "terminator": "auto",
                        "trailing_delimiter": false}}"#,
    )
    .unwrap();
    dataset.header = Some(HeaderRule { expect: expect.iter().map(|name| name.to_string()).collect(), matches });
    dataset
}

fn read_first(bytes: &[u8], size: u64, dataset: &Dataset) -> Result<Option<Header>, HeaderError> {
    let samples = Samples { first: bytes, whole: bytes.len() as u64 >= size, windows: &[] };
    Ok(resolve(&samples, size, dataset)?.map(|resolved| resolved.header))
}

fn read_all(bytes: &[u8], dataset: &Dataset) -> Result<Header, HeaderError> {
    Ok(read_first(bytes, bytes.len() as u64, dataset)?.unwrap())
}

#[test]
fn names_and_data_start() {
    let table: [(&str, &[u8], &[&str], u64); 9] = [
        ("LF", b"id,name\n1,a\n", &["id", "name"], 8),
        ("CRLF", b"id,name\r\n1,a\r\n", &["id", "name"], 9),
        ("no terminator, no data", b"id,name", &["id", "name"], 7),
        ("mark", b"\xef\xbb\xbfid,name\n", &["id", "name"], 11),
        ("mark before a quote", b"\xef\xbb\xbf\"id\",name\n", &["id", "name"], 13),
        ("quoted line break", b"\"i\nd\",\"na\"\"me\"\n", &["i\nd", "na\"me"], 15),
        ("blank lines first", b"\n\r\nid,n\n", &["id", "n"], 8),
        ("empty and repeated names", b"a,,a,a_3\n", &["a", "column_2", "a_4", "a_3"], 9),
        ("blanks around names", b"a, b ,\" c \"\n", &["a", "b", " c "], 12),
    ];
    for (case, bytes, names, data_start) in table {
        let header = read_all(bytes, &said(HeaderMatch::Exact, &[])).unwrap();
        assert_eq!(
            (header.names.iter().map(String::as_str).collect::<Vec<_>>(), header.data_start),
            (names.to_vec(), data_start),
            "{case}"
        );
    }
}

#[test]
fn headers_of_other_layouts() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let table: [(&str, Vec<u8>, &[&str], u64); 9] = [
        ("an empty name too many", b"a,,b\n1,2\n3,4\n5,6\n".to_vec(), &["a", "b"], 5),
        ("malformed", b"a,\"b,\"c\"\n1,2,\"x\"\n3,4,\"y\"\n5,6,\"z\"\n7,8,\"z\"\n".to_vec(), &["a", "\"b", "c"], 9),
        (
            "joined",
            b",2019,,2020,\ncountry,a,b,a,b\nDE,1,2,3,4\nFR,5,6,7,8\n".to_vec(),
            &["country", "2019 a", "2019 b", "2020 a", "2020 b"],
            29,
        ),
        ("short", b"\"mpg\",\"cyl\"\n\"Mazda\",21.0,6\n\"Datsun\",22.8,4\n".to_vec(), &["column_1", "mpg", "cyl"], 12),
        ("none", b"1,x\n2,y\n3,z\n".to_vec(), &["column_1", "column_2"], 0),
        ("a delimiter at the end", b"a;b;\n1;2;\n3;4;\n".to_vec(), &["a", "b"], 5),
        ("sep=", b"sep=;\r\na;b\r\n1;2\r\n3;4\r\n".to_vec(), &["a", "b"], 12),
        ("UTF-16", utf16("\u{feff}t\u{f6}wn,\u{1f600}\r\nx,1\r\ny,2\r\n"), &["t\u{f6}wn", "\u{1f600}"], 20),
        ("Windows-1252", b"t\xf6wn;euro\nM\xe1laga;\x805\nK\xf6ln;\x807\n".to_vec(), &["t\u{f6}wn", "euro"], 10),
    ];
    for (case, bytes, names, data_start) in table {
        let header = read_all(&bytes, &Dataset::default()).unwrap();
        assert_eq!(
            (&header.names[..], header.data_start),
            (&names.iter().map(|name| name.to_string()).collect::<Vec<_>>()[..], data_start),
            "{case}"
        );
    }
}

#[test]
fn json_lines_have_the_expected_names_or_those_of_their_keys() {
    let text = b"\xef\xbb\xbf{\"id\": 1, \"n\\u0061me\": \"x\"}\r\n\r\n{\"name\": 2, \"id\"\n{\"more\": {\"id\": 1}}\n";
    let declared = |json: &str| serde_json::from_str::<Dataset>(json).unwrap();
    let table: [(&str, &str, &[&str]); 4] = [
        ("nothing known", "{}", &["id", "name", "more"]),
        ("expected", r#"{"header": {"expect": ["name", "x"]}}"#, &["name", "x"]),
        ("declared besides", r#"{"columns": {"x": "int64", "id": "int64"}}"#, &["id", "name", "more", "x"]),
        ("by name", r#"{"format": "json_lines", "header": {"match": "superset"}}"#, &["id", "name", "more"]),
    ];
    for (case, dataset, names) in table {
        let header = read_all(text, &declared(dataset)).unwrap();
        assert_eq!((header.format, header.data_start), (Format::JsonLines, 3), "{case}");
        assert_eq!(header.names, names, "{case}");
    }
    let other = declared(r#"{"header": {"expect": ["a", "b"]}}"#);
    let error = read_all(text, &other).unwrap_err().to_string();
    assert_eq!(error, "header does not match: missing: a, b; unexpected: id, name, more");
}

#[test]
fn a_header_that_is_cut_asks_for_more() {
    let bytes = b"\xef\xbb\xbf\"i\r\nd\",name\r\n1,a\r\n";
    for cut in 4..16 {
        let read = read_first(&bytes[..cut], 100, &said(HeaderMatch::Exact, &[]));
        assert_eq!(read, Ok(None), "{cut} bytes");
    }
}

#[test]
fn validation() {
    use HeaderMatch::{AnyOrder, Exact, None, Superset};
    let file = b"id,name,age\n1,a,2\n";
    let table: [(&str, Dataset, Option<&str>); 10] = [
        ("exact", said(Exact, &["id", "name", "age"]), Option::None),
        ("exact, missing", said(Exact, &["id", "name", "age", "x"]), Some("header does not match: missing: x")),
        (
            "exact, both",
            said(Exact, &["id", "names", "age"]),
            Some("header does not match: missing: names; unexpected: name"),
        ),
        (
            "exact, order",
            said(Exact, &["name", "id", "age"]),
            Some(
                "header does not match: out of order: name (expected as column 1, found as column 2), \
                 id (expected as column 2, found as column 1)",
            ),
        ),
        ("any order", said(AnyOrder, &["age", "id", "name"]), Option::None),
        ("any order, more", said(AnyOrder, &["age", "id"]), Some("header does not match: unexpected: name")),
        ("superset", said(Superset, &["age", "id"]), Option::None),
        ("superset, missing", said(Superset, &["age", "x"]), Some("header does not match: missing: x")),
        ("nothing expected", said(Exact, &[]), Option::None),
        ("none", said(None, &["a", "b", "c"]), Option::None),
    ];
    for (case, dataset, error) in table {
        let text = read_all(file, &dataset).err().map(|error| error.to_string());
        assert_eq!(text.as_deref(), error, "{case}");
    }
    let twice = read_all(b"id,id\n1,2\n", &said(Exact, &["id"])).unwrap_err();
    assert_eq!(twice.to_string(), "header does not match: unexpected: id (a second time)");
    assert_eq!(read_all(file, &said(None, &["a"])).unwrap().data_start, 0);
    assert_eq!(read_all(file, &said(None, &[])).unwrap().names, ["column_1", "column_2", "column_3"]);
}

#[test]
fn unreadable_headers_have_codes() {
    let table: [(&str, &[u8], Code); 8] = [
        ("only a mark", b"\xef\xbb\xbf", Code::EmptyObject),
        ("blank lines", b"\n\n\n\n\n", Code::EmptyObject),
        ("UTF-32", b"\xff\xfe\0\0i\0\0\0", Code::UnsupportedEncoding),
        ("JSON array", b" [{\"id\":1},\n{\"id\":2}]\n", Code::UnsupportedEncoding),
        ("JSON over several lines", b"{\n\"id\": 1\n}\n", Code::HeaderMismatch),
        ("JSON without a key", b"{}\n{}\n", Code::HeaderMismatch),
        ("NUL", b"id,n\0me\n1,2\n", Code::UnsupportedEncoding),
        ("two-byte delimiter", b"id::name\n1::a\n2::b\n3::c\n", Code::HeaderMismatch),
    ];
    for (case, bytes, code) in table {
        assert_eq!(read_all(bytes, &Dataset::default()).unwrap_err().code(), code, "{case}");
    }
    let table: [(&str, &[u8], Code); 3] = [
        ("ends with CR", b"id,name\r1,a\r2,b\r", Code::HeaderMismatch),
        ("not UTF-8", b"id,n\xffme\n1,2\n", Code::UnsupportedEncoding),
        ("open quote", b"id,\"name\n1,2\n", Code::UnterminatedQuote),
    ];
    for (case, bytes, code) in table {
        assert_eq!(read_all(bytes, &said(HeaderMatch::Exact, &[])).unwrap_err().code(), code, "{case}");
    }
    let mut below = said(HeaderMatch::Exact, &[]);
    below.skip_lines = Some(2);
    let table: [(&str, Vec<u8>); 2] = [
        ("UTF-8", b"a title\n\nid,\"name\n1,2\n".to_vec()),
        ("UTF-16", "a title\n\nid,\"name\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    for (case, bytes) in table {
        below.encoding = Some(if case == "UTF-8" { "utf-8" } else { "utf-16le" }.to_owned());
        let at = bytes.iter().position(|byte| *byte == b'i').unwrap();
        let at = bytes[at + 1..].iter().position(|byte| *byte == b'i').unwrap() + at + 1;
        let told = read_all(&bytes, &below).unwrap_err().to_string();
        assert!(told.starts_with(&format!("header: record at byte {at}, line 3: expected")), "{case}: {told}");
    }
    let error = read_first(&[b'x'; 3000], 9000, &said(HeaderMatch::Exact, &[])).unwrap_err();
    assert_eq!(error.code(), Code::RecordTooLarge);
}
