//! Inferred types: whatever the samples were and however the object is cut, types and values are those that one
//! reader over all values finds.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::Arc;

use bytes::Bytes;
use fanout_core::message::{InferredColumn, Plan, ProcessRequest, ReduceRequest, ReduceResponse, Report, TypeOrigin};
use fanout_core::{Location, Prices, TypeCandidates};
use fanout_outputs::BUILT_IN;
use fanout_store::{MemoryStore, get};
use fanout_tests::{Outcome, config, run_plan};
use proptest::prelude::*;
use serde_json::json;

/// The same cases every time.
const SEED: u64 = 20_261_127;

/// Values of one kind each; a column mixes up to three of them.
const KINDS: [&[&str]; 16] = [
    &["1", "-5", "70000"],
    &["2.5", "0.25", "1e3", "1.234"],
    &["9007199254740993", "-9223372036854775808"],
    &["x", "a longer text", "é"],
    &["true", "FALSE"],
    &["Y", "n"],
    &["N"],
    &["2024-01-31", "1969-12-31", "9999-12-31"],
    &["2024-01-31T10:00:00Z", "2024-01-31 23:59:59.5"],
    &["03/04/2024", "1/1/1970"],
    &["25/04/2024"],
    &["04/25/2024"],
    &["1,5", "20,25"],
    &["1.234,5", "1.234.567"],
    &["007", "+1"],
    &["", "NA", "\\N", "-"],
];

/// A column's values.
fn column(rows: usize) -> impl Strategy<Value = Vec<String>> {
    let kinds = prop::collection::vec(prop::sample::select(KINDS.to_vec()), 1..4);
    kinds.prop_flat_map(move |kinds| {
        let value = prop::sample::select(kinds.concat()).prop_map(str::to_owned);
        // The first kind comes most often: what widens comes late, or not at all.
        let usual = prop::sample::select(kinds[0].to_vec()).prop_map(str::to_owned);
        prop::collection::vec(prop_oneof![4 => usual, 1 => value], rows)
    })
}

/// Three columns of as many rows, and the rows that were sampled.
fn table() -> impl Strategy<Value = (Vec<Vec<String>>, Vec<bool>)> {
    (1..14usize)
        .prop_flat_map(|rows| (prop::collection::vec(column(rows), 3), prop::collection::vec(any::<bool>(), rows)))
}

fn text(columns: &[Vec<String>]) -> String {
    let field = |value: &String| if value.contains(',') { format!("\"{value}\"") } else { value.clone() };
    let row = |row: usize| {
        format!("{row},{}\n", columns.iter().map(|column| field(&column[row])).collect::<Vec<_>>().join(","))
    };
    (0..columns[0].len()).map(row).collect()
}

fn candidates<'v>(values: impl Iterator<Item = &'v String>) -> TypeCandidates {
    values.map(|value| TypeCandidates::of(value.as_bytes())).fold(TypeCandidates::ALL, TypeCandidates::and)
}

/// Runs over a table whose types were inferred from these rows of it.
fn run(columns: &[Vec<String>], sampled: impl Fn(usize) -> bool, chunk_size: u64) -> Outcome {
    run_plan(text(columns).as_bytes(), plan(columns, sampled, chunk_size)).unwrap()
}

