//! The numbers of lines and records of what is refused, at every chunk size, against counting from the start of the
//! object: a person who corrects a record looks for its line.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeMap;

use fanout_core::message::{Dataset, DialectRule};
use fanout_core::{Dialect, Location, Terminator};
use fanout_store::get;
use fanout_tests::{Outcome, config, parse, plain, run};
use futures::executor::block_on;
use proptest::prelude::*;
use serde_json::Value;

const SEED: u64 = 20_261_126;

/// Pieces of lines, of which some are refused, blank, or have line breaks in quotes.
fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => Just("1,2\n"),
        2 => Just("1\n"),
        2 => Just("1,\"a\nb\"\n"),
        1 => Just("1,\"a\r\n\r\nb\"\r\n"),
        1 => Just("\n"),
        1 => Just("\"x\ny\",2,3\n"),
        1 => Just("1,\"x\"y\n"),
        1 => Just("2,\"open\n"),
        1 => Just("é,\u{1F600}\r\n"),
    ];
    let header = prop_oneof![Just("a,b\n"), Just("\u{feff}a,\"b\nc\"\r\n")];
    (header, prop::collection::vec(line, 1..16), any::<bool>()).prop_map(|(header, lines, ended)| {
        // Enough records of two fields for the header to have as many.
        let text = header.to_owned() + &"1,2\n".repeat(20) + &lines.concat() + "1,2,3\n";
        if ended { text } else { text.trim_end().to_owned() }
    })
}

/// The places of refused records as the run tells them: by their offsets the line and the number of the record, from
/// what the chunks say and what stands before them.
fn told(outcome: &Outcome) -> BTreeMap<u64, (u64, u64)> {
    let file = |key: &str| -> Vec<Value> {
        let at = Location::new("out", key);
        let bytes = block_on(get(&outcome.results, &at)).unwrap_or_default();
        bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    };
    let keys = outcome.results.keys("out");
    let chunks = keys.iter().find(|key| key.ends_with("merged/rejects/chunks.jsonl"));
    let mut told = BTreeMap::new();
    for before in chunks.map(|key| file(key)).unwrap_or_default() {
        let number = |value: &Value, name: &str| value[name].as_u64().unwrap();
        let name = format!("rejects/part-{:05}.jsonl", number(&before, "chunk"));
        for refusal in file(keys.iter().find(|key| key.ends_with(&name)).unwrap()) {
            let line = number(&before, "lines") + number(&refusal, "chunk_line");
            let record = number(&before, "records") + number(&refusal, "chunk_record");
            told.insert(number(&refusal, "offset"), (line, record));
        }
    }
    told
}

/// The examples of the report, likewise.
fn examples(outcome: &Outcome) -> BTreeMap<u64, (u64, u64)> {
    let section = outcome.report.outputs.iter().find(|output| output.name == "rejects").unwrap().section.clone();
    let section = section.unwrap_or_default();
    let groups = section["groups"].as_array().into_iter().flatten();
    let examples = groups.flat_map(|group| group["examples"].as_array().unwrap());
    let number = |example: &Value, name: &str| example[name].as_u64().unwrap();
    examples.map(|one| (number(one, "offset"), (number(one, "line"), number(one, "number")))).collect()
}

/// The places of the records that are not of two fields, by plain counting.
fn counted(text: &[u8], dialect: &Dialect) -> BTreeMap<u64, (u64, u64)> {
    let records = parse(text, dialect, usize::MAX);
    let places = records
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, record)| !matches!(&record.fields, Ok(fields) if fields.len() == 2));
    places
        .map(|(number, record)| {
            let start = record.range.start;
            let line = text[..start].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            (start as u64, (line, number as u64))
        })
        .collect()
}

proptest! {
    #![proptest_config(config(SEED, 12))]

    #[test]
    fn lines_and_records_are_those_of_a_plain_reader_at_every_chunk_size(text in text()) {
        let dataset = Dataset { max_reject_ratio: Some(1.0), ..plain() };
        let expected = counted(text.as_bytes(), &Dialect::default());
        for chunk_size in 1..=text.len() as u64 {
            let outcome = run(text.as_bytes(), &dataset, chunk_size).unwrap();
            prop_assert_eq!(&told(&outcome), &expected, "chunks of {}", chunk_size);
            for (offset, place) in examples(&outcome) {
                prop_assert_eq!(Some(&place), expected.get(&offset), "chunks of {}", chunk_size);
            }
        }
    }
}

#[test]
fn other_terminators_and_encodings() {
    let utf16: Vec<u8> = "\u{feff}a,b\n1,2\n\n1\nĊ,\"x\ny\"\n3\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cr = Dataset { dialect: DialectRule { terminator: Some(Terminator::Cr), ..plain().dialect }, ..plain() };
    let table: [(&str, &[u8], Dataset, &[(u64, u64)]); 4] = [
        ("UTF-16", &utf16, Dataset { encoding: Some("utf-16le".into()), ..plain() }, &[(4, 2), (7, 4)]),
        ("CR", b"a,b\r1,2\r\r1\r1,2\r1", cr, &[(4, 2), (6, 4)]),
        (
            "JSON lines",
            b"{\"a\":1}\n\n{\"a\":2} {\"a\":3}\n{\"a\":\n{\"a\":4}\n[]\n",
            Dataset::default(),
            &[(4, 4), (6, 6)],
        ),
        (
            "lines before the header",
            b"title\n\na,b\n1,2\n1\n1,2\n",
            Dataset { skip_lines: Some(2), ..plain() },
            &[(5, 2)],
        ),
    ];
    for (case, text, dataset, expected) in table {
        let dataset = Dataset { max_reject_ratio: Some(1.0), ..dataset };
        for chunk_size in [2, 4, 7, 10, 1000] {
            let outcome = run(text, &dataset, chunk_size).unwrap();
            let found: Vec<(u64, u64)> = told(&outcome).into_values().collect();
            assert_eq!(found, expected, "{case}, chunks of {chunk_size}");
        }
    }
}
