//! Wrong guesses: found by coverage, repaired, and without a trace in the results.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::message::Dataset;
use fanout_tests::{plain, run};

/// A record whose second field is a quoted text of `lines` lines that look exactly like records.
fn trap(id: usize, lines: usize) -> String {
    let text: String = (0..lines).map(|line| format!("{line},fake,{id}\n")).collect();
    format!("{id},\"{text}\",real\n")
}

fn equals_the_run_in_one_piece(text: &str, dataset: &Dataset, chunk_size: u64) -> u64 {
    let whole = run(text.as_bytes(), dataset, u64::MAX).unwrap();
    let cut = run(text.as_bytes(), dataset, chunk_size).unwrap();
    assert!(whole.jsonl == cut.jsonl && whole.rejects == cut.rejects, "chunks of {chunk_size} bytes");
    assert_eq!(
        (whole.report.records, whole.report.rejects, &whole.report.columns),
        (cut.report.records, cut.report.rejects, &cut.report.columns)
    );
    assert!(cut.report.coverage.verified);
    cut.report.coverage.repaired
}

#[test]
fn quoted_text_that_looks_like_records_is_repaired() {
    let text = format!("a,b,c\n1,x,y\n{}2,x,y\n", trap(7, 20_000));
    let repaired = equals_the_run_in_one_piece(&text, &plain(), 16 << 10);
    assert!(repaired >= 10, "{repaired} chunks repaired");
}

#[test]
fn repair_ends_on_input_that_defeats_every_guess() {
    let traps: String = (0..9).map(|id| trap(id, 10_000)).collect();
    let text = format!("a,b,c\n{traps}9,x,y\n");
    let repaired = equals_the_run_in_one_piece(&text, &plain(), 20_000);
    assert!(repaired >= 20, "{repaired} chunks repaired");
}

#[test]
fn rejects_of_a_wrong_guess_leave_no_trace() {
    // Under the wrong guess most lines fit, and some are ragged.
    let fake: String =
        (0..20_000).map(|line| format!("{line},fake,{line}{}\n", if line % 9 == 0 { ",more" } else { "" })).collect();
    let text = format!("a,b,c\n1,\"{fake}\",z\nragged\n2,x,y\n");
    let outcome = run(text.as_bytes(), &plain(), 16 << 10).unwrap();
    assert!(outcome.report.coverage.repaired > 0);
    assert_eq!((outcome.report.records, outcome.report.rejects), (2, 1));
    assert_eq!(outcome.rejects, b"ragged\n");
    let parts: u64 = outcome.report.outputs.iter().map(|output| output.parts).sum();
    let written = outcome.results.keys("out").into_iter().filter(|key| key.contains("/part-")).count() as u64;
    assert_eq!(parts, written, "every part that is there is in the report");
}

#[test]
fn faults_of_a_wrong_guess_are_no_faults_of_the_run() {
    // Inside the quotes lies an odd number of quotes' worth of text: read from there, nothing closes.
    let fake: String = (0..20_000).map(|line| format!("{line},\"\"x,{line}\n")).collect();
    let text = format!("a,b,c\n1,\"{fake}\",z\n2,x,y\n");
    let data = Dataset { max_record: Some(1_000_000), ..plain() };
    let outcome = run(text.as_bytes(), &data, 10_000).unwrap();
    assert_eq!((outcome.report.records, outcome.report.rejects), (2, 0));
}

#[test]
fn bad_records_are_the_same_at_any_chunk_size() {
    let lines: String = (0..30_000).map(|line| format!("{line},z\n")).collect();
    let long = format!("a,b\n1,x\n2,{}\n3,y\n", "z".repeat(70_000));
    let open = format!("a,b\n1,x\n2,\"{lines}3,y\n");
    let stray = format!("a,b\n1,x\n2,\"{lines}3,\"y\n{lines}4,w\n");
    let limited = Dataset { max_record: Some(50_000), ..plain() };
    let any = plain();
    let table = [
        ("long", &long, &limited, 2, 50_000, "record_too_large"),
        ("open", &open, &any, 30_001, 7, "unterminated_quote"),
        ("open, beyond the limit", &open, &limited, 30_001, 7, "record_too_large"),
        ("two stray quotes", &stray, &any, 60_001, 7, "malformed_quotes"),
    ];
    for (case, text, dataset, records, first, reason) in table {
        for chunk_size in [1_000, 33_333, 1 << 20] {
            let outcome = run(text.as_bytes(), dataset, chunk_size).unwrap();
            let rejects = if case == "two stray quotes" { 2 } else { 1 };
            let report = &outcome.report;
            assert_eq!((report.records, report.rejects), (records, rejects), "{case}, chunks of {chunk_size} bytes");
            let told: serde_json::Value = serde_json::from_str(outcome.reasons.lines().next().unwrap()).unwrap();
            assert_eq!((&told["offset"], &told["length"], &told["reason"]), (&8.into(), &first.into(), &reason.into()));
            let bytes = report.coverage.bytes;
            assert_eq!(bytes.total(), text.len() as u64 - 4, "{case}, chunks of {chunk_size} bytes");
            assert_eq!(bytes.skipped, if case == "long" { 20_003 } else { 0 }, "{case}");
        }
    }
}
