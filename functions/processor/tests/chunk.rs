//! One chunk: its reads, its results, and the effects of faults.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::{Chunk, ChunkResult, Plan, ProcessRequest, ProcessResponse, from_json};
use fanout_core::{Code, Coded, LOOK_AHEAD, Location, ScanRange};
use fanout_outputs::BUILT_IN;
use fanout_processor::{Context, ProcessError};
use fanout_store::{FailingStore, Fault, MemoryStore, ObjectWriter, OpenObject, Read, Store, StoreError, get};
use serde_json::json;

fn object() -> Location {
    Location { bucket: "b".into(), key: "k.csv".into() }
}

/// A plan over `text`, whose header is `id,name`, in chunks of `chunk_size` bytes.
fn plan(text: &[u8], chunk_size: u64) -> (MemoryStore, Plan) {
    let source = MemoryStore::new();
    source.insert(&object(), Bytes::copy_from_slice(text));
    let plan = json!({
        "run_id": "run", "object": {"bucket": "b", "key": "k.csv", "etag": "1", "size": text.len()},
        "dataset": {}, "reader": "range", "outputs": ["profile", "rejects", "jsonl"], "header": ["id", "name"],
        "data_start": 8, "chunk_size": chunk_size, "chunk_count": (text.len() as u64 - 8).div_ceil(chunk_size),
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    (source, serde_json::from_value(plan).unwrap())
}

fn text(records: usize) -> Vec<u8> {
    let mut text = "id,name\n".to_owned();
    (0..records).for_each(|id| text.push_str(&format!("{id},\"name\nof {id}\"\n")));
    text.into_bytes()
}

fn chunk(plan: &Plan, index: u64) -> Chunk {
    fanout_core::chunks(plan.data(), plan.chunk_size).nth(index as usize).unwrap()
}

async fn result(results: &MemoryStore, plan: &Plan, index: u64) -> ChunkResult {
    from_json("result", &get(results, &plan.result_location(index)).await.unwrap()).unwrap()
}

/// Counts the ranges that are read.
#[derive(Clone)]
struct Counting(MemoryStore, Arc<Mutex<Vec<ScanRange>>>);

#[async_trait]
impl Store for Counting {
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        assert!(read.if_match.is_some(), "every read asks for the planned ETag");
        self.1.lock().unwrap().extend(read.range);
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

#[tokio::test]
async fn one_read_a_chunk_and_little_beyond_it() {
    let (source, plan) = plan(&text(60_000), 400_000);
    let source = Counting(source, Arc::default());
    for index in 0..plan.chunk_count {
        let results = MemoryStore::new();
        let request = ProcessRequest { plan: plan.clone(), chunk: chunk(&plan, index) };
        process(&request, &source, Arc::new(results.clone())).await.unwrap();
        let reads = std::mem::take(&mut *source.1.lock().unwrap());
        assert_eq!(reads.len(), 1, "chunk {index}: {reads:?}");
        assert!(reads[0].len() <= 400_000 + 2 + LOOK_AHEAD, "chunk {index}: {reads:?}");
    }
}

#[tokio::test]
async fn a_last_record_longer_than_the_look_ahead_is_read_in_steps() {
    let long = format!("id,name\n1,x\n2,\"{}\"\n3,y\n", "z\n".repeat(500_000));
    let (source, plan) = plan(long.as_bytes(), 10);
    let source = Counting(source, Arc::default());
    let results = MemoryStore::new();
    let request = ProcessRequest { plan: plan.clone(), chunk: chunk(&plan, 0) };
    process(&request, &source, Arc::new(results.clone())).await.unwrap();
    let result = result(&results, &plan, 0).await;
    assert_eq!((result.records, result.next_record), (2, Some(long.len() as u64 - 4)));
    let reads = source.1.lock().unwrap();
    assert!((2..10).contains(&reads.len()), "{reads:?}");
    assert!(reads.windows(2).all(|pair| pair[0].end == pair[1].start), "{reads:?}");
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

/// The parts and the result of chunk 1 without the times and the requests that they took.
async fn left(results: &MemoryStore, plan: &Plan) -> Vec<(String, String)> {
    let mut left = Vec::new();
    for key in results.keys("out") {
        let at = Location { bucket: "out".into(), key };
        let text = String::from_utf8(get(results, &at).await.unwrap().to_vec()).unwrap();
        let text = if at == plan.result_location(1) {
            let result = result(results, plan, 1).await;
            let result = ChunkResult { started_ms: 0, elapsed_ms: 0, read_ms: 0, usage: Default::default(), ..result };
            serde_json::to_string(&result).unwrap()
        } else {
            text
        };
        left.push((at.key, text));
    }
    left
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_at_any_byte_is_gone_on_with_there() {
    let (source, plan) = plan(&text(4), 30);
    let clean = MemoryStore::new();
    let request = ProcessRequest { plan: plan.clone(), chunk: chunk(&plan, 1) };
    process(&request, &source, Arc::new(clean.clone())).await.unwrap();
    let range = ScanRange::new(36, plan.object.size);
    for fault in (0..=range.len()).flat_map(|at| [Fault::BreakAfter(at), Fault::ShortAfter(at)]) {
        let counting = Arc::new(Counting(source.clone(), Arc::default()));
        let source = FailingStore::new(counting.clone(), [fault]);
        let results = MemoryStore::new();
        process(&request, &source, Arc::new(results.clone())).await.unwrap();
        // With the bytes fetched: none of them twice.
        assert_eq!(left(&results, &plan).await, left(&clean, &plan).await, "{fault:?}");
        let (Fault::BreakAfter(at) | Fault::ShortAfter(at)) = fault else { panic!() };
        let rest = (at < range.len()).then_some(ScanRange::new(range.start + at, range.end));
        let reads: Vec<_> = std::iter::once(range).chain(rest).collect();
        assert_eq!(*counting.1.lock().unwrap(), reads, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_leaves_nothing_and_a_retry_is_exact() {
    let (source, plan) = plan(&text(4), 30);
    let clean = MemoryStore::new();
    let request = ProcessRequest { plan: plan.clone(), chunk: chunk(&plan, 1) };
    process(&request, &source, Arc::new(clean.clone())).await.unwrap();
    let faults = [
        vec![Fault::Unavailable],
        vec![Fault::Throttled],
        vec![Fault::BreakAfter(5), Fault::Throttled],
        vec![Fault::BreakAfter(1); 9],
        vec![Fault::ShortAfter(0); 9],
    ];
    for faults in faults {
        let source = FailingStore::new(Arc::new(source.clone()), faults.clone());
        let results = MemoryStore::new();
        let error = process(&request, &source, Arc::new(results.clone())).await.unwrap_err();
        assert!(error.code().is_transient(), "{faults:?}: {error}");
        assert!(error.to_string().starts_with("chunk 1: b/k.csv: "), "{faults:?}: {error}");
        let left_over = results.keys("out");
        assert_eq!(left_over, ["run/failed/00001.json"], "{faults:?}: nothing is left but the record of the failure");
        process(&request, &source, Arc::new(results.clone())).await.unwrap();
        // The record of the failure stays, and is passed over where there is a result.
        let mut found = left(&results, &plan).await;
        found.retain(|(key, _)| key != "run/failed/00001.json");
        assert_eq!(found, left(&clean, &plan).await, "{faults:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_overwritten_at_any_byte_is_a_result_without_a_part() {
    let (source, plan) = plan(&text(4), 30);
    let request = ProcessRequest { plan: plan.clone(), chunk: chunk(&plan, 1) };
    for at in 0..plan.object.size - 36 {
        let source = FailingStore::new(Arc::new(source.clone()), [Fault::BreakAfter(at), Fault::Changed]);
        let results = MemoryStore::new();
        process(&request, &source, Arc::new(results.clone())).await.unwrap();
        assert_eq!(results.keys("out"), ["run/results/00001.json"], "at {at}");
        assert_eq!(result(&results, &plan, 1).await.failure.unwrap().code, Code::ObjectChanged, "at {at}");
    }
}

#[tokio::test]
async fn an_object_that_is_another_one_is_a_result() {
    let (source, plan) = plan(&text(4), 30);
    let request = ProcessRequest { plan: plan.clone(), chunk: chunk(&plan, 0) };
    let code = |store: MemoryStore| {
        let request = request.clone();
        async move {
            let results = MemoryStore::new();
            process(&request, &store, Arc::new(results.clone())).await.unwrap();
            assert_eq!(results.keys("out").len(), 1, "no part: {:?}", results.keys("out"));
            result(&results, &request.plan, 0).await.failure.unwrap().code
        }
    };
    assert_eq!(code(MemoryStore::new()).await, Code::NoSuchObject);
    source.insert(&object(), Bytes::from_static(b"id,name\n"));
    assert_eq!(code(source).await, Code::ObjectChanged);
    let unwritable = FailingStore::new(Arc::new(MemoryStore::new()), [Fault::Unwritable]);
    let (source, _) = self::plan(&text(4), 30);
    let error = process(&request, &source, Arc::new(unwritable)).await.unwrap_err();
    assert_eq!(error.code(), Code::ResultsUnwritable);
}

#[tokio::test]
async fn a_repair_replaces_what_the_wrong_guess_left() {
    let (source, plan) = plan(b"id,name\n1,\"\n2,x\n3,y,z\n4,x\n5,\ny\"\n6,x\n", 10);
    let results = MemoryStore::new();
    let guess = Chunk { first_record: Some(12), ..chunk(&plan, 0) };
    let wrong = ProcessRequest { plan: plan.clone(), chunk: Chunk { end: 30, ..guess } };
    process(&wrong, &source, Arc::new(results.clone())).await.unwrap();
    let parts = |results: &MemoryStore| -> Vec<String> {
        results.keys("out").into_iter().filter(|key| key.contains("/part-")).collect()
    };
    assert_eq!(parts(&results).len(), 3, "a part, and the two files of its rejects: {:?}", parts(&results));
    let nothing = ProcessRequest {
        plan: Plan { round: 1, ..plan.clone() },
        chunk: Chunk { first_record: Some(34), ..chunk(&plan, 0) },
    };
    process(&nothing, &source, Arc::new(results.clone())).await.unwrap();
    assert_eq!(parts(&results), Vec::<String>::new());
    let found = result(&results, &plan, 0).await;
    assert_eq!((found.records, found.first_record, found.next_record, found.bytes_read), (0, Some(34), Some(34), 0));
}
