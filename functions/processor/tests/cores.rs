//! Outputs on several cores: the same parts and the same result as on one.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use fanout_core::Location;
use fanout_core::message::{ChunkResult, Plan, ProcessRequest, from_json};
use fanout_outputs::BUILT_IN;
use fanout_processor::{Context, process_on};
use fanout_store::{MemoryStore, Store, get};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_and_results_are_the_same_on_any_number_of_cores() {
    let mut text = "id,name\n".to_owned();
    // Some of the records are refused.
    (0..60_000)
        .for_each(|id| writeln!(text, "{id},name {}{}", id % 99, if id % 700 == 0 { ",x" } else { "" }).unwrap());
    let source = MemoryStore::new();
    source.insert(&Location::new("b", "k.csv"), Bytes::from(text.clone()));
    let plan: Plan = serde_json::from_value(json!({
        "run_id": "run", "object": {"bucket": "b", "key": "k.csv", "etag": "1", "size": text.len()},
        "dataset": {}, "reader": "range", "outputs": ["jsonl", "exact_profile", "parquet", "rejects"],
        "header": ["id", "name"], "data_start": 8, "chunk_size": text.len(), "chunk_count": 1,
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    }))
    .unwrap();
    let chunk = fanout_core::chunks(plan.data(), plan.chunk_size).next().unwrap();
    let mut found = Vec::new();
    for cores in [1, 2, 3, 8] {
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
    assert!(found[0].0 > 50_000 && found[0].1 > 50 && found[0].2.len() == 4, "{:?}", found[0].2);
    assert!(found.iter().all(|one| *one == found[0]));
}
