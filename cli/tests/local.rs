//! Local runs whose output fails: the codes that are tried again, and how often.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use fanout_cli::{CliError, LocalRun, Source};
use fanout_core::message::{Job, Report};
use fanout_core::{Code, Coded, Location, Prices, Rows};
use fanout_outputs::{ChunkContext, Finished, Merge, Output, OutputError, OutputKind, RecordCount, RunContext};
use fanout_store::MemoryStore;
use serde_json::json;

const NAME: &str = "flaky";

/// An output over a database that is away, or broken, for some calls.
struct Flaky {
    /// Calls that fail before one succeeds.
    failures: u32,
    passes: bool,
    calls: AtomicU32,
}

impl OutputKind for Flaky {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, _chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        let fails = self.calls.fetch_add(1, Ordering::Relaxed) < self.failures;
        let source = "no connection".into();
        let error = match self.passes {
            true => OutputError::Unavailable { output: NAME, source },
            false => OutputError::Failed { output: NAME, source },
        };
        Ok(Box::new(Chunk { error: fails.then_some(error), records: 0 }))
    }

    fn merge(&self, _run: &RunContext) -> Box<dyn Merge> {
        Box::new(RecordCount::new(NAME))
    }
}

struct Chunk {
    error: Option<OutputError>,
    records: u64,
}

#[async_trait]
impl Output for Chunk {
    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), OutputError> {
        self.records += rows.len() as u64;
        self.error.take().map_or(Ok(()), Err)
    }

    async fn finish(self: Box<Self>) -> Result<Finished, OutputError> {
        Ok(Finished { partial: RecordCount::partial(NAME, self.records)?, parts: Vec::new() })
    }
}

async fn run(output: &'static Flaky) -> Result<Report, CliError> {
    let store = MemoryStore::new();
    store.insert(&Location { bucket: "b".into(), key: "k.csv".into() }, Bytes::from_static(b"id\n1\n2\n"));
    let source = Source::new(Arc::new(store), "b", "k.csv");
    let outputs: &'static [&'static dyn OutputKind] = Box::leak(Box::new([output as &dyn OutputKind]));
    let results = Arc::new(MemoryStore::new());
    let local = LocalRun::with_stores(source, results, "out", 1, Prices::built_in()?, outputs);
    let job: Job = serde_json::from_value(json!({"bucket": "b", "key": "k.csv", "outputs": [NAME]})).unwrap();
    local.run(local.plan(&job).await?, |_| {}).await
}

#[tokio::test(start_paused = true)]
async fn an_output_that_is_away_is_tried_again_and_one_that_is_broken_is_not() {
    let table = [
        (0, true, None, 1),
        (3, true, None, 4),
        (9, true, Some(Code::OutputUnavailable), 4),
        (9, false, Some(Code::OutputFailed), 1),
    ];
    for (failures, passes, code, calls) in table {
        let output = Box::leak(Box::new(Flaky { failures, passes, calls: AtomicU32::new(0) }));
        match (run(output).await, code) {
            (Ok(report), None) => assert_eq!(report.records, 2),
            (result, code) => assert_eq!(result.err().map(|error| error.code()), code, "{failures} failures"),
        }
        assert_eq!(output.calls.load(Ordering::Relaxed), calls, "{failures} failures");
    }
}
