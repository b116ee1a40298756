//! The pipeline over S3 itself, on its bad days: what is fetched, what a fault does to a result, and
//! what is left behind.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fanout_core::message::{Chunk, ChunkResult, Plan, ProcessRequest, ProcessResponse, from_json};
use fanout_core::{Code, Coded, Location, chunks};
use fanout_outputs::BUILT_IN;
use fanout_processor::{Context, ProcessError};
use fanout_s3_server::{Fault, Op, Request, S3Server};
use fanout_store::{MemoryStore, S3Store, Store, get};
use fanout_tests::s3::{BUCKET, run, text};
use serde_json::json;
use tokio::task::JoinSet;

/// A plan over an object of the server, whose header is `id,name`.
fn plan(server: &S3Server, key: &str, text: &[u8], chunk_size: u64, outputs: &[&str]) -> Plan {
    let etag = server.insert(BUCKET, key, text.to_vec());
    let plan = json!({
        "run_id": "run", "object": {"bucket": BUCKET, "key": key, "etag": etag, "size": text.len()},
        "dataset": {}, "reader": "range", "outputs": outputs, "header": ["id", "name"],
        "data_start": 8, "chunk_size": chunk_size, "chunk_count": (text.len() as u64 - 8).div_ceil(chunk_size),
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    serde_json::from_value(plan).unwrap()
}

fn nth(plan: &Plan, index: u64) -> Chunk {
    chunks(plan.data(), plan.chunk_size).nth(index as usize).unwrap()
}

fn gets(server: &S3Server) -> Vec<Request> {
    server.take_requests().into_iter().filter(|request| request.op == Op::Get).collect()
}

async fn result(results: &MemoryStore, plan: &Plan, index: u64) -> ChunkResult {
    from_json("result", &get(results, &plan.result_location(index)).await.unwrap()).unwrap()
}

/// The parts of a run, by key.
async fn parts(results: &MemoryStore) -> Vec<(String, Bytes)> {
    let mut parts = Vec::new();
    for key in results.keys("out").into_iter().filter(|key| key.contains("/part-")) {
        let at = Location { bucket: "out".into(), key };
        parts.push((at.key.clone(), get(results, &at).await.unwrap()));
    }
    parts
}

/// Processes one chunk with the built-in outputs.
async fn process(
    request: &ProcessRequest,
    source: &(impl Store + Clone + 'static),
    results: Arc<dyn Store>,
) -> Result<ProcessResponse, ProcessError> {
    let context = Context { source: Arc::new(source.clone()), results, outputs: BUILT_IN, memory_mb: 0 };
    fanout_processor::process(request, &context).await
}

#[tokio::test]
async fn one_get_a_chunk_and_little_beyond_it() {
    let server = S3Server::start().await;
    let store = S3Store::new(&server.config());
    let object = text(800_000);
    let plan = plan(&server, "k.csv", &object, 8 << 20, &["exact_profile"]);
    assert!(plan.chunk_count >= 2, "{}", object.len());
    let (mut fetched, mut records) = (0, 0);
    for index in 0..plan.chunk_count {
        let results = MemoryStore::new();
        let request = ProcessRequest { plan: plan.clone(), chunk: nth(&plan, index) };
        process(&request, &store, Arc::new(results.clone())).await.unwrap();
        let gets = gets(&server);
        assert_eq!(gets.len(), 1, "chunk {index}: {gets:?}");
        assert_eq!(gets[0].if_match.as_ref(), Some(&plan.object.etag));
        let (start, end) = gets[0].range.unwrap();
        fetched += end - start;
        records += result(&results, &plan, index).await.records;
    }
    assert_eq!(records, 800_000);
    let beyond = fetched as f64 / object.len() as f64 - 1.0;
    println!("fetched beyond the object: {:.3} %", beyond * 100.0);
    assert!((0.0..0.005).contains(&beyond), "{beyond}");
}

/// Processes a chunk of an object of its own with faults; returns its result, its parts, and the
/// ranges that were asked for.
async fn with_faults(
    server: &S3Server,
    store: &S3Store,
    name: String,
    faults: Vec<Fault>,
) -> (Result<ChunkResult, Code>, Vec<(String, Bytes)>) {
    let plan = plan(server, &name, &text(4), 30, &["jsonl", "rejects"]);
    server.fail(Op::Get, &name, faults);
    let results = MemoryStore::new();
    let request = ProcessRequest { plan: plan.clone(), chunk: nth(&plan, 1) };
    let done = match process(&request, store, Arc::new(results.clone())).await {
        Ok(_) => Ok(result(&results, &plan, 1).await),
        Err(error) => Err(error.code()),
    };
    (done, parts(&results).await)
}

#[tokio::test]
async fn every_fault_at_every_byte_is_exact_or_an_error() {
    let server = Arc::new(S3Server::start().await);
    let store = S3Store::new(&server.config()).with_idle_timeout(Duration::from_millis(500));
    let (clean, parts) = with_faults(&server, &store, "clean".into(), vec![]).await;
    let clean = clean.unwrap();
    let range = gets(&server)[0].range.unwrap();
    let another = Bytes::from(text(4).to_ascii_uppercase());
    let mut cases = JoinSet::new();
    for at in 0..=range.1 - range.0 {
        let faults = [
            Fault::BreakAfter(at),
            Fault::ShortAfter(at),
            Fault::StallAfter(at),
            Fault::OverwriteAfter(at, another.clone()),
        ];
        for fault in faults {
            let (server, store, name) = (server.clone(), store.clone(), format!("{at} {fault:?}"));
            cases.spawn(async move {
                let done = with_faults(&server, &store, name.clone(), vec![fault.clone()]).await;
                (at, fault, name, done)
            });
        }
    }
    let mut asked = std::collections::HashMap::<String, Vec<Request>>::new();
    let done = cases.join_all().await;
    gets(&server).into_iter().for_each(|request| asked.entry(request.key.clone()).or_default().push(request));
    for (at, fault, name, (result, left)) in done {
        let result = result.unwrap();
        let whole = at == range.1 - range.0;
        if matches!(fault, Fault::OverwriteAfter(..)) && !whole {
            assert_eq!(result.failure.unwrap().code, Code::ObjectChanged, "{name}");
            assert!(left.is_empty(), "{name}: {left:?}");
        } else {
            assert_eq!((result.records, result.bytes_read), (clean.records, clean.bytes_read), "{name}");
            assert_eq!((result.first_record, result.next_record), (clean.first_record, clean.next_record), "{name}");
            assert_eq!(left, parts, "{name}");
        }
        let asked = &asked[&name];
        assert_eq!(asked.len(), if whole { 1 } else { 2 }, "{name}: {asked:?}");
        for request in &asked[1..] {
            assert_eq!(request.range, Some((range.0 + at, range.1)), "{name}");
            assert_eq!(request.if_match, asked[0].if_match, "{name}");
        }
    }
}

#[tokio::test]
async fn several_connections_are_exact_whatever_fails() {
    let server = S3Server::start().await;
    let one = S3Store::new(&server.config()).with_idle_timeout(Duration::from_millis(500));
    let (clean, parts) = with_faults(&server, &one, "clean".into(), vec![]).await;
    let clean = clean.unwrap();
    let (start, end) = gets(&server)[0].range.unwrap();
    let another = Bytes::from(text(4).to_ascii_uppercase());
    for (connections, segment) in [(2, 1), (2, 16), (3, 7), (5, 20), (5, end - start)] {
        let store = one.clone().with_connections(connections).with_segment(segment);
        let case = format!("{connections} connections, {segment} bytes");
        server.take_requests();
        let (done, left) = with_faults(&server, &store, case.clone(), vec![]).await;
        assert_eq!((done.unwrap().records, &left), (clean.records, &parts), "{case}");
        let mut asked = gets(&server);
        assert!(asked.iter().all(|request| request.if_match == asked[0].if_match), "{case}");
        asked.sort_by_key(|request| request.range);
        let ranges: Vec<_> = asked.iter().map(|request| request.range.unwrap()).collect();
        let expected: Vec<_> = (start..end).step_by(segment as usize).map(|at| (at, end.min(at + segment))).collect();
        // What no record needs any more isn't asked for.
        assert!(expected.starts_with(&ranges), "{case}: {ranges:?}, not {expected:?}");

        let mut cases = Vec::new();
        for request in 0..ranges.len().min(4) {
            for at in BTreeSet::from([0, 1, segment / 2, segment - 1, segment]) {
                let faults = [
                    Fault::BreakAfter(at),
                    Fault::ShortAfter(at),
                    Fault::StallAfter(at),
                    Fault::OverwriteAfter(at, another.clone()),
                    Fault::Error("SlowDown"),
                ];
                cases.extend(
                    faults.map(|fault| (format!("{case}: request {request}: {at}: {fault:?}"), request, fault)),
                );
            }
        }
        let done = cases.into_iter().map(async |(case, request, fault)| {
            let overwritten = matches!(fault, Fault::OverwriteAfter(..));
            let faults = [vec![Fault::None; request], vec![fault]].concat();
            let (done, left) = with_faults(&server, &store, case.clone(), faults).await;
            let result = done.unwrap();
            if let Some(failure) = result.failure {
                assert!(overwritten && left.is_empty(), "{case}: {failure:?}, {left:?}");
                assert_eq!(failure.code, Code::ObjectChanged, "{case}");
            } else {
                assert_eq!((result.records, result.bytes_read), (clean.records, clean.bytes_read), "{case}");
                assert_eq!(left, parts, "{case}");
            }
        });
        futures::future::join_all(done).await;
    }
}

#[tokio::test]
async fn requests_are_tried_again_so_often_and_no_more() {
    let server = S3Server::start().await;
    let store = S3Store::new(&server.config());
    let times = |code: &'static str, times: usize| vec![Fault::Error(code); times];
    let table = [
        ("throttled twice", times("SlowDown", 2), Ok(1), 3),
        ("throttled for good", times("SlowDown", 99), Err(Code::StoreThrottled), 3),
        ("a fault twice", times("InternalError", 2), Ok(1), 3),
        ("a fault for good", times("InternalError", 99), Err(Code::StoreUnavailable), 3),
        ("unavailable for good", times("ServiceUnavailable", 99), Err(Code::StoreThrottled), 3),
        ("refused", times("AccessDenied", 99), Err(Code::AccessDenied), 1),
        ("its connection is closed twice", vec![Fault::LostAnswer; 2], Ok(1), 3),
        ("its connection is closed for good", vec![Fault::LostAnswer; 99], Err(Code::StoreUnavailable), 3),
        ("breaks for good", vec![Fault::BreakAfter(0); 99], Err(Code::StoreUnavailable), 9),
        ("a byte each time", vec![Fault::BreakAfter(1); 99], Err(Code::StoreUnavailable), 9),
        ("throttled in between", [vec![Fault::BreakAfter(9)], times("SlowDown", 2)].concat(), Ok(1), 4),
    ];
    for (case, faults, expected, requests) in table {
        let (done, left) = with_faults(&server, &store, case.into(), faults).await;
        assert_eq!(done.as_ref().map(|result| result.records).map_err(|code| *code), expected, "{case}");
        assert_eq!(gets(&server).len(), requests, "{case}");
        assert!(done.is_ok() || left.is_empty(), "{case}: {left:?}");
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let server = S3Server::start().await;
    let timeouts = aws_config::timeout::TimeoutConfig::builder().read_timeout(Duration::from_millis(500)).build();
    let store = S3Store::new(&server.config().into_builder().timeout_config(timeouts).build());
    let (done, _) = with_faults(&server, &store, "once".into(), vec![Fault::Silence]).await;
    assert_eq!((done.unwrap().records, gets(&server).len()), (1, 2));
    let (done, _) = with_faults(&server, &store, "always".into(), vec![Fault::Silence; 99]).await;
    assert_eq!((done.unwrap_err(), gets(&server).len()), (Code::StoreUnavailable, 3));
}

/// The parts of a run's output, one after another.
fn lines(server: &S3Server, run_id: &str) -> Vec<u8> {
    let keys = server.keys("out").into_iter().filter(|key| key.starts_with(&format!("{run_id}/data/")));
    keys.flat_map(|key| server.object("out", &key).unwrap()).collect()
}

#[tokio::test]
async fn whole_runs_are_exact_whatever_fails() {
    const SEED: u64 = 20_261_125;
    println!("seed {SEED}");
    let mut random = fastrand::Rng::with_seed(SEED);
    let server = S3Server::start().await;
    let object = text(300);
    server.insert(BUCKET, "k.csv", object.clone());
    let clean = run(&server, "k.csv", "clean", 700).await.unwrap();
    for round in 0..20 {
        // Fewer in a row than a request has tries.
        let mut faults = |breaks: bool| -> Vec<Fault> {
            let one = |random: &mut fastrand::Rng| match random.u8(0..if breaks { 8 } else { 5 }) {
                0 => Fault::Error("SlowDown"),
                1 => Fault::Error("InternalError"),
                2 => Fault::LostAnswer,
                5 => Fault::BreakAfter(random.u64(0..900)),
                6 => Fault::ShortAfter(random.u64(0..900)),
                7 => Fault::Slow(100, 1),
                _ => Fault::None,
            };
            (0..12).flat_map(|_| [one(&mut random), Fault::None]).collect()
        };
        server.fail(Op::Get, "k.csv", faults(true));
        let run_id = format!("run-{round}");
        for key in ["results/00000.json", "results/00007.json", "data/part-00003.jsonl", "parts.json", "report.json"] {
            server.fail(Op::Put, &format!("{run_id}/{key}"), faults(false));
            server.fail(Op::Get, &format!("{run_id}/{key}"), faults(true));
        }
        let report = run(&server, "k.csv", &run_id, 700).await.unwrap();
        server.heal();
        assert!(report.coverage.verified);
        assert_eq!((report.records, &report.columns), (clean.records, &clean.columns), "round {round}");
        assert_eq!(lines(&server, &run_id), lines(&server, "clean"), "round {round}");
    }
}

#[tokio::test]
async fn an_object_overwritten_in_mid_run_fails_the_run_unless_its_version_is_kept() {
    let server = S3Server::start().await;
    let object = text(300);
    let another = Bytes::from(object.to_ascii_uppercase());
    // The first GET is the planner's.
    let faults = |at: u64| [Fault::None, Fault::None, Fault::OverwriteAfter(at, another.clone())];
    for at in [0, 1, 699, 700] {
        server.insert(BUCKET, "k.csv", object.clone());
        server.fail(Op::Get, "k.csv", faults(at));
        let run_id = format!("run-{at}");
        let error = run(&server, "k.csv", &run_id, 700).await.unwrap_err();
        assert_eq!(error.code(), Code::ObjectChanged, "{error}");
        assert!(!server.keys("out").contains(&format!("{run_id}/report.json")));
        server.heal();
    }
    server.keep_versions();
    server.insert(BUCKET, "k.csv", object.clone());
    let clean = run(&server, "k.csv", "clean", 700).await.unwrap();
    server.fail(Op::Get, "k.csv", faults(99));
    let report = run(&server, "k.csv", "kept", 700).await.unwrap();
    assert_eq!(server.object(BUCKET, "k.csv").unwrap(), another, "it was overwritten");
    assert_eq!((&report.object, &report.columns), (&clean.object, &clean.columns));
    assert_eq!(lines(&server, "kept"), lines(&server, "clean"));
}

#[tokio::test]
async fn the_caller_pays_where_it_says_so() {
    let server = S3Server::start().await;
    let object = text(10);
    let plan = plan(&server, "k.csv", &object, 1 << 20, &["exact_profile"]);
    let store = S3Store::new(&server.config());
    for (store, pays) in [(store.clone(), false), (store.with_requester_pays(true), true)] {
        let request = ProcessRequest { plan: plan.clone(), chunk: nth(&plan, 0) };
        process(&request, &store, Arc::new(MemoryStore::new())).await.unwrap();
        assert_eq!(gets(&server).iter().map(|get| get.requester_pays).collect::<Vec<_>>(), [pays]);
    }
}
