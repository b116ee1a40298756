//! The planner's two callers: S3 (or EventBridge), and the state machine.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::Plan;
use fanout_core::{Code, Coded, Location, Prices, read_manifest};
use fanout_outputs::BUILT_IN;
use fanout_planner::{
    Account, Answer, Config, Context, Executions, PlanConfig, PlannerError, StartError, Started, UnknownConcurrency,
};
use fanout_store::{
    FailingStore, Fault, MemoryStore, ObjectWriter, OpenObject, Read, Store, StoreError, get, whole_plan,
};
use serde_json::{Value, json};

/// Remembers what was started, and knows names again as Step Functions does.
#[derive(Clone, Default)]
struct Recorder {
    started: Arc<Mutex<Vec<(String, String)>>>,
    refuse: bool,
}

#[async_trait]
impl Executions for Recorder {
    async fn start(&self, name: &str, input: String) -> Result<Started, StartError> {
        if self.refuse {
            return Err(StartError { name: name.to_owned(), reason: "throttled".into(), transient: true });
        }
        let mut started = self.started.lock().unwrap();
        if started.iter().any(|(other, _)| other == name) {
            return Ok(Started::Before);
        }
        started.push((name.to_owned(), input));
        Ok(Started::Now)
    }
}

/// An account in which nobody is allowed to ask.
struct Unknown;

#[async_trait]
impl Account for Unknown {
    async fn concurrency(&self) -> Result<u64, UnknownConcurrency> {
        Err(UnknownConcurrency { reason: "AccessDeniedException".into() })
    }
}

/// Counts reads.
#[derive(Clone)]
struct Counting(MemoryStore, Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Store for Counting {
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        self.1.lock().unwrap().push(read.at.key.clone());
        self.0.read(read).await
    }
    async fn put(&self, at: &Location, body: Bytes) -> Result<(), StoreError> {
        self.0.put(at, body).await
    }
    async fn create(&self, at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError> {
        self.0.create(at).await
    }
    async fn delete(&self, at: &Location) -> Result<(), StoreError> {
        self.0.delete(at).await
    }
}

fn config() -> Config {
    let plan = PlanConfig {
        results: at("results", "runs/"),
        readable: Some(vec!["uploads".into(), "archive".into()]),
        parallelism: 1000,
        chunk_seconds: Some(900),
        stack: fanout_core::Stack::default(),
        prices: Prices::built_in().unwrap(),
    };
    Config { plan, uploads: at("uploads", "incoming/"), reserved: false }
}

/// Handles one event over a store of the test's own.
async fn handle(
    event: Value,
    store: &(impl Store + Clone + 'static),
    executions: &Recorder,
    config: &Config,
) -> Result<Answer, PlannerError> {
    let context = Context {
        store: Arc::new(store.clone()),
        executions: Arc::new(executions.clone()),
        account: Arc::new(Unknown),
        outputs: BUILT_IN,
        config: config.clone(),
    };
    fanout_planner::handle(event, &context).await
}

fn at(bucket: &str, key: &str) -> Location {
    Location { bucket: bucket.into(), key: key.into() }
}

fn store(objects: &[(&str, &str, &str)]) -> MemoryStore {
    let store = MemoryStore::new();
    for (bucket, key, text) in objects {
        store.insert(&at(bucket, key), Bytes::copy_from_slice(text.as_bytes()));
    }
    store
}

fn notification(bucket: &str, key: &str, size: u64) -> Value {
    json!({"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": bucket},
        "object": {"key": key, "size": size, "eTag": "e", "sequencer": "0055AED6DCD90281E5"}}}]})
}

