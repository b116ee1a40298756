//! Every record once, at every chunk size from one byte up, against the `csv` crate and against the
//! plainest reading of the bytes.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::message::Dataset;
use fanout_core::{Code, Coded, Dialect, Terminator};
use fanout_tests::{Outcome, Unterminated, dataset, parse, run};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed};
use serde_json::{Map, Value};

/// The same cases every time.
const SEED: u64 = 20_261_122;

fn config(cases: u32) -> Config {
    println!("seed {SEED}");
    Config {
        cases,
        rng_seed: RngSeed::Fixed(SEED),
        rng_algorithm: RngAlgorithm::ChaCha,
        failure_persistence: None,
        ..Config::default()
    }
}

/// A table written the way a careful program writes it, with some ragged rows.
#[derive(Debug, Clone)]
struct Table {
    width: usize,
    rows: Vec<(Vec<String>, bool)>,
    crlf: bool,
    last_terminator: bool,
    mark: bool,
    always_quote: bool,
}

impl Table {
    fn text(&self) -> Vec<u8> {
        let end = if self.crlf { "\r\n" } else { "\n" };
        let mut text = if self.mark { "\u{feff}".to_owned() } else { String::new() };
        let header: Vec<String> = (0..self.width).map(|column| format!("c{column}")).collect();
        text.push_str(&header.join(","));
        for (row, blank_before) in &self.rows {
            text.push_str(end);
            if *blank_before {
                text.push_str(end);
            }
            let fields: Vec<String> = row.iter().map(|field| self.field(field, row.len() == 1)).collect();
            text.push_str(&fields.join(","));
        }
        if self.last_terminator {
            text.push_str(end);
        }
        text.into_bytes()
    }

    fn field(&self, value: &str, alone: bool) -> String {
        let special = value.contains([',', '"', '\n', '\r']) || (alone && value.is_empty());
        if special || self.always_quote { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() }
    }
}

fn table() -> impl Strategy<Value = Table> {
    let value = prop_oneof![
        4 => "[a-z0-9]{0,6}",
        2 => "[a-c,\"\n]{0,8}",
        1 => Just("x\r\ny".to_owned()),
        1 => Just("1,2,3\n4,5,6\n".to_owned()),
        1 => "[éß€😀]{1,3}",
    ];
    (1..4usize).prop_flat_map(move |width| {
        let row = prop_oneof![
            9 => prop::collection::vec(value.clone(), width),
            1 => prop::collection::vec(value.clone(), 1..5),
        ];
        let rows = prop::collection::vec((row, prop::bool::weighted(0.1)), 0..12);
        (Just(width), rows, any::<[bool; 4]>()).prop_map(
            |(width, rows, [crlf, last_terminator, mark, always_quote])| Table {
                width,
                rows,
                crlf,
                last_terminator,
                mark,
                always_quote,
            },
        )
    })
}

/// What the csv crate reads: JSON lines of the records that fit the header, and how many don't.
fn read_by_csv_crate(text: &[u8]) -> (String, u64) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let (mut lines, mut ragged) = (String::new(), 0);
    for record in reader.records() {
        let record = record.unwrap();
        if record.len() == header.len() {
            lines.push_str(&line(&header, record.iter()));
        } else {
            ragged += 1;
        }
    }
    (lines, ragged)
}

fn line<'v>(header: &[String], values: impl Iterator<Item = &'v str>) -> String {
    let pairs = header.iter().zip(values).map(|(name, value)| (name.clone(), Value::from(value)));
    // serde_json keeps keys sorted; c0, c1, … are.
    format!("{}\n", Value::Object(Map::from_iter(pairs)))
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn generated_tables_at_every_chunk_size(table in table()) {
        let text = table.text();
        let (lines, ragged) = read_by_csv_crate(&text);
        let mut columns = None;
        for chunk_size in 1..=text.len() as u64 + 1 {
            let Outcome { report, jsonl, .. } = run(&text, &Dataset::default(), chunk_size).unwrap();
            prop_assert_eq!(&jsonl, &lines, "chunks of {} bytes", chunk_size);
            prop_assert_eq!((report.records, report.rejects), (lines.lines().count() as u64, ragged));
            prop_assert!(report.coverage.verified && report.coverage.end == text.len() as u64);
            // Every figure of the profile is the same, to the last bit.
            let columns = columns.get_or_insert_with(|| report.columns.clone());
            prop_assert_eq!(&report.columns, &*columns, "chunks of {} bytes", chunk_size);
        }
    }
}

