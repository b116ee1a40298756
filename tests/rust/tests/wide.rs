//! Tables of many columns: their plans are larger than a state of the state machine may be.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::message::{Dataset, Plan, from_json};
use fanout_core::{Location, MAX_PAYLOAD};
use fanout_store::get;
use fanout_tests::{dataset, run};

const COLUMNS: usize = 20_000;

fn table() -> String {
    let row = |value: &dyn Fn(usize) -> String| (0..COLUMNS).map(value).collect::<Vec<_>>().join(",") + "\n";
    let header = row(&|column| format!("a measured value of the station with number {column}"));
    header + &row(&|column| format!("{column}")) + &row(&|column| format!("{}", column * 2))
}

#[test]
fn many_columns_with_long_names_run_in_chunks() {
    let text = table();
    let outcome = run(text.as_bytes(), &Dataset::default(), 100_000).unwrap();
    assert_eq!((outcome.report.records, outcome.report.rejects), (2, 0));
    assert_eq!(outcome.report.columns.len(), COLUMNS);
    assert!(outcome.report.chunks > 1 && outcome.report.coverage.verified);
    let body = Location { bucket: "out".into(), key: "run/manifest/plan-0.json".into() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let body = runtime.block_on(get(&outcome.results, &body)).unwrap();
    assert!(body.len() > MAX_PAYLOAD, "{} bytes", body.len());
    assert!(from_json::<Plan>("plan", &body).is_err(), "the body is no plan of its own");

    // A dataset with every name in it, as inferring one makes it.
    let names: Vec<_> = text.lines().next().unwrap().split(',').map(|name| format!("{name:?}")).collect();
    let types: Vec<_> = names.iter().map(|name| format!("{name}: \"int64\"")).collect();
    let declared =
        format!("{{\"header\": {{\"expect\": [{}]}}, \"columns\": {{{}}}}}", names.join(","), types.join(","));
    let outcome = run(text.as_bytes(), &dataset(&declared), 1 << 20).unwrap();
    assert_eq!((outcome.report.records, outcome.report.rejects), (2, 0));
}
