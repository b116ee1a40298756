//! The output over a file in several chunks, and with options that it refuses.

use fanout_cli::{CliError, LocalRun, Source};
use fanout_core::Prices;
use fanout_core::message::{Job, OutputChoice, Reader, Report, VERSION};
use own_output::OUTPUTS;
use serde_json::{Value, json};

const PEOPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/people.csv");

/// The report of a run with this output, in chunks of 4 KiB.
async fn run(output: Value) -> Result<Report, CliError> {
    let folder = tempfile::tempdir().unwrap();
    let source = Source::open(PEOPLE).await?;
    let job = Job {
        version: VERSION,
        bucket: source.bucket.clone(),
        key: source.key.clone(),
        version_id: None,
        dataset: None,
        reader: Reader::Range,
        chunk_size: Some(4096),
        outputs: Some(vec![OutputChoice::named("profile"), serde_json::from_value(output).unwrap()]),
        query: None,
        run_id: None,
    };
    let local = LocalRun::new(source, folder.path().to_str().unwrap(), 2, Prices::built_in().unwrap(), OUTPUTS);
    let plan = local.claim(local.plan(&job).await?)?;
    local.run(plan, |_| ()).await
}

#[tokio::test]
async fn the_smallest_and_the_largest_of_all_chunks() {
    for (output, smallest, largest) in
        [(json!("id_range"), 1, 1000), (json!({ "name": "id_range", "column": "age" }), 18, 90)]
    {
        let report = run(output).await.unwrap();
        assert!(report.chunks > 10, "{} chunks", report.chunks);
        let own = &report.outputs[1];
        assert_eq!((own.name.as_str(), own.records), ("id_range", report.records));
        assert_eq!(own.section, Some(json!({ "smallest": smallest, "largest": largest })));
    }
}

#[tokio::test]
async fn an_unknown_column_or_option_is_refused_before_the_run() {
    for (output, reason) in [
        (json!({ "name": "id_range", "column": "nr" }), "output id_range: there is no column \"nr\""),
        (json!({ "name": "id_range", "colum": "id" }), "output id_range: unknown field `colum`"),
    ] {
        let error = run(output).await.err().unwrap().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
