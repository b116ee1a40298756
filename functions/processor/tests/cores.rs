//! Chunks on several cores: the same parts and the same result as on one. A panic is an error with a code.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::{ChunkResult, Failure, Plan, ProcessRequest, from_json};
use fanout_core::{Code, Coded, Location, Rows};
use fanout_outputs::{BUILT_IN, ChunkContext, Finished, Merge, Output, OutputError, OutputKind, RunContext};
use fanout_processor::{Context, process_on};
use fanout_store::{MemoryStore, Store, get};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_and_results_are_the_same_on_one_core_and_on_two() {
    let mut text = "id,name\n".to_owned();
    // Two whole row groups, and a part of a third. Some of the records are refused.
    (0..300_000).for_each(|id| text.push_str(if id % 7_000 == 7 { "1,2,x\n" } else { ["1,a\n", "2,b\n"][id % 3 % 2] }));
    let source = MemoryStore::new();
    source.insert(&Location::new("b", "k.csv"), Bytes::from(text.clone()));
    let plan = plan(text.len(), &["parquet", "rejects"]);
    let chunk = fanout_core::chunks(plan.data(), plan.chunk_size).next().unwrap();
    let mut found = Vec::new();
    for cores in [1, 2] {
        let results = Arc::new(MemoryStore::new());
        let context =
            Context { source: Arc::new(source.clone()), results: results.clone(), outputs: BUILT_IN, memory_mb: 0 };
        process_on(&ProcessRequest { plan: plan.clone(), chunk }, &context, cores).await.unwrap();
        let results: &dyn Store = &*results;
        let result: ChunkResult = from_json("result", &get(results, &plan.result_location(0)).await.unwrap()).unwrap();
        let mut parts = Vec::new();
        for part in &result.parts {
            parts.push((part.key.clone(), get(results, &plan.results.join(&part.key)).await.unwrap()));
        }
        let partials: Vec<_> = result.partial.values().map(|partial| partial.get().to_owned()).collect();
        found.push((result.records, result.rejects, result.parts, parts, partials));
    }
    assert!(found[0].0 > 2 * 122_880 && found[0].1 > 30 && found[0].2.len() == 3, "{:?}", found[0].2);
    assert!(found.iter().all(|one| *one == found[0]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_of_an_output_is_an_error_with_a_code() {
    let text = "id,name\n1,a\n";
    let source = MemoryStore::new();
    source.insert(&Location::new("b", "k.csv"), Bytes::from(text));
    let plan = plan(text.len(), &["panics"]);
    let chunk = fanout_core::chunks(plan.data(), plan.chunk_size).next().unwrap();
    for cores in [1, 2] {
        let results = Arc::new(MemoryStore::new());
        let outputs = &[&Panics as &dyn OutputKind];
        let context = Context { source: Arc::new(source.clone()), results: results.clone(), outputs, memory_mb: 0 };
        let request = ProcessRequest { plan: plan.clone(), chunk };
        let error = process_on(&request, &context, cores).await.unwrap_err();
        assert_eq!(error.code(), Code::Internal);
        assert_eq!(error.to_string(), "chunk 0: a panic: no row 7", "{cores} cores");
        // It is found where the run's record of the failure looks for it.
        let kept: Failure = from_json("failure", &get(&*results, &plan.failure_location(0)).await.unwrap()).unwrap();
        assert_eq!(kept, Failure::of(&error));
    }
}

fn plan(size: usize, outputs: &[&str]) -> Plan {
    serde_json::from_value(json!({
        "run_id": "run", "object": {"bucket": "b", "key": "k.csv", "etag": "1", "size": size},
        "dataset": {}, "reader": "range", "outputs": outputs,
        "header": ["id", "name"], "data_start": 8, "chunk_size": size, "chunk_count": 1,
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    }))
    .unwrap()
}

/// An output with a bug.
struct Panics;

impl OutputKind for Panics {
    fn name(&self) -> &'static str {
        "panics"
    }

    fn start(&self, _chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        Ok(Box::new(Panics))
    }

    fn merge(&self, _run: &RunContext) -> Box<dyn Merge> {
        unreachable!("no chunk is done")
    }
}

#[async_trait]
impl Output for Panics {
    async fn write(&mut self, _rows: &Rows<'_>) -> Result<(), OutputError> {
        panic!("no row {}", 7)
    }

    async fn finish(self: Box<Self>) -> Result<Finished, OutputError> {
        unreachable!("the batch before it panicked")
    }
}
