//! The log: what is told where it happens, with which fields, at which level, and never a value of the data.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::{Dataset, Job, ReduceRequest, from_json};
use fanout_core::{Location, Prices, Stack};
use fanout_log::Captured;
use fanout_outputs::BUILT_IN;
use fanout_planner::{Account, NamedDataset, PlanConfig, Planner, RunName, UnknownConcurrency};
use fanout_s3_server::{Fault, Op, S3Server};
use fanout_store::MemoryStore;
use fanout_tests::{dataset, plain, run, run_with, s3, widening};
use serde_json::{Value, json};
use tracing_subscriber::filter::LevelFilter;

/// Does work with a log of that level.
fn logged<T>(level: LevelFilter, work: impl FnOnce() -> T) -> (Captured, T) {
    let log = Captured::default();
    let done = tracing::dispatcher::with_default(&log.subscriber(level), work);
    (log, done)
}

/// The fields of an event that it shares with `of`.
fn fields(event: &Value, of: &Value) -> Value {
    of.as_object().unwrap().keys().map(|name| (name.clone(), event[name].clone())).collect()
}

fn tells(log: &Captured, message: &str, expected: Value) {
    let events = log.events(message);
    let found: Vec<Value> = events.iter().map(|event| fields(event, &expected)).collect();
    assert!(found.contains(&expected), "{message}: expected {expected}, found {found:?}");
}

