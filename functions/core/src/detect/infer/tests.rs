//! Datasets inferred from short texts.

use super::*;
use crate::message::HeaderMatch;
use crate::{Code, Coded, Dialect, Terminator};

fn of_bytes(text: &[u8], size: u64) -> Result<Dataset, HeaderError> {
    let samples = Samples { first: text, whole: text.len() as u64 >= size, windows: &[] };
    Ok(infer(&samples, size, &Dataset::default())?.unwrap().dataset)
}

fn of(text: &str) -> Dataset {
    of_bytes(text.as_bytes(), text.len() as u64).unwrap()
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
    let expected = "id int64?, pay float64?, share float64?, ok boolean?, day date?, at timestamp?, note string?";
    assert_eq!(columns(&dataset), expected);
    assert_eq!(dataset.expected_names().len(), 8);
    assert_eq!((dataset.header_match(), dataset.dialect.dialect()), (HeaderMatch::Exact, Dialect::default()));
    assert_eq!((dataset.encoding.as_deref(), dataset.skip_lines), (Some("utf-8"), Some(0)));
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
        let Dialect { delimiter: found, terminator: ends, .. } = of(text).dialect.dialect();
        assert_eq!((char::from(found), ends), (char::from(delimiter), terminator), "{case}");
    }
}

#[test]
fn json_lines() {
    let text = "{\"id\": 1, \"pay\": 10.50, \"note\": \"7\", \"day\": \"2024-02-29\", \"tags\": [1]}\n\
        {\"id\": 2, \"pay\": 3.25, \"note\": \"\", \"day\": null, \"ok\": true}\n[\n{\"id\": 3, \"pa";
    let dataset = of_bytes(text.as_bytes(), 1 << 20).unwrap();
    assert_eq!(columns(&dataset), "id int64?, pay float64?, note string?, day date?, ok boolean?");
    assert_eq!(dataset.expected_names(), ["id", "pay", "note", "day", "tags", "ok"]);
    assert_eq!((dataset.format, dataset.header_match()), (Some(Format::JsonLines), HeaderMatch::Exact));

    let late = "{\"a\": 1}\n".repeat(20_000) + "{\"a\": 2, \"late\": true}\n";
    assert_eq!(columns(&of(&late)), "a int64?, late boolean?", "a key far from the beginning");
}

#[test]
fn headers() {
    let none = of("1,x\n2,y\n");
    assert_eq!(
        (none.header_match(), none.expected_names()),
        (HeaderMatch::None, &["column_1".to_owned(), "column_2".to_owned()][..])
    );
    assert_eq!(columns(&of("1,x\n2,y\n")), "column_1 int64?, column_2 string?");
    assert_eq!(of("a,a,\n1,2,3\n").expected_names(), [""; 0], "names that are not unique");
    assert_eq!(columns(&of("\u{feff}a,b\n1,2\n")), "a int64?, b int64?");
    assert_eq!(of_bytes(b"a,b\n1,2\n3,4.", 1000).map(|found| columns(&found)), Ok("a int64?, b int64?".into()), "cut");
    assert_eq!(of_bytes(b"", 0).unwrap_err().code(), Code::EmptyObject);
}

#[test]
fn the_dataset_reads_the_object_as_its_samples_were_read() {
    let rows = |text: &str| (0..20).map(|id| text.replace('#', &id.to_string())).collect::<String>();
    let latin = ("id;town\n".to_owned() + &rows("#;K\u{f6}ln\n")).chars().map(|c| c as u8).collect::<Vec<_>>();
    let table = [
        ("titles", ("Report of May\n\nid;name\n".to_owned() + &rows("#;x\n")).into_bytes()),
        ("sep=", ("sep=;\nid;name\n".to_owned() + &rows("#;x\n")).into_bytes()),
        ("delimiter at the end", ("id,name\n".to_owned() + &rows("#,x,\n")).into_bytes()),
        ("no header", rows("#,x\n").into_bytes()),
        ("footer", ("id,name\n".to_owned() + &rows("#,x\n") + "\n20 rows\n").into_bytes()),
        ("Windows-1252", latin),
    ];
    for (case, text) in table {
        let dataset = of_bytes(&text, text.len() as u64).unwrap();
        let samples = Samples { first: &text, whole: true, windows: &[] };
        let read = |dataset: &Dataset| {
            let resolved = resolve(&samples, text.len() as u64, dataset).unwrap().unwrap();
            (resolved.header, resolved.dataset.dialect, resolved.footer_start)
        };
        assert_eq!(read(&dataset), read(&Dataset::default()), "{case}");
        let json = serde_json::to_vec(&dataset).unwrap();
        assert_eq!(serde_json::from_slice::<Dataset>(&json).unwrap(), dataset, "{case}");
    }
}
