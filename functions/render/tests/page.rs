//! The page of a report: its contents, and that data stays text.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeMap;

use fanout_core::message::{Part, Report};
use serde_json::{Value, json};

/// The page of a report of which no parts are known.
fn page(report: &Report) -> String {
    fanout_render::page(report, &BTreeMap::new())
}
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

fn column(changes: Value) -> Value {
    let mut column = json!({"name": "c", "type": "string", "count": 1234, "nulls": 0, "invalid": 0, "min": "a",
        "max": "z", "sum": null, "mean": null, "stddev": null});
    column.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    column
}

/// Fails where one of these texts is not on the page, or where they stand in another order.
fn assert_in_order(text: &str, shown: &[&str]) {
    shown.iter().fold(0, |from, shown| {
        let at = text[from..].find(shown);
        from + at.unwrap_or_else(|| panic!("{shown:?} is not in {}", &text[from..]))
    });
}

#[test]
fn figures() {
    let text = page(&report(json!({"started_at": "2026-11-26T07:26:05.25Z", "fanout": "9.8.7", "dataset": "people",
        "columns": [column(json!({}))], "outputs": [
        {"name": "mine", "parts": 3, "records": 1234, "bytes": 2_500_000, "section": {"answer": 42, "list": ["a", null]}}
    ]})));
    assert_in_order(
        &text,
        &[
            "<title>k.csv · fanout</title>",
            "<p class=\"status good\">Succeeded: every record was accepted</p>",
            "2026-11-26 07:26:05 UTC · dataset <bdi>people</bdi> · run <bdi>run</bdi> · fanout 9.8.7",
            "<dd>1,234</dd>",
            "<dd>2.50 s <small>2.0 kB/s</small></dd>",
            "bytes 8 to 5,000, each record exactly once. One chunk was repaired.",
            "Nothing stands out.",
            "<h2>Columns</h2>",
            "<h2><bdi>mine</bdi></h2>",
            "<dt><bdi>answer</bdi></dt><dd>42</dd>",
            "<bdi class=\"place\">out/runs/run/</bdi>",
            "2.5 MB",
            "<a href=\"./report.json\">report.json</a>",
        ],
    );
    assert!(!text.contains("://"), "nothing is loaded, and nothing elsewhere is linked: {text}");
    assert!(!text.contains("Cost") && !text.contains("<script"), "{text}");
}

#[test]
fn rejects_come_before_columns_and_colour_the_page() {
    let example = json!({"offset": 4711, "line": 99, "expected": "7 fields", "found": "6 fields", "record": "a,b"});
    let group = |reason: &str, column: Option<&str>, count: u64| json!({"reason": reason, "column": column, "count": count, "examples": [example]});
    let groups = [group("field_count", None, 3), group("invalid_value", Some("age"), 9)];
    let section = json!({"groups": groups, "reasons": {"field_count": 3, "invalid_value": 9}});
    let with = |records: u64| {
        page(&report(json!({"records": records, "rejects": 12, "columns": [column(json!({}))],
            "status": "succeeded_with_rejects",
            "outputs": [{"name": "rejects", "parts": 2, "records": 12, "bytes": 99, "section": section}]})))
    };
    let few = with(9988);
    assert_in_order(
        &few,
        &[
            "<p class=\"status fair\">Succeeded, but 0.1 % of the records were refused</p>",
            "<p class=\"proof fair\">",
            "<a class=\"kind\" href=\"#rejects\">12 rejects</a> <span class=\"quiet\">0.1 % of all records</span>: \
             invalid value 9, field count 3",
            "<section id=\"rejects\">",
            "Field count<span class=\"quiet\"> 3, &lt; 0.1 % of all records",
            "Line 99, byte 4,711:",
            "expected 7 fields, found <bdi>6 fields</bdi>",
            "Invalid value in <bdi>age</bdi>",
            "<section id=\"columns\">",
        ],
    );
    let many = with(100);
    assert!(many.contains("status bad") && many.contains("proof bad") && !many.contains("good\""), "{many}");
}

#[test]
fn findings_lead_to_their_columns() {
    let empty = json!({"name": "none", "count": 0, "nulls": 7, "null_share": 1.0, "min": null, "max": null});
    let columns = [column(json!({"name": "Id"})), column(empty), column(json!({"name": "id"}))];
    let text = page(&report(json!({ "columns": columns })));
    assert_in_order(
        &text,
        &[
            "No values</span>",
            "<a href=\"#c1\"><bdi>none</bdi></a>",
            "Similar names</span>",
            "<a href=\"#c0\"><bdi>Id</bdi></a>",
            "<a href=\"#c2\"><bdi>id</bdi></a>",
            "<article class=\"column\" id=\"c1\">",
            "<span class=\"badge fair\" title=\"7 nulls\">no values</span>",
        ],
    );
}

#[test]
fn an_account_that_is_too_narrow_is_a_finding() {
    let with = |concurrency: Value| page(&report(json!({ "concurrency": concurrency })));
    let narrow = with(json!({"wanted": 400, "available": 10}));
    let sentence = "<li>The Map is 400 chunks wide, but the account has 10 concurrent invocations of Lambda for them: ";
    assert_in_order(&narrow, &["<h2>Findings</h2>", "Concurrency</span>", sentence]);
    for enough in [json!({"wanted": 400, "available": 1000}), json!({"wanted": 400, "unknown": "no"}), json!(null)] {
        assert!(with(enough.clone()).contains("Nothing stands out."), "{enough}");
    }
}