#[test]
fn a_run_tells_what_it_found_and_did() {
    let body = "a;b\n".to_owned() + &"1;x\n".repeat(2000) + "2\n";
    let rules = dataset(r#"{"ragged": "refuse"}"#);
    let (log, done) = logged(LevelFilter::DEBUG, || run(body.as_bytes(), &rules, 4000));
    assert_eq!(done.unwrap().report.rejects, 1);
    let value = json!({"level": "INFO", "run": "run", "what": "delimiter", "value": "semicolon"});
    tells(&log, "detected", value);
    let detected = log.events("detected").into_iter().find(|event| event["what"] == "delimiter").unwrap();
    assert!(detected["evidence"].as_str().unwrap().starts_with("2 fields in "), "{detected}");
    tells(
        &log,
        "planned",
        json!({"level": "INFO", "chunks": 3, "chunk_size": 4000, "columns": 2, "bytes": body.len()}),
    );
    let chunk = |index: u64| json!({"name": "chunk", "run": "run", "chunk": index, "round": 0});
    tells(&log, "boundary guessed", json!({"level": "DEBUG", "boundary": 4004, "span": chunk(1)}));
    tells(&log, "part written", json!({"level": "DEBUG", "part": "out/run/data/part-00000.jsonl", "span": chunk(0)}));
    tells(&log, "chunk processed", json!({"level": "INFO", "records": 0, "rejects": 1, "span": chunk(2)}));
    tells(&log, "report written", json!({"level": "INFO", "records": 2000, "rejects": 1, "chunks": 3, "repaired": 0}));
}

#[test]
fn a_chunk_has_one_line_at_the_default_level() {
    let body = "id,name\n".to_owned() + &"1,x\n".repeat(3000);
    let (log, done) = logged(LevelFilter::INFO, || run(body.as_bytes(), &Dataset::default(), 100));
    let chunks = done.unwrap().report.chunks as usize;
    let metrics = log.lines().iter().filter(|line| line["_aws"].is_object()).count();
    assert_eq!((chunks, metrics), (120, 121));
    let others = log.lines().len() - metrics;
    assert!((chunks..chunks + 10).contains(&others), "{others} lines of {chunks} chunks");
}

#[test]
fn a_chunk_to_repair_is_told() {
    let fake: String = (0..20_000).map(|line| format!("{line},fake,7\n")).collect();
    let body = format!("a,b,c\n1,x,y\n7,\"{fake}\",real\n2,x,y\n");
    let (log, done) = logged(LevelFilter::INFO, || run(body.as_bytes(), &plain(), 16 << 10));
    let repaired = done.unwrap().report.coverage.repaired;
    assert!(repaired > 0);
    tells(&log, "chunks to repair", json!({"level": "WARN", "span": {"name": "reduce", "run": "run", "round": 0}}));
    tells(&log, "chunk to repair", json!({"level": "WARN", "repair": 1, "start": 16_390, "first_record": 248_912}));
}

#[test]
fn a_widened_type_is_told_by_its_column() {
    let body = widening("abc");
    let (log, done) = logged(LevelFilter::INFO, || run(body.as_bytes(), &Dataset::default(), 1 << 20));
    assert_eq!(done.unwrap().report.coverage.bytes.rejected, 0);
    tells(&log, "types widened", json!({"level": "INFO", "column": 2, "from": "int64", "to": "string", "chunks": 3}));
}

#[test]
fn faults_of_the_store_are_told() {
    let log = Captured::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _guard = tracing::dispatcher::set_default(&log.subscriber(LevelFilter::INFO));
    runtime.block_on(async {
        let server = S3Server::start().await;
        server.insert(s3::BUCKET, "k.csv", s3::text(300));
        let faults = [Fault::None, Fault::Error("SlowDown"), Fault::BreakAfter(100)];
        server.fail(Op::Get, "k.csv", faults);
        s3::run(&server, "k.csv", "run", 1 << 20).await.unwrap();
        server.fail(Op::Put, "denied/results/00000.json", [Fault::Error("AccessDenied")]);
        s3::run(&server, "k.csv", "denied", 1 << 20).await.unwrap_err();
    });
    tells(&log, "request refused", json!({"level": "WARN", "status": 503}));
    let chunk = json!({"name": "chunk", "run": "run", "chunk": 0, "round": 0});
    tells(
        &log,
        "get resumed",
        json!({"level": "WARN", "byte": 108, "resumes": 1, "code": "StoreUnavailable", "span": chunk}),
    );
    tells(
        &log,
        "failed",
        json!({"level": "ERROR", "code": "AccessDenied", "span": {"name": "chunk", "run": "denied", "chunk": 0, "round": 0}}),
    );
    let error = log.events("failed")[0]["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("chunk 0: ") && error.contains("refused: AccessDenied"), "{error}");
}

/// An account with that concurrency, if it says so.
struct Of(Option<u64>);

#[async_trait]
impl Account for Of {
    async fn concurrency(&self) -> Result<u64, UnknownConcurrency> {
        self.0.ok_or_else(|| UnknownConcurrency { reason: "HTTP 502".into() })
    }
}

#[test]
fn a_map_that_is_wider_than_the_account_is_told() {
    let store = MemoryStore::new();
    store.insert(&Location::new("b", "k"), ("id,name\n".to_owned() + &"1,x\n".repeat(3000)).into());
    let (stack, prices) = (Stack::default(), Prices::built_in().unwrap());
    let results = Location::new("results", "runs/");
    let config = PlanConfig { results, readable: None, parallelism: 1000, chunk_seconds: None, stack, prices };
    let job: Job = from_json("job", br#"{"bucket": "b", "key": "k", "chunk_size": 100}"#).unwrap();
    let planned = |account: Of| {
        let (source, results, account, now) = (&store, &store, Some(&account as &dyn Account), SystemTime::UNIX_EPOCH);
        let planner = Planner { source, results, outputs: BUILT_IN, account, config: &config, now };
        let work = planner.plan(&job, NamedDataset::default(), RunName::Given("run"));
        let (log, done) = logged(LevelFilter::INFO, || futures::executor::block_on(work));
        done.unwrap();
        log
    };
    let wider = json!({"level": "WARN", "run": "run", "wanted": 120, "available": 10});
    tells(&planned(Of(Some(10))), "concurrency exceeded", wider);
    let error = "lambda:GetAccountSettings: HTTP 502";
    let unknown = json!({"level": "WARN", "run": "run", "wanted": 120, "error": error});
    tells(&planned(Of(None)), "concurrency unknown", unknown);
    let enough = planned(Of(Some(120)));
    assert!(enough.events("concurrency exceeded").is_empty() && enough.events("concurrency unknown").is_empty());
}

/// Words that stand in the data alone.
const SECRET: [&str; 4] = ["Zaphod", "Trillian", "Marvin", "Slartibartfast"];

#[test]
fn no_value_of_the_data_is_told() {
    let [name, other, third, fourth] = SECRET;
    let reject = format!("{name},{other}\n").repeat(30);
    let table = [
        ("values, rejects, markers for null", format!("a,b\n1,{name}\n{other},{third},{fourth}\n2,\n")),
        ("a value that widens a type", widening(fourth)),
        ("samples that would be refused", format!("id,n\n{reject}")),
        ("another header", format!("{name},{other}\n1,2\n")),
        ("a header that does not close", format!("\"{name}\n{other},{third}\n")),
        ("keys of JSON", format!("{{\"a\": \"{name}\"}}\n{{\"{other}\": 1}}\nno {third}\n{{\"a\": [\"{fourth}\"]}}\n")),
    ];
    let expecting = dataset(r#"{"columns": {"id": "int64"}, "header": {"expect": ["id", "n"]}}"#);
    for (case, body) in table {
        for rules in [&Dataset::default(), &expecting] {
            let (log, _) = logged(LevelFilter::TRACE, || run(body.as_bytes(), rules, 1 << 20));
            let lines = log.lines();
            assert!(!lines.is_empty() || rules == &expecting, "{case}");
            for line in lines {
                let text = line.to_string();
                assert!(!SECRET.iter().any(|secret| text.contains(secret)), "{case}: {text}");
            }
        }
    }
}

#[test]
fn metrics_are_in_the_embedded_format() {
    let body = "id,name\n".to_owned() + &"1,x\n".repeat(9) + "2\n";
    let source = MemoryStore::new();
    source.insert(&Location { bucket: "b".into(), key: "k.csv".into() }, Bytes::from(body.clone()));
    let (log, done) = logged(LevelFilter::INFO, || run_with(Arc::new(source), &Dataset::default(), 1 << 20, None));
    assert!(done.is_ok());
    let metrics: Vec<Value> = log.lines().into_iter().filter(|line| line["_aws"].is_object()).collect();
    let [chunk, run] = metrics.as_slice() else { panic!("{metrics:?}") };
    assert!(chunk["ChunkDuration"].is_u64() && chunk["Stack"] == "test", "{chunk}");
    let expected =
        json!({"Stack": "test", "Runs": 1, "Records": 9, "Rejects": 1, "RejectShare": 10.0, "Bytes": body.len()});
    assert_eq!(fields(run, &expected), expected);
    assert!(run["CostUSD"].is_f64() && run["RunDuration"].is_u64(), "{run}");
    let described = &run["_aws"]["CloudWatchMetrics"][0];
    assert_eq!((&described["Namespace"], &described["Dimensions"]), (&json!("fanout"), &json!([["Stack"]])));
    for metric in described["Metrics"].as_array().unwrap() {
        assert!(run[metric["Name"].as_str().unwrap()].is_number(), "{metric}");
    }
}

#[test]
fn a_reduction_that_fails_is_told_with_its_code() {
    let request = json!({
        "plan": {
            "run_id": "run", "object": {"bucket": "b", "key": "k", "etag": "e", "size": 20}, "dataset": {}, "reader": "range",
            "outputs": [], "header": ["id"], "data_start": 3, "chunk_size": 20, "chunk_count": 1, "round": 99,
            "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
        },
        "started_at": "2026-01-01T00:00:00Z"
    });
    let request: ReduceRequest = from_json("request", request.to_string().as_bytes()).unwrap();
    let prices = Prices::built_in().unwrap();
    let context =
        fanout_reducer::Context { results: Arc::new(MemoryStore::new()), outputs: BUILT_IN, prices, memory_mb: 0 };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (log, done) = logged(LevelFilter::INFO, || runtime.block_on(fanout_reducer::reduce(&request, &context)));
    assert!(done.is_err());
    tells(
        &log,
        "failed",
        json!({"level": "ERROR", "code": "CoverageFailed", "span": {"name": "reduce", "run": "run", "round": 99}}),
    );
}