/// The plan of a run over a table whose types were inferred from these rows of it.
fn plan(columns: &[Vec<String>], sampled: impl Fn(usize) -> bool, chunk_size: u64) -> Plan {
    let text = text(columns);
    let inferred: Vec<InferredColumn> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let values = column.iter().enumerate().filter(|(row, _)| sampled(*row)).map(|(_, value)| value);
            InferredColumn { column: index as u64 + 1, candidates: candidates(values) }
        })
        .collect();
    let plan = json!({
        "run_id": "run", "object": {"bucket": "b", "key": "k.csv", "etag": "1", "size": text.len()}, "dataset": {},
        "reader": "range", "outputs": ["profile", "parquet", "rejects", "jsonl"], "format": "csv",
        "header": ["row", "a", "b", "c"], "data_start": 0, "inferred": inferred,
        "chunk_size": chunk_size, "chunk_count": (text.len() as u64).div_ceil(chunk_size),
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    serde_json::from_value(plan).unwrap()
}

/// The columns' figures that do not depend on the order in which chunks are merged.
fn figures(outcome: &Outcome) -> Vec<String> {
    let column = |column: &fanout_core::message::ColumnReport| {
        format!(
            "{} {} {} {} {:?} {:?}",
            column.name, column.column_type, column.count, column.nulls, column.min, column.max
        )
    };
    outcome.report.columns.iter().map(column).collect()
}

proptest! {
    #![proptest_config(config(SEED, 400))]

    #[test]
    fn any_samples_and_chunks_give_the_types_of_all_values((columns, sampled) in table()) {
        let whole = run(&columns, |_| true, 1 << 20);
        for (column, values) in whole.report.columns[1..].iter().zip(&columns) {
            let expected = candidates(values.iter()).column_type(b',').map_or("string".to_owned(), |one| one.to_string());
            prop_assert_eq!(column.column_type.to_string(), expected);
        }
        for chunk_size in [7, 16, 64, 1 << 20] {
            let found = run(&columns, |row| sampled[row], chunk_size);
            prop_assert_eq!(&found.jsonl, &whole.jsonl, "chunks of {}", chunk_size);
            prop_assert_eq!(figures(&found), figures(&whole), "chunks of {}", chunk_size);
            prop_assert_eq!((found.report.records, found.report.rejects), (columns[0].len() as u64, 0));
        }
    }
}

#[test]
fn a_value_that_widens_at_every_place() {
    let table = [
        ("int64", "5", "x", "string"),
        ("int64", "5", "2.5", "float64"),
        ("int64", "5", "5000000000000000000000", "string"),
        ("float64", "2.5", "2,5", "string"),
        ("date", "2024-01-31", "2024-01-31T01:02:03", "timestamp"),
        ("date", "25/04/2024", "04/25/2024", "string"),
        ("boolean", "true", "yes", "string"),
        ("timestamp", "2024-01-31T01:02:03Z", "2016-12-31T23:59:60Z", "string"),
    ];
    const ROWS: usize = 9;
    for (from, usual, other, to) in table {
        for place in 0..ROWS {
            let usual = vec![usual.to_owned(); ROWS];
            let mut widened = usual.clone();
            widened[place] = other.to_owned();
            // In two columns at once, beside one that stays.
            let columns = [widened.clone(), usual, widened];
            let found = run(&columns, |row| row != place, 40);
            let case = format!("{from} to {to} in row {place}");
            let types: Vec<String> = found.report.columns.iter().map(|column| column.column_type.to_string()).collect();
            assert_eq!(types, ["string", to, from, to], "{case}");
            let column = &found.report.columns[1];
            assert_eq!(
                (column.origin, found.report.columns[2].origin),
                (TypeOrigin::Widened, TypeOrigin::Inferred),
                "{case}"
            );
            let told = column.widened.as_ref().unwrap();
            assert_eq!((told.from.to_string(), told.values), (from.to_owned(), 1), "{case}");
            let first = told.first.as_ref().unwrap();
            let record = text(&columns).split_inclusive('\n').take(place).map(str::len).sum::<usize>() as u64;
            assert_eq!((first.text.as_str(), first.record), (other, record), "{case}");
        }
    }
}

/// A second pass that ends in the middle: what was not done again holds values of other types, and is done then.
#[tokio::test]
async fn a_second_pass_that_was_interrupted_at_every_chunk() {
    let values: Vec<String> = (0..12).map(|row| if row == 11 { "x".to_owned() } else { row.to_string() }).collect();
    let columns = [values.clone(), values.clone(), values];
    let text = text(&columns);
    let clean = tokio::task::spawn_blocking({
        let columns = columns.clone();
        move || run(&columns, |row| row < 11, 20)
    });
    let clean = clean.await.unwrap();
    let object = Location::new("b", "k.csv");
    let plan = || plan(&columns, |row| row < 11, 20);
    let count = plan().chunk_count;
    for done in 0..=count {
        let source = MemoryStore::new();
        source.insert(&object, Bytes::from(text.clone()));
        let results = MemoryStore::new();
        let processor = fanout_processor::Context {
            source: Arc::new(source),
            results: Arc::new(results.clone()),
            outputs: BUILT_IN,
            memory_mb: 0,
        };
        let reducer = fanout_reducer::Context {
            results: Arc::new(results.clone()),
            outputs: BUILT_IN,
            prices: Prices::built_in().unwrap(),
            memory_mb: 0,
        };
        let mut next = fanout_planner::publish(plan(), &results).await.unwrap();
        let mut report = None;
        for round in 0.. {
            assert!(round < 4, "{done} chunks of the second pass");
            let chunks = next.chunks.take().unwrap();
            let some = if round == 1 { done as usize } else { chunks.len() };
            for chunk in chunks.into_iter().take(some) {
                fanout_processor::process(&ProcessRequest { plan: next.clone(), chunk }, &processor).await.unwrap();
            }
            let request = ReduceRequest { plan: next.clone(), started_at: "2024-01-01T00:00:00Z".to_owned() };
            match fanout_reducer::reduce(&request, &reducer).await.unwrap() {
                ReduceResponse::Repair { plan } => next = *plan,
                ReduceResponse::Done { report: summary } => {
                    report = Some(get(&results, &summary.report).await.unwrap());
                    break;
                }
            }
        }
        let report: Report = serde_json::from_slice(&report.unwrap()).unwrap();
        assert_eq!((report.records, report.rejects), (12, 0));
        let types: Vec<_> = report.columns.iter().map(|column| column.column_type.to_string()).collect();
        assert_eq!(types, ["string"; 4], "{done} chunks of the second pass");
        let mut lines = Vec::new();
        for key in results.keys("out").into_iter().filter(|key| key.ends_with(".jsonl") && key.contains("/data/")) {
            lines.extend_from_slice(&get(&results, &Location { bucket: "out".into(), key }).await.unwrap());
        }
        assert_eq!(String::from_utf8(lines).unwrap(), clean.jsonl, "{done} chunks of the second pass");
    }
}

/// Values of JSON of one kind each.
const JSON_KINDS: [&[&str]; 9] = [
    &["1", "-5"],
    &["2.5", "1e3"],
    &["9007199254740993", "12345678901234567890.12"],
    &["true", "false"],
    &["\"x\"", "\"7\"", "\"\""],
    &["\"2024-01-31\"", "\"1969-12-31\""],
    &["\"2024-01-31T10:00:00Z\"", "\"2024-01-31\""],
    &["[1]", "{\"x\": 1}"],
    &["null"],
];

/// Objects with some of three keys, and those that were sampled.
fn objects() -> impl Strategy<Value = Vec<(Vec<Option<String>>, bool)>> {
    let value = |kinds: Vec<&'static [&'static str]>| {
        prop::option::weighted(0.7, prop::sample::select(kinds.concat()).prop_map(str::to_owned))
    };
    let kinds = prop::collection::vec(prop::collection::vec(prop::sample::select(JSON_KINDS.to_vec()), 1..3), 3);
    kinds.prop_flat_map(move |kinds| {
        let object = kinds.into_iter().map(value).collect::<Vec<_>>();
        prop::collection::vec((object, any::<bool>()), 1..12)
    })
}

