//! Datasets inferred from short texts.

use super::*;
use crate::Terminator;

fn of(text: &str) -> Dataset {
    infer(text.as_bytes(), text.len() as u64).unwrap().dataset
}

fn columns(dataset: &Dataset) -> String {
    let text = |(name, rule): (&String, &ColumnRule)| {
        format!("{name} {}{}", rule.column_type, if rule.nullable { "?" } else { "" })
    };
    dataset.columns.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[test]
fn names_types_and_nulls() {
    let text = "id,pay,share,ok,day,at,note,void\n\
        1,10.50,1,true,2024-02-29,2024-01-01T00:00:00Z,007,\n\
        2,-3.00,0.5,false,,2024-01-01 10:00:00,\"a\nb\",\nragged\n";
    let dataset = of(text);
    let expected = "at timestamp, day date?, id int64, note string, ok boolean, pay decimal(18,2), share float64";
    assert_eq!(columns(&dataset), expected);
    assert_eq!(dataset.header.expect.len(), 8);
    assert_eq!((dataset.header.matches, dataset.dialect), (HeaderMatch::Exact, Dialect::default()));
}

#[test]
fn dialects() {
    let table = [
        ("comma", "a,b\n1,2\n", b',', Terminator::Auto),
        ("semicolon with commas in numbers", "a;b;c\n1,5;2,5;x\n3,5;4,5;y\n", b';', Terminator::Auto),
        ("tab", "a\tb\n1\tx, y\n", b'\t', Terminator::Auto),
        ("pipe", "a|b\r\n1|2\r\n", b'|', Terminator::Auto),
        ("quoted delimiters", "a;b\n\"1,2,3\";x\n\"4,5,6\";y\n", b';', Terminator::Auto),
        ("one column", "a\n1\n2\n", b',', Terminator::Auto),
        ("lone CR", "a,b\r1,2\r3,4\r", b',', Terminator::Cr),
    ];
    for (case, text, delimiter, terminator) in table {
        let Dialect { delimiter: found, terminator: ends, .. } = of(text).dialect;
        assert_eq!((char::from(found), ends), (char::from(delimiter), terminator), "{case}");
    }
}

#[test]
fn json_lines() {
    let text = "{\"id\": 1, \"pay\": 10.50, \"note\": \"7\", \"day\": \"2024-02-29\", \"tags\": [1]}\n\
        {\"id\": 2, \"pay\": 3.25, \"note\": \"\", \"day\": null, \"ok\": true}\n[\n{\"id\": 3, \"pa";
    let dataset = infer(text.as_bytes(), 1 << 20).unwrap().dataset;
    assert_eq!(columns(&dataset), "day date?, id int64, note string, ok boolean?, pay decimal(18,2)");
    assert_eq!(dataset.header.expect, ["id", "pay", "note", "day", "tags", "ok"]);
    assert_eq!((dataset.format, dataset.header.matches), (Some(Format::JsonLines), HeaderMatch::Exact));

    let late = "{\"a\": 1}\n".repeat(20_000) + "{\"a\": 2, \"late\": true}\n";
    assert_eq!(columns(&of(&late)), "a int64, late boolean?", "a key beyond what a run looks at for its header");
}

#[test]
fn headers() {
    let none = of("1,x\n2,y\n");
    assert_eq!(
        (none.header.matches, none.header.expect),
        (HeaderMatch::None, vec!["column_1".into(), "column_2".into()])
    );
    assert_eq!(columns(&of("1,x\n2,y\n")), "column_1 int64, column_2 string");
    assert_eq!(of("a,a,\n1,2,3\n").header, HeaderRule::default(), "names that are not unique");
    assert_eq!(columns(&of("\u{feff}a,b\n1,2\n")), "a int64, b int64");
    assert_eq!(
        infer(b"a,b\n1,2\n3,4.", 1000).map(|found| columns(&found.dataset)),
        Ok("a int64, b int64".into()),
        "cut"
    );
    assert_eq!(infer(b"", 0), Err(InferError::Detect(DetectError::Empty)));
}

#[test]
fn things_that_no_dataset_says_are_refused_with_the_evidence() {
    let rows = |text: &str| (0..20).map(|id| text.replace('#', &id.to_string())).collect::<String>();
    let table = [
        ("titles", "Report of May\n\nid;name\n".to_owned() + &rows("#;x\n"), "skip_lines", Code::HeaderMismatch),
        ("sep=", "sep=;\nid;name\n".to_owned() + &rows("#;x\n"), "skip_lines", Code::HeaderMismatch),
        ("delimiter at the end", "id,name\n".to_owned() + &rows("#,x,\n"), "trailing", Code::HeaderMismatch),
        ("blanks around quotes", "id, name\n".to_owned() + &rows("#, \"a, b\"\n"), "trim", Code::HeaderMismatch),
    ];
    for (case, text, what, code) in table {
        let error = infer(text.as_bytes(), text.len() as u64).unwrap_err();
        assert_eq!(error.code(), code, "{case}: {error}");
        assert!(error.to_string().starts_with(&format!("detected {what}")), "{case}: {error}");
    }
    let latin = [b"id,name\n".to_vec(), rows("#,Caf\u{1}\n").into_bytes()].concat();
    let latin: Vec<u8> = latin.into_iter().map(|byte| if byte == 1 { 0xe9 } else { byte }).collect();
    let error = infer(&latin, latin.len() as u64).unwrap_err();
    assert_eq!(error.code(), Code::UnsupportedEncoding, "{error}");
}
