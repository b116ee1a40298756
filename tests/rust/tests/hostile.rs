//! Files made to hurt: they cost a record or an error, not the process.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::message::Dataset;
use fanout_core::sample_windows;
use fanout_tests::{dataset, run};

#[test]
fn nested_json_is_no_recursion() {
    let depth = 200_000;
    let nested = format!("{{\"a\": {}1{}}}\n", "[".repeat(depth), "]".repeat(depth));
    let open = format!("{{\"a\": {}\n", "{\"b\":".repeat(depth));
    let body = format!("{{\"a\": 1}}\n{nested}{open}{{\"a\": 2}}\n");
    for rules in [Dataset::default(), dataset(r#"{"format": "json_lines", "columns": {"a": "string"}}"#)] {
        let report = run(body.as_bytes(), &rules, 100_000).unwrap().report;
        assert_eq!(report.records + report.rejects, 4);
        assert!(report.rejects >= 1, "the open one");
    }
}

#[test]
fn keys_of_json_without_end() {
    let (size, line) = (6 << 20, "{\"a\": 1}\n");
    let windows = sample_windows(size, 1 << 20);
    let gap = windows.windows(2).find(|two| two[0].end + (200 << 10) < two[1].start).unwrap()[0].end;
    let before = line.repeat(gap as usize / line.len() + 9);
    let keys: Vec<String> = (0..=10_000).map(|number| format!("\"k{number}\":1")).collect();
    let late = format!("{{{}}}\n", keys.join(","));
    let rest = line.repeat((size as usize - before.len() - late.len()) / line.len());
    let error = run(format!("{before}{late}{rest}").as_bytes(), &Dataset::default(), 1 << 20).err().unwrap();
    assert!(error.to_string().starts_with("over 10000 keys come after the samples"), "{error}");
}
