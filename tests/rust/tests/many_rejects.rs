//! Chunks that refuse more than their run may: they give up, and are processed again where the run may go on.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::message::Plan;
use fanout_core::{Code, Coded};
use fanout_tests::{Outcome, run_plan};
use serde_json::json;

/// Bytes of a record.
const RECORD: usize = 8;

/// Records of a chunk.
const CHUNK: usize = 30_000;

/// Chunks of good records (`true`) and bad ones.
fn run(chunks: &[bool]) -> Result<Outcome, fanout_cli::CliError> {
    let record = |good: &bool| if *good { "1234567\n" } else { "123456x\n" };
    let text: String = chunks.iter().map(|good| record(good).repeat(CHUNK)).collect();
    let plan = json!({
        "run_id": "run", "object": {"bucket": "b", "key": "k.csv", "etag": "1", "size": text.len()},
        "dataset": {"columns": {"n": "int64"}}, "reader": "range", "outputs": ["exact_profile", "rejects", "jsonl"],
        "header": ["n"], "data_start": 0, "chunk_size": RECORD * CHUNK, "chunk_count": chunks.len(),
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    run_plan(text.as_bytes(), serde_json::from_value::<Plan>(plan).unwrap())
}

#[test]
fn a_chunk_of_rejects_among_good_ones_leaves_all_of_them() {
    let outcome = run(&[true, false, true]).unwrap();
    let count = CHUNK as u64;
    assert_eq!((outcome.report.records, outcome.report.rejects), (2 * count, count));
    assert_eq!((outcome.jsonl.lines().count(), outcome.rejects.len()), (2 * CHUNK, RECORD * CHUNK));
    assert_eq!(outcome.report.coverage.repaired, 1, "the chunk that gave up");
}

#[test]
fn a_run_of_rejects_fails() {
    let error = run(&[true, false, false]).err().unwrap();
    assert_eq!(error.code(), Code::TooManyRejects);
    assert!(
        error.to_string().starts_with("60000 of 90000 records were refused, at most 0.5 of them may be"),
        "{error}"
    );
}
