//! Whole runs over objects in memory.

use std::sync::Arc;

use bytes::Bytes;
use fanout_cli::{CliError, LocalRun, Source};
use fanout_core::message::{
    Dataset, DatasetRef, DialectRule, HeaderMatch, HeaderRule, Job, OutputChoice, Plan, Reader, Report, Types, VERSION,
    from_json,
};
use fanout_core::{Dialect, Format, Location, Prices};
use fanout_outputs::BUILT_IN;
use fanout_store::{MemoryStore, Store, get};

/// The report, the outputs and the objects of one run.
pub struct Outcome {
    /// The run's report.
    pub report: Report,
    /// The parts of `jsonl`, one after another in the order of their names.
    pub jsonl: String,
    /// The refused records' bytes, in the same order.
    pub rejects: Vec<u8>,
    /// The reasons, in the same order, without the places in chunks: they are then the same in any chunks.
    pub reasons: String,
    /// Everything that was written.
    pub results: MemoryStore,
}

/// A dataset without a header record that leaves nothing of the reading to detection, and all columns text.
pub fn said(dialect: &Dialect, names: &[&str]) -> Dataset {
    Dataset {
        encoding: Some("utf-8".to_owned()),
        format: Some(Format::Csv),
        dialect: DialectRule {
            trailing_delimiter: Some(false),
            escape_outside_quotes: Some(dialect.escape_outside_quotes),
            trim: Some(dialect.trim),
            ..DialectRule::from(dialect)
        },
        skip_lines: Some(0),
        header: Some(HeaderRule {
            expect: names.iter().map(|name| (*name).to_owned()).collect(),
            matches: HeaderMatch::None,
        }),
        types: Some(Types::Text),
        max_reject_ratio: Some(1.0),
        ..Dataset::default()
    }
}

/// A dataset of RFC 4180, with a header.
pub fn plain() -> Dataset {
    Dataset { header: Some(HeaderRule::default()), ..said(&Dialect::default(), &[]) }
}

/// A dataset from its JSON.
pub fn dataset(json: &str) -> Dataset {
    from_json("dataset", json.as_bytes()).expect("a dataset")
}

/// Runs planner, processors and reducer over one object, with outputs that show every record as text.
///
/// # Errors
///
/// [`CliError`] of the step that fails.
pub fn run(object: &[u8], dataset: &Dataset, chunk_size: u64) -> Result<Outcome, CliError> {
    let source = MemoryStore::new();
    source.insert(&Location { bucket: "b".into(), key: "k.csv".into() }, Bytes::copy_from_slice(object));
    run_with(Arc::new(source), dataset, chunk_size, Some(&["exact_profile", "rejects", "jsonl"]))
}

/// Runs planner, processors and reducer over a store that has the object as `b/k.csv`, with these outputs.
///
/// # Errors
///
/// [`CliError`] of the step that fails.
pub fn run_with(
    source: Arc<dyn Store>,
    dataset: &Dataset,
    chunk_size: u64,
    outputs: Option<&[&str]>,
) -> Result<Outcome, CliError> {
    let job = Job {
        version: VERSION,
        bucket: "b".into(),
        key: "k.csv".into(),
        version_id: None,
        dataset: Some(DatasetRef::Inline(Box::new(dataset.clone()))),
        reader: Reader::Range,
        chunk_size: Some(chunk_size),
        outputs: outputs.map(|names| names.iter().map(|name| OutputChoice::named(name)).collect()),
        query: None,
        run_id: Some("run".into()),
    };
    run_local(source, Work::Job(job))
}

/// Runs processors and reducer with a plan over `object`, whose version is taken as it is.
///
/// # Errors
///
/// [`CliError`] of the step that fails.
pub fn run_plan(object: &[u8], plan: Plan) -> Result<Outcome, CliError> {
    let source = MemoryStore::new();
    source.insert(&Location { bucket: "b".into(), key: "k.csv".into() }, Bytes::copy_from_slice(object));
    run_local(Arc::new(source), Work::Plan(Box::new(plan)))
}

/// The beginning of a run.
enum Work {
    Job(Job),
    Plan(Box<Plan>),
}

fn run_local(source: Arc<dyn Store>, work: Work) -> Result<Outcome, CliError> {
    let results = MemoryStore::new();
    let source = Source::new(source, "b", "k.csv");
    let local = LocalRun::with_stores(
        source,
        Arc::new(results.clone()),
        "out",
        2,
        Prices::built_in().expect("prices"),
        BUILT_IN,
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let report = runtime.block_on(async {
        let plan = match work {
            Work::Job(job) => local.plan(&job).await?,
            Work::Plan(plan) => *plan,
        };
        local.run(plan, |_| ()).await
    })?;
    let all = |folder: &str, end: &str| -> Vec<u8> {
        let keys = results.keys("out").into_iter().filter(|key| key.starts_with(folder) && key.ends_with(end));
        let read = |key: String| runtime.block_on(get(&results, &Location { bucket: "out".into(), key })).unwrap();
        keys.flat_map(read).collect()
    };
    Ok(Outcome {
        report,
        jsonl: String::from_utf8(all("run/data/", ".jsonl")).unwrap(),
        rejects: [all("run/rejects/", ".csv"), all("run/rejects/", ".ndjson")].concat(),
        reasons: without_chunks(&String::from_utf8(all("run/rejects/", ".jsonl")).unwrap()),
        results,
    })
}

/// Reasons without `"chunk_record":1,"chunk_line":1,`.
fn without_chunks(reasons: &str) -> String {
    let line = |line: &str| match (line.find("\"chunk_record\":"), line.find("\"reason\":")) {
        (Some(from), Some(to)) => format!("{}{}", &line[..from], &line[to..]),
        _ => line.to_owned(),
    };
    reasons.split_inclusive('\n').map(line).collect()
}
