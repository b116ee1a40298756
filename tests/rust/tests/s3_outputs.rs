//! Writing to S3: nothing half, nothing left over, nothing of others, the report last.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use fanout_core::message::{Chunk, Plan, ProcessRequest, ReduceRequest, ReduceResponse};
use fanout_core::{Code, Coded, Location, Prices, chunks};
use fanout_outputs::BUILT_IN;
use fanout_processor::{Context, ProcessError, process};
use fanout_reducer::reduce;
use fanout_s3_server::{Fault, Op, S3Server};
use fanout_store::{S3Store, Store};
use fanout_tests::s3::{BUCKET, run, text};
use serde_json::json;

/// A plan over this text in two chunks, of which the first one's part has more than 8 MiB.
fn plan(server: &S3Server, text: &str) -> Plan {
    let etag = server.insert(BUCKET, "k.csv", text.to_owned());
    let chunk_size = text.len() as u64 - 16;
    let plan = json!({
        "run_id": "run", "object": {"bucket": BUCKET, "key": "k.csv", "etag": etag, "size": text.len()},
        "dataset": {}, "reader": "range", "outputs": ["jsonl", "rejects"], "header": ["id", "name"],
        "data_start": 8, "chunk_size": chunk_size, "chunk_count": 2,
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    serde_json::from_value(plan).unwrap()
}

fn long_text(end: &str) -> String {
    let lines: String = (0..10).map(|id| format!("{id},{}\n", "x".repeat(1 << 20))).collect();
    format!("id,name\n{lines}{end}")
}

async fn run_chunk(server: &S3Server, plan: &Plan, index: usize) -> Result<(), ProcessError> {
    let store = S3Store::new(&server.config());
    let chunk: Chunk = chunks(plan.data(), plan.chunk_size).nth(index).unwrap();
    let request = ProcessRequest { plan: plan.clone(), chunk };
    let store: Arc<dyn Store> = Arc::new(store);
    let context = Context { source: store.clone(), results: store, outputs: BUILT_IN, memory_mb: 0 };
    process(&request, &context).await.map(|_| ())
}

/// The keys that requests of these kinds were about, in their order.
fn keys(server: &S3Server, ops: &[Op]) -> Vec<String> {
    let requests = server.take_requests().into_iter();
    requests.filter(|request| ops.contains(&request.op)).map(|request| request.key).collect()
}

/// Every object of the results.
fn written(server: &S3Server) -> BTreeMap<String, bytes::Bytes> {
    server.keys("out").into_iter().map(|key| (key.clone(), server.object("out", &key).unwrap())).collect()
}

#[tokio::test]
async fn large_parts_are_uploaded_in_parts() {
    let server = S3Server::start().await;
    let plan = plan(&server, &long_text("10,y\n11,z\n"));
    run_chunk(&server, &plan, 0).await.unwrap();
    let ops: Vec<Op> = server.take_requests().into_iter().map(|request| request.op).collect();
    let expected = [Op::Get, Op::CreateUpload, Op::UploadPart, Op::UploadPart, Op::CompleteUpload, Op::Put];
    assert_eq!(ops, expected);
    let part = server.object("out", "run/data/part-00000.jsonl").unwrap();
    assert!(part.len() > 10 << 20 && part.ends_with(b"}\n"));
    assert!(server.open_uploads("out").is_empty());
}

#[tokio::test]
async fn failed_chunks_leave_no_upload_behind() {
    let server = S3Server::start().await;
    let good = long_text("10,y\n11,z\n");
    // The object is another one by now: that is a result, without a part.
    let changed = plan(&server, &long_text("10,x\n"));
    plan(&server, &good);
    run_chunk(&server, &changed, 0).await.unwrap();
    assert_eq!((server.keys("out"), server.open_uploads("out")), (vec!["run/results/00000.json".into()], vec![]));

    let part = "run/data/part-00000.jsonl";
    let always = |fault: Fault| vec![fault; 99];
    let breaks = [vec![Fault::BreakAfter(9 << 20)], vec![Fault::BreakAfter(0); 8]].concat();
    let table = [
        ("the object can't be read on", Op::Get, "k.csv", breaks, Code::StoreUnavailable),
        ("no upload begins", Op::CreateUpload, part, always(Fault::Error("SlowDown")), Code::StoreThrottled),
        ("no part is taken", Op::UploadPart, part, always(Fault::Error("InternalError")), Code::StoreUnavailable),
        ("uploads are refused", Op::UploadPart, part, always(Fault::Error("AccessDenied")), Code::AccessDenied),
        (
            "the last part is refused",
            Op::UploadPart,
            part,
            vec![Fault::None, Fault::Error("AccessDenied")],
            Code::AccessDenied,
        ),
        (
            "it isn't put together",
            Op::CompleteUpload,
            part,
            always(Fault::Error("InternalError")),
            Code::StoreUnavailable,
        ),
    ];
    for (case, op, key, faults, code) in table {
        let plan = plan(&server, &good);
        server.take_requests();
        server.fail(op, key, faults);
        let error = run_chunk(&server, &plan, 0).await.unwrap_err();
        assert_eq!(error.code(), code, "{case}: {error}");
        // At once, not at some later time.
        assert_eq!(server.open_uploads("out"), Vec::<String>::new(), "{case}");
        let left = ["run/failed/00000.json", "run/results/00000.json"];
        assert_eq!(server.keys("out"), left, "{case}: the error, and the result of the first");
        server.heal();
    }
}

#[tokio::test]
async fn a_lost_answer_to_the_last_request_of_an_upload_is_tried_again() {
    let server = S3Server::start().await;
    let plan = plan(&server, &long_text("10,y\n11,z\n"));
    run_chunk(&server, &plan, 0).await.unwrap();
    let clean = server.object("out", "run/data/part-00000.jsonl").unwrap();
    server.fail(Op::CompleteUpload, "run/data/part-00000.jsonl", [Fault::LostAnswer]);
    let error = run_chunk(&server, &plan, 0).await.unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable, "the chunk is tried again: {error}");
    run_chunk(&server, &plan, 0).await.unwrap();
    assert_eq!(server.object("out", "run/data/part-00000.jsonl").unwrap(), clean);
    assert!(server.open_uploads("out").is_empty());
}

#[tokio::test]
async fn a_retried_chunk_overwrites_its_own_output_and_nobody_elses() {
    let server = S3Server::start().await;
    server.insert(BUCKET, "k.csv", text(100));
    run(&server, "k.csv", "other", 700).await.unwrap();
    let report = run(&server, "k.csv", "run", 700).await.unwrap();
    let before = written(&server);
    server.take_requests();
    let plan = json!({
        "run_id": "run", "object": report.object, "dataset": {}, "reader": "range",
        "outputs": ["profile", "rejects", "jsonl"], "header": ["id", "name"], "data_start": 8, "chunk_size": 700,
        "chunk_count": report.chunks, "results": {"bucket": "out", "key": "run/"},
        "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    let plan: Plan = serde_json::from_value(plan).unwrap();
    run_chunk(&server, &plan, 1).await.unwrap();
    let ops = [Op::Put, Op::Delete, Op::CreateUpload, Op::CompleteUpload];
    assert_eq!(keys(&server, &ops), ["run/data/part-00001.jsonl", "run/results/00001.json"]);
    let mut after = written(&server);
    // The times that it took are others.
    after.insert("run/results/00001.json".into(), before["run/results/00001.json"].clone());
    assert_eq!(before, after);
}

#[tokio::test]
async fn the_report_is_the_last_write_and_never_half() {
    let server = S3Server::start().await;
    server.insert(BUCKET, "k.csv", text(100));
    let report = run(&server, "k.csv", "run", 700).await.unwrap();
    let writes = keys(&server, &[Op::Put, Op::CompleteUpload, Op::Delete]);
    assert_eq!(writes[writes.len() - 3..], ["run/parts.json", "run/report.html", "run/report.json"]);
    let results = writes.iter().filter(|key| key.starts_with("run/results/")).count() as u64;
    assert_eq!(results, report.chunks);
    // What the report names is there, as large as it says.
    let parts: BTreeMap<String, Vec<serde_json::Value>> =
        serde_json::from_slice(&server.object("out", "run/parts.json").unwrap()).unwrap();
    let parts: Vec<_> = parts.into_values().flatten().collect();
    assert_eq!(parts.len() as u64, report.outputs.iter().map(|output| output.parts).sum::<u64>());
    for part in parts {
        let object = server.object("out", &format!("run/{}", part["key"].as_str().unwrap())).unwrap();
        assert_eq!(object.len() as u64, part["bytes"].as_u64().unwrap());
    }
}

#[tokio::test]
async fn a_report_that_cannot_be_written_is_no_report() {
    let server = S3Server::start().await;
    server.insert(BUCKET, "k.csv", text(100));
    run(&server, "k.csv", "run", 700).await.unwrap();
    let store = S3Store::new(&server.config());
    let at = |key: &str| Location { bucket: "out".into(), key: key.into() };
    store.delete(&at("run/report.json")).await.unwrap();
    let object = json!({"bucket": BUCKET, "key": "k.csv", "etag": server.insert(BUCKET, "x", "x"), "size": 1});
    let plan = json!({
        "run_id": "run", "object": object, "dataset": {}, "reader": "range", "outputs": ["jsonl"],
        "header": ["id", "name"], "data_start": 1, "chunk_size": 700, "chunk_count": 0,
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    let request =
        ReduceRequest { plan: serde_json::from_value(plan).unwrap(), started_at: "2026-01-01T00:00:00Z".into() };
    let context = fanout_reducer::Context {
        results: Arc::new(store.clone()),
        outputs: BUILT_IN,
        prices: Prices::built_in().unwrap(),
        memory_mb: 0,
    };
    for key in ["run/parts.json", "run/report.html", "run/report.json"] {
        server.fail(Op::Put, key, vec![Fault::Error("InternalError"); 3]);
        let error = reduce(&request, &context).await.unwrap_err();
        assert_eq!(error.code(), Code::StoreUnavailable, "{key}: {error}");
        assert!(!server.keys("out").contains(&"run/report.json".to_owned()), "{key}");
    }
    assert!(matches!(reduce(&request, &context).await.unwrap(), ReduceResponse::Done { .. }));
    assert!(server.keys("out").contains(&"run/report.json".to_owned()));
}
