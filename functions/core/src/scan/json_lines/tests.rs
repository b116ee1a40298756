//! The scanner of JSON lines, at every cut of the input.

use super::*;
use crate::scan::{Scanner, Start};
use crate::{Decoder, Dialect, Schema, SchemaColumn, Value};

/// The values of the accepted lines, `{:?}` of each; and the refused ones' offsets, reasons and what was found.
fn read(text: &str, names: &[&str], more_keys: bool) -> (Vec<Vec<String>>, Vec<(u64, &'static str, String)>) {
    read_bytes(text.as_bytes(), names, more_keys)
}

fn read_bytes(text: &[u8], names: &[&str], more_keys: bool) -> (Vec<Vec<String>>, Vec<(u64, &'static str, String)>) {
    let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
    let column = |name: &String| SchemaColumn::text(name);
    let mut decoder = Decoder::new(Schema { columns: names.iter().map(column).collect() });
    let other_keys = if more_keys { OtherKeys::PassedOver } else { OtherKeys::Refused };
    let mut json = JsonLines::new(&names, other_keys);
    let mut scanner = Scanner::new(&Dialect::of_lines(), Start::Boundary, 0, u64::MAX, 1_000);
    scanner.push(text);
    scanner.finish();
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    while let Some(lines) = scanner.next_batch() {
        let batch = json.read(lines);
        decoder.decode(&batch);
        let rows = decoder.rows(batch);
        accepted.extend((0..rows.len()).map(|row| {
            let cell = |column| match rows.value(row, column) {
                Value::Null => "null".to_owned(),
                Value::Text(text) if rows.field(row, column).is_quoted() => format!("{text:?}"),
                Value::Text(text) => text.into_owned(),
                other => panic!("{other:?}"),
            };
            (0..names.len()).map(cell).collect()
        }));
        refused.extend(decoder.refused().iter().map(|refused| {
            let offset = batch.record(refused.record).offset();
            (offset, refused.reason.name(), refused.reason.found())
        }));
    }
    (accepted, refused)
}

#[test]
fn values_by_name() {
    let table: [(&str, &str, [&str; 2]); 12] = [
        ("in order", r#"{"a": 1, "b": "x"}"#, ["1", "\"x\""]),
        ("in another order", r#"{"b":"x","a":1}"#, ["1", "\"x\""]),
        ("missing", r#"{"b": true}"#, ["null", "true"]),
        ("null", r#"{"a": null, "b": false}"#, ["null", "false"]),
        ("empty string", r#"{"a": "", "b": -0.5e3}"#, ["\"\"", "-0.5e3"]),
        ("nothing", "{}", ["null", "null"]),
        ("nested as it stands", r#"{"a": {"b": [1, "x\n"]} , "b":[ ]}"#, [r#"{"b": [1, "x\n"]}"#, "[ ]"]),
        (
            "escapes",
            r#"{"a": "line\nbreak \"é\" \u20ac \ud83d\ude00", "b": "\\"}"#,
            ["\"line\\nbreak \\\"é\\\" € 😀\"", "\"\\\\\""],
        ),
        ("escaped key", r#"{"\u0061": 1}"#, ["1", "null"]),
        ("spaces around", " \t{\"a\" :1} \r", ["1", "null"]),
        ("the text null", r#"{"a": "null"}"#, ["\"null\"", "null"]),
        ("a large number", r#"{"a": 123456789012345678901234567890.5}"#, ["123456789012345678901234567890.5", "null"]),
    ];
    for (case, line, values) in table {
        let (accepted, refused) = read(line, &["a", "b"], false);
        assert_eq!((accepted, refused), (vec![values.map(str::to_owned).to_vec()], vec![]), "{case}");
    }
}

#[test]
fn lines_that_refuse_themselves() {
    let table: [(&str, &[u8], &str, &str); 13] = [
        ("cut", br#"{"a": 1, "b": "x"#, "malformed_json", "EOF while parsing a string, at byte 19"),
        ("no value", br#"{"a": }"#, "malformed_json", "expected value, at byte 10"),
        ("a comma more", br#"{"a": 1,}"#, "malformed_json", "trailing comma, at byte 12"),
        ("an array", b"[1]", "malformed_json", "invalid type: sequence, expected a JSON object, at byte 4"),
        ("a number", b"12", "malformed_json", "invalid type: integer `12`, expected a JSON object, at byte 5"),
        ("a bad escape", br#"{"a": "\x"}"#, "malformed_json", "invalid escape, at byte 12"),
        ("half a pair", br#"{"a": "\ud800"}"#, "malformed_json", "invalid escape in a string, at byte 18"),
        (
            "a control character",
            b"{\"a\": \"\x01\"}",
            "malformed_json",
            "control character (\\u0000-\\u001F) found while parsing a string, at byte 10",
        ),
        ("a NUL", br#"{"b": 1, "a": "x\u0000"}"#, "nul", "a NUL byte at 18"),
        ("not UTF-8", b"{\"a\": \"\xff\"}", "invalid_utf8", "an invalid byte at 11"),
        ("a key more", br#"{"a": 1, "c": 2}"#, "unknown_key", "the key \"c\""),
        ("a key twice", br#"{"a": 1, "a": 1}"#, "duplicate_key", "the key \"a\" twice"),
        ("broken after a key more", br#"{"c": 1, "a"}"#, "malformed_json", "expected `:`, at byte 16"),
    ];
    for (case, line, reason, found) in table {
        // The lines around it are read all the same.
        let text = [b"{}\r\n", line, b"\n\n{\"a\": 7}"].concat();
        let (accepted, refused) = read_bytes(&text, &["a", "b"], false);
        assert_eq!(accepted, [["null", "null"], ["7", "null"]], "{case}");
        assert_eq!(refused, [(4, reason, found.to_owned())], "{case}");
    }
}

#[test]
fn a_line_over_the_limit_refuses_itself() {
    let text = format!("{{}}\n{{\"a\": \"{}\"}}\n{{\"a\": 7}}\n", "x".repeat(2_000));
    let (accepted, refused) = read(&text, &["a"], false);
    assert_eq!(accepted, [["null"], ["7"]]);
    let found = "more than 1000 bytes, or an open quote".to_owned();
    assert_eq!(refused, [(3, "record_too_large", found)]);
}

#[test]
fn more_keys_may_be_passed_over() {
    let (accepted, refused) = read(r#"{"c": {"a": 1}, "a": 2, "c": 3}"#, &["a"], true);
    assert_eq!((accepted, refused), (vec![vec!["2".to_owned()]], vec![]));
}

#[test]
fn lines_in_another_encoding_are_decoded_and_faults_have_places_in_the_object() {
    let gbk = Encoding::of_label("gbk").unwrap();
    let (bytes, _, _) = gbk.inner().encode("{\"名\": \"中|\"}\n\u{7b}\"名\": 中}\n{\"名\": 1}\n");
    // A character without its second byte.
    let bytes = [&bytes[..], b"{\"\xc3\xfb\": \"\x81\"}\n"].concat();
    let names = ["名".to_owned()];
    let mut scanner = Scanner::new(&Dialect::of_lines(), Start::Boundary, 0, u64::MAX, 10_000);
    scanner.push(&bytes);
    scanner.finish();
    let mut json = JsonLines::new(&names, OtherKeys::Refused).in_encoding(gbk);
    let batch = json.read(scanner.next_batch().unwrap());
    let values = batch.records().flat_map(|record| record.fields().map(|field| field.value().into_owned()));
    assert_eq!(values.collect::<Vec<_>>(), ["中|".as_bytes(), b"1"]);
    let faults: Vec<_> = batch.faults.iter().map(|faulty| (faulty.record, faulty.fault.clone())).collect();
    let problem = "expected value".to_owned();
    let expected = [(1, Fault::MalformedJson { at: 21, problem }), (3, Fault::InvalidText { encoding: gbk, at: 43 })];
    assert_eq!(faults, expected, "{bytes:?}");
}

#[test]
fn a_mark_at_the_start_of_a_line_is_dropped() {
    let (accepted, refused) = read("{\"a\": 1}\n\u{feff}{\"a\": 2}\n\u{feff}{\"a\": x}\n", &["a"], false);
    assert_eq!(accepted, [["1"], ["2"]]);
    assert_eq!(refused, [(21, "malformed_json", "expected value, at byte 30".to_owned())]);
}

#[test]
fn several_objects_on_one_line_are_a_record_each() {
    let table: [(&str, &str, &[&str], &[u64]); 6] = [
        ("two", "{\"a\":1}{\"a\":2}\n{\"a\":3}\n", &["1", "2", "3"], &[]),
        ("blanks between", " {\"a\":1} \t{\"a\":2} \r\n", &["1", "2"], &[]),
        ("separators", "\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n", &["1", "2"], &[]),
        ("lines of blanks", "  \n{\"a\":1}\n\t\r\n{\"a\":2}\n ", &["1", "2"], &[]),
        ("something else behind", "{\"a\":1} x\n{\"a\":1},{\"a\":2}\n", &[], &[0, 10]),
        ("one with another key", "{\"a\":1}{\"b\":2}{\"a\":3}\n", &["1", "3"], &[7]),
    ];
    for (case, text, values, offsets) in table {
        let (accepted, refused) = read(text, &["a"], false);
        assert_eq!(accepted.concat(), values, "{case}");
        assert_eq!(refused.iter().map(|(offset, ..)| *offset).collect::<Vec<_>>(), offsets, "{case}");
    }
}
