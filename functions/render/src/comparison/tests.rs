//! Comparisons of whole reports.

use fanout_core::message::Report;
use serde_json::{Value, json};

use super::*;

fn merged(first: Value, second: &Value) -> Value {
    let mut both = first;
    both.as_object_mut().unwrap().extend(second.as_object().unwrap().clone());
    both
}

fn column(name: &str, changes: Value) -> Value {
    let column = json!({"name": name, "type": "int64", "count": 100, "nulls": 0, "invalid": 0, "min": 1, "max": 9,
        "sum": 500, "mean": 5.0, "stddev": 2.5, "null_share": 0.0});
    merged(column, &changes)
}

fn report(changes: Value) -> Report {
    let report = json!({
        "status": "succeeded", "run_id": "run", "object": {"bucket": "b", "key": "k.csv", "etag": "1", "size": 5000},
        "dataset": null, "reader": "range", "records": 100, "rejects": 0, "chunks": 2,
        "coverage": {"verified": true, "data_start": 8, "end": 5000,
            "bytes": {"accepted": 4992, "rejected": 0, "skipped": 0}, "repaired": 1},
        "columns": [column("a", json!({})), column("b", json!({}))],
        "outputs": [{"name": "rejects", "parts": 0, "records": 0, "bytes": 0}],
        "bytes_read": 5100, "results": {"bucket": "out", "key": "runs/run/"}, "elapsed_ms": 2500, "timeline": []
    });
    serde_json::from_value(merged(report, &changes)).unwrap()
}

fn groups(groups: Value) -> Value {
    json!([{"name": "rejects", "parts": 0, "records": 0, "bytes": 0, "section": {"groups": groups}}])
}

#[test]
fn runs_of_the_same_records_are_equal() {
    let other = json!({"run_id": "other", "chunks": 79, "elapsed_ms": 1, "started_at": "2026-11-26T07:26:05Z",
        "object": {"bucket": "c", "key": "l.csv", "etag": "2", "size": 1}, "bytes_read": 9,
        "columns": [column("a", json!({"mean": 5.000_000_000_000_001})), column("b", json!({}))]});
    let found = compare(&report(json!({})), &report(other));
    assert!(found.equal && found.changed.is_empty() && found.unchanged == 2, "{found:?}");
    assert!(comparison_text(&found).contains("records  100, the same"), "{}", comparison_text(&found));
}

#[test]
fn each_difference_counts() {
    let field_count = json!([{"reason": "field_count", "column": null, "count": 3, "examples": []}]);
    let table = [
        ("records", json!({"records": 101}), "records  100 → 101  (+1, +1.0 %)"),
        ("rejects", json!({"rejects": 3}), "rejects  0 → 3  (+3)"),
        ("reasons", json!({"outputs": groups(field_count)}), "  rejected for field_count: 0 → 3"),
        (
            "added",
            json!({"columns": [column("a", json!({})), column("b", json!({})), column("c", json!({}))]}),
            "  added c  int64",
        ),
        ("removed", json!({"columns": [column("a", json!({}))]}), "  removed b  int64"),
        (
            "order",
            json!({"columns": [column("b", json!({})), column("a", json!({}))]}),
            "  the columns come in another order",
        ),
        (
            "type",
            json!({"columns": [column("a", json!({"type": "float64"})), column("b", json!({}))]}),
            "a  int64 → float64",
        ),
        (
            "nulls",
            json!({"columns": [column("a", json!({"nulls": 7})), column("b", json!({}))]}),
            "  nulls                                       0 → 7",
        ),
        (
            "greatest",
            json!({"columns": [column("a", json!({"max": 10_000})), column("b", json!({}))]}),
            "  max                                         9 → 10,000",
        ),
        (
            "sum",
            json!({"columns": [column("a", json!({"sum": 501})), column("b", json!({}))]}),
            "  sum                                       500 → 501",
        ),
    ];
    for (case, changes, line) in table {
        let found = compare(&report(json!({})), &report(changes));
        assert!(!found.equal, "{case}");
        let text = comparison_text(&found);
        assert!(text.lines().any(|shown| shown == line), "{case}: {text}");
        assert!(text.lines().last().unwrap().starts_with("different"), "{case}: {text}");
        assert_eq!(serde_json::to_value(&found).unwrap()["equal"], false);
    }
}

#[test]
fn a_run_without_a_profile_has_no_columns_to_compare() {
    let found = compare(&report(json!({"columns": []})), &report(json!({})));
    assert!(found.equal && !found.columns_compared && found.added.is_empty(), "{found:?}");
    assert!(comparison_text(&found).contains("columns are not compared"));
}

#[test]
fn reading_is_told_and_does_not_count() {
    let evidence = |value: &str| json!({"evidence": [{"what": "delimiter", "value": value, "sentence": ""}]});
    let found = compare(&report(evidence("comma")), &report(evidence("semicolon")));
    assert!(found.equal);
    assert!(comparison_text(&found).contains("read otherwise: delimiter comma → semicolon"));
}

#[test]
fn lines_fit_a_terminal_and_hostile_texts_are_escaped() {
    let evil = format!("\u{1b}[2J\u{202e}{}", "x".repeat(100));
    let text =
        |min: &str| json!({"type": "string", "min": min, "max": evil, "sum": null, "mean": null, "stddev": null});
    let with = |name: &str, min: &str| report(json!({"columns": [column(&evil, text(min)), column(name, json!({}))]}));
    let shown = comparison_text(&compare(&with("one", &evil), &with("other", "a")));
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
    let wide: Vec<&str> = shown.lines().filter(|line| line.chars().count() > 100).collect();
    assert!(wide.is_empty(), "{wide:?}");
}