fn run_json(objects: &[(Vec<Option<String>>, bool)], sampled: impl Fn(bool) -> bool, chunk_size: u64) -> Outcome {
    const KEYS: [&str; 3] = ["a", "b", "c"];
    let pairs = |object: &[Option<String>]| -> Vec<(usize, String)> {
        object.iter().enumerate().filter_map(|(key, value)| Some((key, value.clone()?))).collect()
    };
    let mut text = String::new();
    let (mut header, mut types) = (vec!["id"], [TypeCandidates::ALL; 3]);
    for (id, (object, mark)) in objects.iter().enumerate() {
        let pairs = pairs(object);
        let members: Vec<String> = pairs.iter().map(|(key, value)| format!(",\"{}\":{value}", KEYS[*key])).collect();
        text += &format!("{{\"id\":{id}{}}}\n", members.concat());
        for (key, value) in pairs.iter().filter(|_| sampled(*mark)) {
            let string = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let seen = match value.as_str() {
                "null" => TypeCandidates::ALL,
                value => TypeCandidates::of_json(string.unwrap_or(value).as_bytes(), string.is_some()),
            };
            types[*key] = types[*key].and(seen);
            if !header.contains(&KEYS[*key]) {
                header.push(KEYS[*key]);
            }
        }
    }
    let inferred: Vec<InferredColumn> = header
        .iter()
        .enumerate()
        .filter_map(|(column, name)| {
            let key = KEYS.iter().position(|key| key == name)?;
            Some(InferredColumn { column: column as u64, candidates: types[key] })
        })
        .collect();
    let plan = json!({
        "run_id": "run", "object": {"bucket": "b", "key": "k.csv", "etag": "1", "size": text.len()}, "dataset": {},
        "reader": "range", "outputs": ["profile", "parquet", "rejects", "jsonl"], "format": "json_lines",
        "header": header, "data_start": 0, "inferred": inferred,
        "chunk_size": chunk_size, "chunk_count": (text.len() as u64).div_ceil(chunk_size),
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    run_plan(text.as_bytes(), serde_json::from_value::<Plan>(plan).unwrap()).unwrap()
}

/// The records of a run; where an object had not every key, the others are null.
fn records(outcome: &Outcome) -> Vec<serde_json::Value> {
    let with_all = |line: &str| {
        let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
        for key in ["a", "b", "c"] {
            record.as_object_mut().unwrap().entry(key).or_insert(serde_json::Value::Null);
        }
        record
    };
    outcome.jsonl.lines().map(with_all).collect()
}

proptest! {
    #![proptest_config(config(SEED, 300))]

    #[test]
    fn keys_and_types_of_json_that_come_after_the_samples(objects in objects()) {
        let whole = run_json(&objects, |_| true, 1 << 20);
        let mut columns = figures(&whole);
        columns.sort();
        for chunk_size in [16, 64, 1 << 20] {
            let found = run_json(&objects, |mark| mark, chunk_size);
            prop_assert_eq!(records(&found), records(&whole), "chunks of {}", chunk_size);
            let mut figures = figures(&found);
            figures.sort();
            prop_assert_eq!(&figures, &columns, "chunks of {}", chunk_size);
            prop_assert_eq!((found.report.records, found.report.rejects), (objects.len() as u64, 0));
        }
    }
}