async fn plan_of(event: Value, store: &(impl Store + Clone + 'static)) -> Result<Plan, PlannerError> {
    match handle(event, store, &Recorder::default(), &config()).await? {
        Answer::Plan(plan) => Ok(*plan),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_same_upload_starts_one_execution_however_it_is_told() {
    let store = store(&[("uploads", "incoming/a b+ü.csv", "id,name\n1,x\n")]);
    let executions = Recorder::default();
    let event_bridge = json!({"detail-type": "Object Created", "detail": {"bucket": {"name": "uploads"},
        "object": {"key": "incoming/a b+ü.csv", "size": 12, "etag": "e", "sequencer": "00"}, "reason": "PutObject"}});
    let encoded = notification("uploads", "incoming/a+b%2B%C3%BC.csv", 12);
    for event in [encoded.clone(), event_bridge, encoded.clone()] {
        handle(event, &store, &executions, &config()).await.unwrap();
    }
    let started = executions.started.lock().unwrap().clone();
    assert_eq!(started.len(), 1, "{started:?}");
    let input: Value = serde_json::from_str(&started[0].1).unwrap();
    assert_eq!(input["plan"]["run_id"], started[0].0.as_str());
    assert_eq!(input["plan"]["results"]["key"], format!("runs/{}/", started[0].0));
    assert_eq!(input["plan"]["chunks"], json!([{"index": 0, "start": 8, "end": 12}]));

    store.insert(&at("uploads", "incoming/a b+ü.csv"), Bytes::from_static(b"id,name\n2,y\n"));
    handle(encoded, &store, &executions, &config()).await.unwrap();
    assert_eq!(executions.started.lock().unwrap().len(), 2, "other bytes are another run");
}

#[tokio::test]
async fn what_is_no_upload_starts_nothing() {
    let store = store(&[("results", "runs/x/report.json", "{}"), ("uploads", "other/x.csv", "a\n1\n")]);
    let table = [
        ("an empty object", notification("uploads", "incoming/x.csv", 0)),
        ("outside the prefix", notification("uploads", "other/x.csv", 4)),
        ("a result", notification("results", "runs/x/report.json", 2)),
        ("the test event", json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"})),
    ];
    for (case, event) in table {
        let executions = Recorder::default();
        handle(event, &store, &executions, &config()).await.unwrap();
        assert!(executions.started.lock().unwrap().is_empty(), "{case}");
    }
}

#[tokio::test]
async fn an_uploads_folder_names_its_dataset() {
    let dataset = r#"{"columns": {"id": "int64"}}"#;
    let store = store(&[
        ("results", "datasets/people.json", dataset),
        ("uploads", "incoming/people/a.csv", "id\n1\n"),
        ("uploads", "incoming/else/a.csv", "id\n1\n"),
    ]);
    for (key, name) in [("incoming/people/a.csv", Some("people")), ("incoming/else/a.csv", None)] {
        let executions = Recorder::default();
        handle(notification("uploads", key, 5), &store, &executions, &config()).await.unwrap();
        let started = executions.started.lock().unwrap();
        let input: Value = serde_json::from_str(&started[0].1).unwrap();
        assert_eq!(input["plan"]["dataset_name"].as_str(), name, "{key}");
    }
}

#[tokio::test]
async fn a_failed_start_is_an_error_so_that_lambda_tries_again() {
    let store = store(&[("uploads", "incoming/a.csv", "id\n1\n")]);
    let executions = Recorder { refuse: true, ..Recorder::default() };
    let error = handle(notification("uploads", "incoming/a.csv", 5), &store, &executions, &config()).await.unwrap_err();
    assert_eq!(error.code(), Code::StartFailed);
}

#[tokio::test]
async fn a_job_is_planned_with_one_read() {
    let text = format!("id,name\n{}", "1,x\n".repeat(100_000));
    let counting = Counting(store(&[("archive", "k", &text)]), Arc::default());
    let request = json!({"job": {"bucket": "archive", "key": "k", "chunk_size": 1000}, "execution": "by-hand"});
    let plan = plan_of(request, &counting).await.unwrap();
    assert_eq!((plan.run_id.as_str(), plan.data_start, plan.chunk_count), ("by-hand", 8, 400));
    assert_eq!(*counting.1.lock().unwrap(), ["k"], "one read, whatever the object's size");
    assert_eq!(plan.chunks, None, "many chunks are in the manifest");
    assert!(
        plan.concurrency.as_ref().is_some_and(|concurrency| concurrency.unknown.is_some()),
        "and it is planned all the same"
    );
    let place = plan.manifest.clone().unwrap();
    let chunks = read_manifest("manifest", &get(&counting.0, &place).await.unwrap()).unwrap();
    assert_eq!((chunks.len(), chunks[0].start, chunks[399].end), (400, 8, plan.object.size));
    assert!(serde_json::to_vec(&plan).unwrap().len() < 2000, "the plan doesn't grow with the chunks");
}

#[tokio::test]
async fn a_run_that_has_ended_is_not_run_again() {
    let job = json!({"bucket": "archive", "key": "k", "run_id": "r"});
    let store = store(&[("archive", "k", "id,name\n1,x\n"), ("results", "runs/r/results/00000.json", "{}")]);
    plan_of(job.clone(), &store).await.unwrap();
    store.insert(&at("results", "runs/r/report.json"), Bytes::from_static(b"{}"));
    let error = plan_of(job, &store).await.unwrap_err();
    let text = "job: run_id \"r\": that run has ended, its report is results/runs/r/report.json; name another, or none";
    assert_eq!((error.code(), error.to_string().as_str()), (Code::InvalidJob, text));
}

#[tokio::test]
async fn a_header_longer_than_the_first_read_is_read_on() {
    let header: Vec<String> = (0..90).map(|column| format!("{}{column}", "x".repeat(15_000))).collect();
    let store = store(&[("archive", "k", &format!("{}\n1{}\n", header.join(","), ",2".repeat(89)))]);
    let plan = plan_of(json!({"bucket": "archive", "key": "k", "run_id": "r"}), &store).await.unwrap();
    let plan = whole_plan::<PlannerError>(&plan, &store).await.unwrap();
    assert_eq!((plan.header.len(), plan.chunk_count), (90, 1));
}

#[tokio::test]
async fn refusals_have_codes_and_reasons() {
    let objects = [
        ("archive", "empty", ""),
        ("archive", "mark", "\u{feff}"),
        ("archive", "k", "id,name\n1,x\n"),
        ("archive", "open", "id,\"name\n1,x\n"),
        ("results", "datasets/bad.json", r#"{"colour": "red"}"#),
    ];
    let store = store(&objects);
    store.insert(&at("archive", "utf32"), Bytes::from_static(b"\xff\xfe\0\0i\0\0\0"));
    store.insert(&at("archive", "wide"), Bytes::from("a,".repeat(50_000) + "a\n1,2\n"));
    store.insert(&at("archive", "long"), Bytes::from(format!("{},b\n1,2\n", "a".repeat(70_000))));
    store.insert(&at("results", "datasets/large.json"), Bytes::from(" ".repeat((4 << 20) + 1)));
    store.insert(&at("results", "datasets/empty.json"), Bytes::new());
    let job = |key: &str, more: Value| {
        let mut job = json!({"bucket": "archive", "key": key, "run_id": "r"});
        job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        job
    };
    let expect = |names: Value| json!({"dataset": {"header": {"expect": names}}});
    let table = [
        ("no object", job("gone", json!({})), Code::NoSuchObject, "archive/gone: no such object"),
        ("empty", job("empty", json!({})), Code::EmptyObject, "archive/empty: it is empty"),
        ("only a mark", job("mark", json!({})), Code::EmptyObject, "archive/mark: it has no record"),
        ("UTF-32", job("utf32", json!({})), Code::UnsupportedEncoding, "archive/utf32: it is UTF-32 text"),
        (
            "open quote",
            job("open", json!({"dataset": {"header": {}, "dialect": {"quote": "\""}}})),
            Code::UnterminatedQuote,
            "archive/open: header: record at byte 0",
        ),
        ("header", job("k", expect(json!(["id", "age"]))), Code::HeaderMismatch, "missing: age; unexpected: name"),
        (
            "declared column",
            job("k", json!({"dataset": {"columns": {"age": "int64"}}})),
            Code::HeaderMismatch,
            "archive/k: header does not match: missing: age",
        ),
        ("chunk size 0", job("k", json!({"chunk_size": 0})), Code::InvalidJob, "chunk_size is 0"),
        ("unknown field", job("k", json!({"size": 1})), Code::InvalidJob, "job: unknown field `size`"),
        (
            "unknown output",
            job("k", json!({"outputs": ["xml"]})),
            Code::InvalidJob,
            "unknown output \"xml\", expected one of profile",
        ),
        ("output twice", job("k", json!({"outputs": ["jsonl", "jsonl"]})), Code::InvalidJob, "jsonl is named twice"),
        ("no dataset", job("k", json!({"dataset": "gone"})), Code::InvalidJob, "there is no object datasets/gone.json"),
        (
            "bad dataset",
            job("k", json!({"dataset": "bad"})),
            Code::InvalidJob,
            "dataset results/datasets/bad.json: unknown field `colour`",
        ),
        (
            "columns",
            job("wide", json!({"dataset": {"header": {}}})),
            Code::HeaderMismatch,
            "archive/wide: it has 50001 columns, at most 50000 are possible",
        ),
        (
            "name",
            job("long", json!({"dataset": {"header": {}}})),
            Code::HeaderMismatch,
            "archive/long: the name of column 1 has 70000 bytes, at most 65536 are possible",
        ),
        (
            "large dataset",
            job("k", json!({"dataset": "large"})),
            Code::InvalidJob,
            "dataset results/datasets/large.json: it has 4194305 bytes, at most 4194304 are possible",
        ),
        ("empty dataset", job("k", json!({"dataset": "empty"})), Code::InvalidJob, "empty.json: it is empty"),
        ("run id", job("k", json!({"run_id": "../x"})), Code::InvalidJob, "run_id \"../x\" is not"),
        (
            "other bucket",
            json!({"bucket": "secret", "key": "k", "run_id": "r"}),
            Code::InvalidJob,
            "bucket \"secret\" is neither",
        ),
        ("not an event", json!({"hello": 1}), Code::InvalidJob, "job: unknown field `hello`"),
    ];
    for (case, event, code, text) in table {
        let error = plan_of(event, &store).await.unwrap_err();
        assert_eq!(error.code(), code, "{case}: {error}");
        assert!(error.to_string().contains(text), "{case}: {error}");
        let diagnostic = lambda_runtime::Diagnostic::from(error);
        assert_eq!(diagnostic.error_type, code.as_str(), "{case}: what ErrorEquals sees");
    }
    assert!(store.keys("results").iter().all(|key| key.starts_with("datasets/")), "a refusal writes nothing");
}

#[tokio::test]
async fn a_compressed_object_is_one_chunk_or_too_long_for_a_function() {
    let store = store(&[]);
    // A frame with one raw block, its last, of twelve bytes (RFC 8878, 3.1.1).
    let frame = b"\x28\xb5\x2f\xfd\x20\x0c\x61\0\0id,name\n1,a\n";
    store.insert(&at("archive", "k"), Bytes::from_static(frame));
    let job = json!({"bucket": "archive", "key": "k", "run_id": "r", "chunk_size": 2});
    let plan = plan_of(job.clone(), &store).await.unwrap();
    assert_eq!((plan.header.len(), plan.data_start, plan.chunk_count), (2, 8, 1));
    let chunks: Vec<_> = plan.chunks.as_ref().unwrap().iter().map(|chunk| (chunk.start, chunk.end)).collect();
    assert_eq!(chunks, [(0, frame.len() as u64)], "all of the object, whatever the job's chunk size");
    assert!(plan.not_split().unwrap().starts_with("zstd can only be read from its start"));

    let plan = PlanConfig { chunk_seconds: Some(0), ..config().plan };
    let config = Config { plan, ..config() };
    let error = handle(job, &store, &Recorder::default(), &config).await.unwrap_err();
    assert_eq!(error.code(), Code::UnsupportedEncoding);
    let (about, limit) = ("archive/k: zstd can't be cut, and to read it whole takes about ", " s of the 0 s that a");
    assert!(error.to_string().starts_with(about) && error.to_string().contains(limit), "{error}");
}

#[tokio::test]
async fn faults_of_the_store_are_transient() {
    let memory = store(&[("archive", "k", "id\n1\n")]);
    let faults = [Fault::Unavailable, Fault::Throttled, Fault::ShortAfter(2), Fault::BreakAfter(1)];
    let store = FailingStore::new(Arc::new(memory), faults);
    let job = json!({"bucket": "archive", "key": "k", "run_id": "r"});
    for fault in faults {
        let error = plan_of(job.clone(), &store).await.unwrap_err();
        assert!(error.code().is_transient(), "{fault:?}: {error}");
    }
    assert!(plan_of(job, &store).await.is_ok());
}

#[tokio::test]
async fn fifty_terabytes_are_planned_by_arithmetic() {
    let small = store(&[("archive", "k", "id\n1\n")]);
    let mut plan = plan_of(json!({"bucket": "archive", "key": "k", "run_id": "r"}), &small).await.unwrap();
    plan.object.size = 50_000_000_000_000;
    plan.chunk_size = fanout_core::chunk_size_for(plan.data().len(), 1000, u64::MAX);
    plan.chunk_count = plan.data().len().div_ceil(plan.chunk_size);
    (plan.chunks, plan.manifest) = (None, None);
    let results = MemoryStore::new();
    let plan = fanout_planner::publish(plan, &results).await.unwrap();
    let chunks = read_manifest("manifest", &get(&results, &plan.manifest.unwrap()).await.unwrap()).unwrap();
    assert_eq!((chunks.len() as u64, chunks.last().unwrap().end), (plan.chunk_count, 50_000_000_000_000));
}