/// Bytes that mean something, in any order.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(&b"ab,,\"\"\n\n\r\\#"[..]), 0..60)
}

fn dialects() -> Vec<Dialect> {
    let with = |edit: fn(&mut Dialect)| {
        let mut dialect = Dialect::default();
        edit(&mut dialect);
        dialect
    };
    vec![
        Dialect::default(),
        with(|d| d.terminator = Terminator::Any),
        with(|d| d.terminator = Terminator::Crlf),
        with(|d| d.terminator = Terminator::Cr),
        with(|d| (d.terminator, d.comment) = (Terminator::Any, Some(b'#'))),
        with(|d| (d.escape, d.comment) = (Some(b'\\'), Some(b'#'))),
        with(|d| (d.quote, d.delimiter) = (None, b'a')),
    ]
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn hostile_bytes_in_every_dialect_at_every_chunk_size(data in hostile()) {
        for dialect in dialects() {
            let mut dataset = dataset(r#"{"header": {"match": "none", "expect": ["c0", "c1"]}}"#);
            dataset.dialect = dialect;
            let expected = parse(&data, &dataset.dialect);
            for chunk_size in 1..=data.len() as u64 + 1 {
                let outcome = run(&data, &dataset, chunk_size);
                match &expected {
                    _ if data.is_empty() => prop_assert_eq!(outcome.err().unwrap().code(), Code::EmptyObject),
                    Err(Unterminated(start)) => {
                        let error = outcome.err().unwrap();
                        prop_assert_eq!(error.code(), Code::UnterminatedQuote, "chunks of {} bytes: {}", chunk_size, error);
                        let place = format!("record at byte {start}:");
                        prop_assert!(error.to_string().contains(&place), "{place} {error}");
                    }
                    Ok(records) => {
                        let header = ["c0".to_owned(), "c1".to_owned()];
                        let (mut lines, mut rejects) = (String::new(), Vec::new());
                        for record in records {
                            match &record.fields[..] {
                                [a, b] => {
                                    let values = [a, b].map(|field| std::str::from_utf8(field).unwrap());
                                    lines.push_str(&line(&header, values.into_iter()));
                                }
                                _ => rejects.extend_from_slice(&data[record.range.clone()]),
                            }
                        }
                        let outcome = outcome.unwrap();
                        prop_assert_eq!(&outcome.jsonl, &lines, "chunks of {} bytes, {:?}", chunk_size, dataset.dialect);
                        prop_assert_eq!(&outcome.rejects, &rejects, "chunks of {} bytes, {:?}", chunk_size, dataset.dialect);
                    }
                }
            }
        }
    }

    #[test]
    fn the_plain_reference_agrees_with_the_csv_crate(data in hostile()) {
        for dialect in dialects() {
            let terminator = match dialect.terminator {
                Terminator::Any => csv::Terminator::CRLF,
                Terminator::Cr => csv::Terminator::Any(b'\r'),
                // The csv crate has no terminator of two bytes, nor one that makes a lone CR data.
                _ => continue,
            };
            // There a comment ends at LF only, and one at the input's end is an empty record.
            if dialect.comment.is_some() {
                continue;
            }
            let Ok(records) = parse(&data, &dialect) else { continue };
            let mut reader = csv::ReaderBuilder::new();
            reader.has_headers(false).flexible(true).terminator(terminator).delimiter(dialect.delimiter);
            reader.escape(dialect.escape).quoting(dialect.quote.is_some());
            let theirs: Vec<Vec<Vec<u8>>> = reader
                .from_reader(&data[..])
                .byte_records()
                .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
                .collect();
            let ours: Vec<_> = records.into_iter().map(|record| record.fields).collect();
            prop_assert_eq!(ours, theirs, "{:?}", dialect);
        }
    }
}