#[test]
fn estimates_are_marked_and_exact_figures_are_whole() {
    let bin = |from: f64, to: f64, count: u64| json!({"from": from, "to": to, "count": count});
    let estimates = json!({"distinct": {"estimate": 500, "lower": 480, "upper": 520}, "rank_error": 0.013,
        "quantiles": [{"rank": 0.5, "value": 10_000.123_456}],
        "histogram": [bin(0.5, 10_000.0, 1000), bin(10_000.0, 19_999.97, 234)]});
    let numbers = json!({"type": "float64", "min": 0.5, "max": 19_999.97, "sum": 123_456_789.25, "mean": 1.5,
        "estimates": estimates});
    let frequent =
        |value: &str, at_least: u64, at_most: u64| json!({"value": value, "at_least": at_least, "at_most": at_most});
    let words = json!({"estimates": {"distinct": {"estimate": 3, "lower": 3, "upper": 3},
        "frequent": [frequent("red", 1000, 1100), frequent("", 100, 100)]}});
    let text = page(&report(json!({ "columns": [column(numbers), column(words)] })));
    assert_in_order(
        &text,
        &[
            "≈ 1,000 values",
            "<title>0.5 to 10,000: ≈ 1,000</title>",
            "<span class=\"from\"><bdi>0.5</bdi></span>",
            "<dt>Sum</dt><dd><bdi>123,456,789.25</bdi></dd>",
            "<dt>Distinct</dt><dd><bdi>≈ 500</bdi></dd>",
            "<dt>Median</dt><dd><bdi>≈ 10,000.1</bdi></dd>",
            "<dt>Max</dt><dd><bdi>19,999.97</bdi></dd>",
            "title=\"red: 1,000 to 1,100 of 1,234\"",
            "≈ 85.1 %",
            "empty text",
            "others",
            "<dt>Distinct</dt><dd><bdi>3</bdi></dd>",
        ],
    );
}

#[test]
fn first_records_stand_as_they_are() {
    let columns = [column(json!({"name": "id"})), column(json!({"name": "<b>"}))];
    let sample = json!([["1", "<i>x</i>"], ["2", null]]);
    let text = page(&report(json!({"columns": columns, "sample": sample})));
    assert_in_order(
        &text,
        &[
            "First records",
            "<bdi>id</bdi>",
            "&lt;b&gt;",
            "<bdi>1</bdi>",
            "&lt;i&gt;x",
            "<bdi>2</bdi>",
            "null",
            "<h2>Columns",
        ],
    );
}

#[test]
fn many_columns_have_an_index_and_a_filter() {
    let page_of = |number: usize| {
        let columns: Vec<Value> = (0..number).map(|n| column(json!({ "name": format!("column {n}") }))).collect();
        page(&report(json!({ "columns": columns })))
    };
    let few = page_of(12);
    assert!(!few.contains("<script") && !few.contains("type=\"search\""), "{few}");
    let many = page_of(13);
    assert_eq!((many.matches("<script>").count(), many.matches("type=\"search\"").count()), (1, 1));
    assert_in_order(&many, &["<a href=\"#c12\"><bdi>column 12</bdi></a>", "id=\"c12\"", "<script>"]);
    let most = page_of(501);
    assert!(most.contains("id=\"c499\"") && !most.contains("#c500") && most.contains("and 1 more in report.json"));
}

#[test]
fn parts_are_linked_from_the_folder_of_the_page() {
    let part = |key: &str| Part { output: "mine".into(), key: key.into(), records: 1, bytes: 1 };
    let parts = [part("data/part-00000.parquet"), part("java script:alert(1)")];
    let by_output = BTreeMap::from([("mine", parts.iter().collect())]);
    let outputs = json!([{"name": "mine", "parts": 2, "records": 2, "bytes": 2}]);
    let text = fanout_render::page(&report(json!({ "outputs": outputs })), &by_output);
    assert!(text.contains("<a href=\"./data/part-00000.parquet\">data/part-00000.parquet</a>"), "{text}");
    assert!(!text.contains("href=\"./java") && text.contains("java script"), "{text}");
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
    assert!(text.matches("&lt;script&gt;").count() >= 20, "{text}");
    for never in ["<script", "</title><", "\u{202e}", "\u{1b}"] {
        assert_eq!(text.matches(never).count(), usize::from(never == "</title><"), "{never:?}");
    }
}

#[test]
fn the_timeline_is_a_strip_that_names_stragglers() {
    let time = |index: u64| json!({"index": index, "queue_ms": index, "read_ms": 10, "compute_ms": 90});
    let mut times: Vec<Value> = (0..3000).map(time).collect();
    times[2500]["compute_ms"] = json!(1490);
    let text = page(&report(json!({"timeline": times, "chunks": 3000})));
    assert_in_order(
        &text,
        &[
            "100 ms (median), 100 ms (95 %), 1.5 s (slowest). One took more than twice the median.",
            "101 at once",
            "<span class=\"to\">4 s</span>",
            "chunk 2,500: 1.5 s<span class=\"quiet\"> (read 10 ms, compute 1.49 s), from 2.5 s on",
        ],
    );
    assert!(text.len() < 40_000, "{} bytes", text.len());
    let one = page(&report(json!({"timeline": [times[0]], "chunks": 1})));
    assert!(one.contains("The only chunk took 100 ms.") && !one.contains("at once"), "{one}");
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
