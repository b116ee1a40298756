//! The page of a report: its contents, and that data stays text.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::message::Report;
use fanout_render::page;
use serde_json::{Value, json};

fn report(changes: Value) -> Report {
    let mut report = json!({
        "status": "succeeded", "run_id": "run", "object": {"bucket": "b", "key": "k.csv", "etag": "1", "size": 5000},
        "dataset": null, "reader": "range", "records": 1234, "rejects": 0, "chunks": 2,
        "coverage": {"verified": true, "data_start": 8, "end": 5000,
            "bytes": {"accepted": 4992, "rejected": 0, "skipped": 0}, "repaired": 1},
        "columns": [], "outputs": [], "bytes_read": 5100, "results": {"bucket": "out", "key": "runs/run/"},
        "elapsed_ms": 2500, "timeline": []
    });
    report.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    serde_json::from_value(report).unwrap()
}

#[test]
fn figures() {
    let text = page(&report(json!({"outputs": [
        {"name": "mine", "parts": 3, "records": 1234, "bytes": 2_500_000, "section": {"answer": 42, "list": ["a", null]}}
    ]})));
    for shown in [
        "<title>k.csv · fanout</title>",
        "<dd>1,234</dd>",
        "bytes 8 to 5,000, each record exactly once. One chunk was repaired.",
        "<h2><bdi>mine</bdi></h2>",
        "<dt><bdi>answer</bdi></dt><dd>42</dd>",
        "2.5 MB",
        "Nothing of this run was charged for",
    ] {
        assert!(text.contains(shown), "{shown} in {text}");
    }
    assert!(!text.contains("://"), "nothing is loaded or linked: {text}");
}

#[test]
fn what_is_not_proven_is_not_said_to_be() {
    let bytes = json!({"accepted": 0, "rejected": 0, "skipped": 0});
    let coverage = json!({"verified": false, "data_start": 8, "end": 5000, "bytes": bytes, "repaired": 0});
    let text = page(&report(json!({"reader": "select", "coverage": coverage})));
    assert!(text.contains("coverage not verified") && !text.contains("exactly once"), "{text}");
    let text = page(&report(json!({"compression": "gzip", "not_split": "gzip can't be cut"})));
    assert!(text.contains("bytes of its text 8 to 5,000") && text.contains("gzip can't be cut."), "{text}");
}

#[test]
fn data_is_text() {
    let evil = "</title><script>alert(1)</script>\u{202e}\u{1b}";
    let column = json!({"name": evil, "type": "string", "count": 1, "nulls": 0, "invalid": 0, "min": evil, "max": evil,
        "sum": null, "mean": null, "stddev": null, "estimates": {"distinct": {"estimate": 1, "lower": 1, "upper": 1},
        "frequent": [{"value": evil, "at_least": 1, "at_most": 1}]}});
    let example = json!({"offset": 8, "expected": evil, "found": evil, "record": evil});
    let group = json!({"reason": evil, "column": evil, "count": 1, "examples": [example]});
    let sections = |name: &str| {
        json!({"name": name, "parts": 0, "records": 1, "bytes": 0,
        "section": {"groups": [group.clone()]}})
    };
    let text = page(&report(json!({
        "run_id": evil, "dataset": evil, "columns": [column],
        "object": {"bucket": evil, "key": evil, "etag": "1", "size": 5000}, "results": {"bucket": evil, "key": "x"},
        "outputs": [sections("rejects"), sections(evil)],
        "cost": {"usd": 1.0, "lines": [{"what": evil, "quantity": 1.0, "price": 1.0, "usd": 1.0}], "region": evil,
            "date": evil}
    })));
    assert!(text.matches("&lt;script&gt;").count() >= 15, "{text}");
    for never in ["<script", "</title><", "\u{202e}", "\u{1b}"] {
        assert_eq!(text.matches(never).count(), usize::from(never == "</title><"), "{never:?}");
    }
}

#[test]
fn the_timeline_shows_the_slowest_and_marks_stragglers() {
    let time = |index: u64| json!({"index": index, "queue_ms": index, "read_ms": 10, "compute_ms": 90});
    let mut times: Vec<Value> = (0..300).map(time).collect();
    times[250]["compute_ms"] = json!(1490);
    let text = page(&report(json!({"timeline": times, "chunks": 300})));
    assert!(
        text.contains("100 ms (median), 100 ms (95 %), 1.5 s (slowest). One took more than twice the median."),
        "{text}"
    );
    assert!(text.contains("The 100 slowest of 300 chunks:"), "{text}");
    assert_eq!(text.matches("class=\"lane\"").count(), 99);
    assert_eq!(text.matches("class=\"lane straggler\"").count(), 1);
    let lane = "title=\"chunk 250: queue 250 ms, read 10 ms, compute 1.49 s\"";
    assert!(text.contains(lane), "{text}");
}

#[test]
fn a_bill() {
    let line = |what: &str, usd: f64| json!({"what": what, "quantity": 2.0, "price": usd / 2.0, "usd": usd});
    let cost = json!({"usd": 0.75, "lines": [line("Lambda, requests", 0.5), line("S3, requests that read", 0.25)],
        "region": "us-east-1", "date": "2026-07-01"});
    let text = page(&report(json!({ "cost": cost })));
    let row = "<td>Lambda, requests</td><td class=\"number\">2</td><td class=\"number\">0.25</td><td class=\"number\">0.5</td>";
    assert!(text.contains(row), "{text}");
    assert!(
        text.contains("Prices of us-east-1, 2026-07-01.") && text.contains("<dt>Cost</dt><dd>$0.75</dd>"),
        "{text}"
    );
}
