//! JSON lines at every chunk size, against what the lines were made of.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::message::{Dataset, Types};
use fanout_tests::{Outcome, config, dataset, run};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The seed: cases are the same every time.
const SEED: u64 = 20_261_125;

/// A line, and what must become of it.
#[derive(Debug, Clone)]
enum Line {
    Accepted(Vec<u8>, Value),
    Refused(Vec<u8>, &'static str),
    /// Two objects.
    Two,
    /// Blanks alone.
    Blank(&'static [u8]),
}

/// A value's text, and the value.
fn value() -> impl Strategy<Value = (String, Value)> {
    let of = |text: &str, value: Value| Just((text.to_owned(), value));
    prop_oneof![
        3 => any::<i32>().prop_map(|number| (number.to_string(), json!(number))),
        3 => "[a-zé\"\\\\,{}\n\r\t ]{0,8}".prop_map(|text| (json!(text).to_string(), json!(text))),
        1 => of(r#""\u00e9\/\ud83d\ude00\b""#, json!("é/😀\u{8}")),
        1 => of(r#"{ "a" : [1, {"b": "}\n"}],"a":2 }"#, json!({"a": 2})),
        1 => of("[ ]", json!([])),
        1 => of("null", Value::Null),
        1 => of("true", json!(true)),
        1 => of("-0.5e-3", json!(-0.5e-3)),
    ]
}

fn line() -> impl Strategy<Value = Line> {
    let both = (value(), value(), any::<bool>()).prop_map(|((a, a_value), (b, b_value), swapped)| {
        let pairs = [format!("\"a\": {a}"), format!("\"b\":{b}")];
        let text =
            if swapped { format!("{{{},{}}}", pairs[1], pairs[0]) } else { format!("{{{},{}}}", pairs[0], pairs[1]) };
        Line::Accepted(text.into_bytes(), json!({"a": a_value, "b": b_value}))
    });
    let one = value().prop_map(|(text, value)| {
        Line::Accepted(format!(" {{\"b\": {text}}}\t").into_bytes(), json!({"a": null, "b": value}))
    });
    let refused = prop::sample::select(vec![
        (&b"{\"a\": 1, \"c\": 2}"[..], "unknown_key"),
        (b"{\"b\": 1, \"b\": 1}", "duplicate_key"),
        (b"{\"a\": \"\\u0000\"}", "nul"),
        (b"{\"a\": \"\xff\"}", "invalid_utf8"),
        (b"{\"a\": \"cut", "malformed_json"),
        (b"[{\"a\": 1}]", "malformed_json"),
        (b"{\"a\": 1} {\"b\": ", "malformed_json"),
        (b"\"", "malformed_json"),
        (b"{\"a\": \"\0\"}", "malformed_json"),
    ]);
    prop_oneof![
        5 => both,
        2 => one,
        1 => Just(Line::Accepted(b"{}".to_vec(), json!({"a": null, "b": null}))),
        1 => Just(Line::Two),
        3 => refused.prop_map(|(text, reason)| Line::Refused(text.to_vec(), reason)),
        1 => prop::sample::select(vec![&b""[..], b" ", b"\t \x1e"]).prop_map(Line::Blank),
    ]
}

fn check(dataset: &Dataset, lines: &[(Line, bool)], last_terminator: bool) -> Result<(), TestCaseError> {
    let (mut text, mut accepted, mut refused, mut reasons) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (index, (line, crlf)) in lines.iter().enumerate() {
        let mut end: &[u8] = if *crlf { b"\r\n" } else { b"\n" };
        if index + 1 == lines.len() && !last_terminator {
            end = b"";
        }
        match line {
            Line::Accepted(bytes, value) => {
                text.extend([bytes, end].concat());
                accepted.push(value.clone());
            }
            Line::Refused(bytes, reason) => {
                reasons.push((text.len() as u64, *reason));
                text.extend([bytes, end].concat());
                refused.extend([bytes, end].concat());
            }
            Line::Two => {
                text.extend([&b"{\"a\": 1} {\"b\": 2}"[..], end].concat());
                accepted.extend([json!({"a": 1, "b": null}), json!({"a": null, "b": 2})]);
            }
            Line::Blank(blanks) => text.extend([blanks, end].concat()),
        }
    }
    for chunk_size in 1..=text.len() as u64 + 1 {
        let encoding = Some("utf-8".to_owned());
        let types = Some(Types::Text);
        let dataset = Dataset { encoding, types, max_reject_ratio: Some(1.0), ..dataset.clone() };
        let Outcome { report, jsonl, rejects, reasons: told, .. } = run(&text, &dataset, chunk_size).unwrap();
        let found: Vec<Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(&found, &accepted, "chunks of {} bytes", chunk_size);
        prop_assert_eq!(&rejects, &refused, "chunks of {} bytes", chunk_size);
        let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let told: Vec<_> =
            told.iter().map(|line| (line["offset"].as_u64().unwrap(), line["reason"].as_str().unwrap())).collect();
        prop_assert_eq!(&told, &reasons, "chunks of {} bytes", chunk_size);
        let bytes = report.coverage.bytes;
        prop_assert_eq!(bytes.total(), text.len() as u64);
        prop_assert_eq!(bytes.rejected, refused.len() as u64);
        prop_assert_eq!(report.coverage.repaired, 0, "a line break can't be mistaken");
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(SEED, 40))]

    #[test]
    fn every_line_once_at_every_chunk_size(
        lines in prop::collection::vec((line(), any::<bool>()), 0..9),
        last_terminator in any::<bool>(),
    ) {
        let first = Line::Accepted(b"{\"a\": 0, \"b\": \"x\"}".to_vec(), json!({"a": 0, "b": "x"}));
        let lines = [vec![(first, false)], lines].concat();
        // With nothing known of the object, its first keys are the columns: the first line has both.
        check(&Dataset::default(), &lines[..1], last_terminator)?;
        check(&dataset(r#"{"format": "json_lines", "header": {"expect": ["a", "b"]}}"#), &lines, last_terminator)?;
    }
}

#[test]
fn declared_types_are_those_of_csv() {
    let data = dataset(
        r#"{"columns": {"id": {"type": "int64", "nullable": false}, "pay": "decimal(8,2)", "day": "date", "note": "string"}}"#,
    );
    let text = concat!(
        r#"{"id": 1, "pay": 10.5, "day": "2024-02-29", "note": {"x": [1]}}"#,
        "\n",
        r#"{"id": "2", "pay": "3.25", "note": ""}"#,
        "\n",
        r#"{"pay": 1}"#,
        "\n",
        r#"{"id": 4, "day": 20240229}"#,
        "\n",
    );
    let outcome = run(text.as_bytes(), &data, 50).unwrap();
    let lines: Vec<Value> = outcome.jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines,
        [
            json!({"id": 1, "pay": 10.5, "day": "2024-02-29", "note": "{\"x\": [1]}"}),
            json!({"id": 2, "pay": 3.25, "day": null, "note": ""}),
        ]
    );
    let reasons: Vec<Value> = outcome.reasons.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let reasons: Vec<_> = reasons.iter().map(|line| [&line["reason"], &line["column"], &line["found"]]).collect();
    assert_eq!(
        reasons,
        [
            [&json!("missing_value"), &json!("id"), &json!("null")],
            [&json!("invalid_value"), &json!("day"), &json!("20240229")]
        ]
    );
}

#[test]
fn strings_are_observed_as_what_they_are() {
    let text = br#"{"number": 1, "digits": "1", "day": "2024-01-02", "flag": true, "word": "true", "object": {}}
        {"number": 2.5, "digits": "2", "day": "2024-01-03", "flag": false, "word": "", "object": null}"#;
    let outcome = run(text, &Dataset::default(), 1 << 20).unwrap();
    let types: Vec<_> = outcome.report.columns.iter().map(|column| column.column_type.to_string()).collect();
    assert_eq!(types, ["float64", "string", "date", "boolean", "string", "string"]);
    let counts: Vec<_> = outcome.report.columns.iter().map(|column| column.count).collect();
    assert_eq!(counts, [2, 2, 2, 2, 2, 1]);
}
