//! Detection beside what a dataset says.

use fanout_core::{DetectError, Given, GivenHeader, HeaderFound, LabelError, Samples, Terminator, Window, detect};

use super::summary;

fn with(text: &str, given: &Given<'_>) -> String {
    summary(&detect(&Samples { first: text.as_bytes(), whole: true, windows: &[] }, given))
}

#[test]
fn a_dataset_is_never_overruled() {
    let text = "a;b,c\n1;2,3\n4;5,6\n";
    let none = Given::default;
    let table: [(&str, &str, Given<'_>, &str); 14] = [
        ("delimiter", text, Given { delimiter: Some(b','), ..none() }, ", 2"),
        ("delimiter that is nowhere", text, Given { delimiter: Some(b'|'), ..none() }, "one"),
        ("no quote", "a,b\n\"1\",2\n", Given { quote: Some(None), ..none() }, ", 2 quote none"),
        ("quote", "'a','b'\n'1','2'\n", Given { quote: Some(Some(b'"')), ..none() }, ", 2"),
        ("no escape", "a,b\n\"x\\\"y\",2\n", Given { escape: Some(None), ..none() }, ", 2 quote none"),
        ("no comment", "# x\na,b\n1,2\n3,4\n", Given { comment: Some(None), ..none() }, ", 2 skip 1"),
        ("comment", "!x\na,b\n1,2\n", Given { comment: Some(Some(b'!')), ..none() }, ", 2 comment !"),
        ("terminator", "a,b\n1,2\n", Given { terminator: Some(Terminator::Lf), ..none() }, ", 2 Lf"),
        ("no header", "a,b\n1,2\n", Given { header: Some(GivenHeader::None), ..none() }, ", 2 header None"),
        ("a header", "1,2\n3,4\n", Given { header: Some(GivenHeader::Record(&[])), ..none() }, ", 2"),
        ("no line before", "Report, x\nid,name\n1,2\n3,4\n", Given { skip_lines: Some(0), ..none() }, ", 2"),
        ("lines before", "x,y\na,b\n1,2\n", Given { skip_lines: Some(1), ..none() }, ", 2 skip 1"),
        ("lines after sep=", "sep=;\na;b\n1;2\n", Given { delimiter: Some(b';'), ..none() }, "; 2 skip 1"),
        ("format", "{\"a\":1,\"b\":2}\n", Given { format: Some(fanout_core::Format::Csv), ..none() }, ", 2 quote none"),
    ];
    for (case, text, given, expected) in table {
        assert_eq!(with(text, &given), expected, "{case}");
    }
    let names = ["id".to_owned(), "n".to_owned()];
    let given = Given { header: Some(GivenHeader::Record(&names)), ..none() };
    assert_eq!(with("a,b\nc,d\nid,n\n1,2\n", &given), ", 2 skip 2", "the expected names");
    assert_eq!(with("id,n\nr1,1,2\nr2,3,4\n", &given), ", 3", "a header of these names lacks none");
    assert_eq!(with("id,n\nr1,1,\nr2,3,\nr3,3,x\n", &given), ", 2 trailing Records", "delimiters at the end");
}

#[test]
fn encodings() {
    let given = |label| Given { encoding: Some(label), ..Given::default() };
    let bytes = b"town;n\nM\xe1laga;1\n";
    let read = |given: &Given<'_>| detect(&Samples { first: bytes, whole: true, windows: &[] }, given);
    assert_eq!(read(&given("iso-8859-2")).unwrap().encoding.encoding.name(), "ISO-8859-2");
    assert_eq!(read(&given("nonsense")), Err(DetectError::Label(LabelError::Unknown { label: "nonsense".to_owned() })));
    let utf16: Vec<u8> = "\u{feff}T\u{ef}tle\r\n\r\na;b\r\n1;2\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = detect(&Samples { first: &utf16, whole: true, windows: &[] }, &Given::default()).unwrap();
    assert_eq!((found.text_start, found.skip_lines, found.encoding.mark), (2 + 2 * 9, 2, 2));
}

#[test]
fn places() {
    let at = |text: &str| {
        let found = detect(&Samples { first: text.as_bytes(), whole: true, windows: &[] }, &Given::default());
        let start = found.unwrap().text_start as usize;
        text[start..].lines().next().unwrap().to_owned()
    };
    assert_eq!(at("\u{feff}a,b\n1,2\n"), "a,b");
    assert_eq!(at("\u{feff}sep=;\r\na;b\r\n1;2\r\n"), "a;b");
    assert_eq!(at("Title\n\na, b, c\n1, \"x, y\", 3\n4, \"z\", 5\n"), "a, b, c");
    assert_eq!(at("# note\n# more\na,b\n1,2\n"), "# note", "comments need no skipping");
}

#[test]
fn windows_and_cuts() {
    let mut text = "id,name,n\n".to_owned();
    (0..50_000).for_each(|at| text += &format!("{at},item {at},{at}\n"));
    let windows = [Window { offset: 700_000, bytes: &text.as_bytes()[700_000..765_536] }];
    let first = &text.as_bytes()[..500_000];
    let found = detect(&Samples { first, whole: false, windows: &windows }, &Given::default()).unwrap();
    assert_eq!(found.header, HeaderFound::Record);
    assert!(found.further > 20_000 && found.further == found.further_fitting, "{found:?}");
    for cut in 1..200 {
        let found = detect(&Samples { first: &text.as_bytes()[..cut], whole: false, windows: &[] }, &Given::default());
        assert!(found.is_ok(), "{cut} bytes: {found:?}");
    }
}
