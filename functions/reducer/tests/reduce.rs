//! The reducer over results that processors left, and over results that somebody spoiled.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::Arc;

use bytes::Bytes;
use fanout_core::message::{Plan, ProcessRequest, ReduceRequest, ReduceResponse, Report, Status, from_json};
use fanout_core::{Code, Coded, Location, Prices, TypeCandidates, chunks};
use fanout_outputs::BUILT_IN;
use fanout_processor::process;
use fanout_reducer::{Context, ReduceError};
use fanout_store::{MemoryStore, Store, get};
use serde_json::{Value, json};

const TEXT: &[u8] = b"id,name\n1,a\n2,b\n3\n4,d\n5,e\n6,f\n";

/// A plan over [`TEXT`] in four chunks, and the results of all of them.
async fn processed(dataset: Value) -> (Plan, MemoryStore) {
    let source = MemoryStore::new();
    source.insert(&Location { bucket: "b".into(), key: "k.csv".into() }, Bytes::from_static(TEXT));
    let plan: Plan = serde_json::from_value(json!({
        "run_id": "run", "object": {"bucket": "b", "key": "k.csv", "etag": "1", "size": TEXT.len()},
        "dataset": dataset, "reader": "range", "outputs": ["profile", "rejects", "jsonl"],
        "header": ["id", "name"], "inferred": [{"column": 0, "candidates": TypeCandidates::of(b"1")}], "data_start": 8, "chunk_size": 6, "chunk_count": 4,
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    }))
    .unwrap();
    let results = MemoryStore::new();
    for chunk in chunks(plan.data(), plan.chunk_size) {
        let request = ProcessRequest { plan: plan.clone(), chunk };
        let context = fanout_processor::Context {
            source: Arc::new(source.clone()),
            results: Arc::new(results.clone()),
            outputs: BUILT_IN,
            memory_mb: 0,
        };
        process(&request, &context).await.unwrap();
    }
    (plan, results)
}

/// Reduces with the built-in outputs.
async fn reduce(plan: &Plan, results: &MemoryStore) -> Result<ReduceResponse, ReduceError> {
    let prices = Prices::built_in().unwrap();
    let context = Context { results: Arc::new(results.clone()), outputs: BUILT_IN, prices, memory_mb: 0 };
    let request = ReduceRequest { plan: plan.clone(), started_at: "2026-01-01T00:00:00.123Z".into() };
    fanout_reducer::reduce(&request, &context).await
}

#[tokio::test]
async fn the_report_merges_what_the_chunks_found() {
    let (plan, results) = processed(json!({})).await;
    let ReduceResponse::Done { report: summary } = reduce(&plan, &results).await.unwrap() else { panic!() };
    assert!(serde_json::to_vec(&summary).unwrap().len() < 64 * 1024);
    let report: Report = from_json("report", &get(&results, &summary.report).await.unwrap()).unwrap();
    assert_eq!((report.status, report.records, report.rejects, report.chunks), (Status::SucceededWithRejects, 5, 1, 4));
    assert!(report.coverage.verified && report.coverage.end == TEXT.len() as u64 && report.elapsed_ms > 0);
    let section = |name: &str| report.outputs.iter().find(|output| output.name == name).unwrap().section.clone();
    let example = json!({"offset": 16, "number": 3, "expected": "2 fields", "found": "1 field", "record": "3"});
    let group = json!({"reason": "field_count", "column": null, "count": 1, "examples": [example]});
    assert_eq!(section("rejects"), Some(json!({"reasons": {"field_count": 1}, "groups": [group]})));
    let id = &report.columns[0];
    assert_eq!((id.count, id.mean, id.column_type.to_string().as_str()), (5, Some(3.6), "int64"));
    let parts: Value = from_json("parts", &get(&results, &plan.results.join("parts.json")).await.unwrap()).unwrap();
    let of =
        |name: &str| parts[name].as_array().unwrap().iter().map(|part| part["records"].as_u64().unwrap()).sum::<u64>();
    assert_eq!((of("jsonl"), of("rejects")), (5, 2), "rejects have their bytes and their reasons");
}

#[tokio::test]
async fn a_lost_result_is_repaired_and_no_report_is_written() {
    let (plan, results) = processed(json!({})).await;
    results.delete(&plan.result_location(2)).await.unwrap();
    let ReduceResponse::Repair { plan: next } = reduce(&plan, &results).await.unwrap() else { panic!() };
    let chunks = next.chunks.clone().unwrap();
    assert_eq!((next.round, chunks.len(), chunks[0].index), (1, 1, 2));
    assert!(chunks[0].first_record.is_some());
    assert!(!results.keys("out").contains(&"run/report.json".to_owned()));
    let text = serde_json::to_value(ReduceResponse::Repair { plan: next }).unwrap();
    assert!(text.get("plan").is_some() && text.get("report").is_none(), "what the state machine's Choice asks");
}

#[tokio::test]
async fn many_repairs_go_to_a_manifest_of_their_round() {
    let (mut plan, _) = processed(json!({})).await;
    (plan.chunk_size, plan.chunk_count) = (1, TEXT.len() as u64 - 8);
    plan.object.size += 100;
    plan.chunk_count += 100;
    let results = MemoryStore::new();
    let ReduceResponse::Repair { plan: next } = reduce(&plan, &results).await.unwrap() else { panic!() };
    assert_eq!(next.chunks, None);
    assert_eq!(next.manifest.unwrap().key, "run/manifest/1.jsonl");
}

#[tokio::test]
async fn spoiled_results_are_errors_with_the_chunk_named() {
    let (plan, results) = processed(json!({})).await;
    let second = get(&results, &plan.result_location(2)).await.unwrap();
    results.insert(&plan.result_location(1), second);
    let error = reduce(&plan, &results).await.unwrap_err();
    assert_eq!(error.code(), Code::CoverageFailed, "{error}");
    assert!(error.to_string().starts_with("chunk 1 [14, 20): its result is of chunk 2"), "{error}");
    results.insert(&plan.result_location(1), Bytes::from_static(b"{"));
    let error = reduce(&plan, &results).await.unwrap_err();
    assert!(error.to_string().starts_with("out/run/results/00001.json: "), "{error}");
}

#[tokio::test]
async fn too_many_rejects_fail_the_run_and_leave_them_to_look_at() {
    let (plan, results) = processed(json!({"max_reject_ratio": 0.1})).await;
    let error = reduce(&plan, &results).await.unwrap_err();
    assert_eq!(error.code(), Code::TooManyRejects);
    let text = "1 of 6 records were refused, at most 0.1 of them may be; the refused records are in out/run/rejects/";
    assert_eq!(error.to_string(), text);
    let keys = results.keys("out");
    assert!(keys.iter().any(|key| key.starts_with("run/rejects/")) && !keys.contains(&"run/report.json".to_owned()));
    let (plan, results) = processed(json!({"max_reject_ratio": 0.17})).await;
    assert!(reduce(&plan, &results).await.is_ok());
}

#[tokio::test]
async fn results_of_another_version_of_the_object_are_not_used() {
    let (mut plan, results) = processed(json!({})).await;
    plan.object.etag = "2".into();
    let ReduceResponse::Repair { plan: next } = reduce(&plan, &results).await.unwrap() else { panic!() };
    assert_eq!(next.chunks.unwrap().len(), 4, "every chunk is processed again");
}
