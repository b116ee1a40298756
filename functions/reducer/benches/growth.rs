//! CPU seconds and memory as a run grows: the plan of 50 TB, the reducer over many results of 200 columns, larger and
//! larger files in one chunk, one file in more and more chunks.
//!
//! `cargo bench -p fanout-reducer --no-default-features` reduces 10,000 results and reads 200 MB;
//! `FANOUT_BENCH_RESULTS=100000` and `FANOUT_BENCH_MB=8000` change that, `FANOUT_BENCH_ROUNDS` the three rounds of the
//! last part. The file stays in memory.
//! The results are copies of one that a processor made of 8 MB, each with its own place in the object.
#![allow(clippy::unwrap_used)] // A benchmark may stop.

use std::fmt::Write;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::{ChunkResult, Plan, ProcessRequest, ReduceRequest, ReduceResponse, from_json, to_json};
use fanout_core::{Location, ObjectVersion, Prices, ScanRange, chunk_list, chunk_size_for, chunks};
use fanout_outputs::BUILT_IN;
use fanout_store::{MemoryStore, ObjectWriter, OpenObject, Read, Store, StoreError, get};
use futures::stream::{self, StreamExt};
use serde_json::json;

// The file that `fanout sample` writes, without the command line.
#[path = "../../../cli/src/sample.rs"]
#[allow(unreachable_pub, unused_imports)] // It is written for a library, and has tests.
mod sample;

const COLUMNS: usize = 200;
const CHUNK: u64 = 8_000_000;

/// Bytes of a row of `fanout sample`, about.
const ROW: u64 = 59;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    plan_of_fifty_terabytes();
    reducer(asked("FANOUT_BENCH_RESULTS", 10_000)).await;
    files_in_one_chunk(asked("FANOUT_BENCH_MB", 200)).await;
    chunks_of_one_file(asked("FANOUT_BENCH_MB", 200)).await;
}

/// The number in a variable of the environment, or the one that stands for it.
fn asked(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Plans the largest object.
fn plan_of_fifty_terabytes() {
    let clock = Cpu::now();
    let mut plan = plan(&[], 50_000_000_000_000, 0);
    plan.chunk_size = chunk_size_for(plan.data().len(), 1000, u64::MAX);
    plan.chunk_count = plan.data().len().div_ceil(plan.chunk_size);
    let count = plan.chunk_count;
    chunk_list(chunks(plan.data(), plan.chunk_size)).unwrap();
    println!("a plan of 50 TB, {count} chunks: {:.2} CPU seconds, {} MiB at most", clock.seconds(), peak_mib());
}

/// Reduces so many results of 200 columns.
async fn reducer(count: u64) {
    let names: Vec<String> = (0..COLUMNS).map(|index| format!("column_{index}")).collect();
    let text = rows();
    let source = MemoryStore::new();
    source.insert(&Location::new("in", "wide.csv"), text.clone().into());
    let results = Arc::new(MemoryStore::new());
    let one = plan(&names, text.len() as u64, text.len() as u64);
    let chunk = chunks(one.data(), one.chunk_size).next().unwrap();
    let context = fanout_processor::Context {
        source: Arc::new(source),
        results: results.clone(),
        outputs: BUILT_IN,
        memory_mb: 0,
    };
    let one = with_etag(one, &*context.source).await;
    fanout_processor::process(&ProcessRequest { plan: one.clone(), chunk }, &context).await.unwrap();
    let result = get(&*results, &one.result_location(0)).await.unwrap();
    let plan = Plan { chunk_count: count, ..one };
    let plan = Plan { object: ObjectVersion { size: count * plan.chunk_size, ..plan.object }, ..plan };
    let copies = Copies::of(&result, plan.chunk_size);
    let mean = copies.result(0).len();
    let context = fanout_reducer::Context {
        results: Arc::new(copies),
        outputs: BUILT_IN,
        prices: Prices::built_in().unwrap(),
        memory_mb: 0,
    };
    let request = ReduceRequest { plan, started_at: "2026-01-01T00:00:00Z".into() };
    let clock = Cpu::now();
    let response = fanout_reducer::reduce(&request, &context).await.unwrap();
    assert!(matches!(response, ReduceResponse::Done { .. }));
    let seconds = clock.seconds();
    println!(
        "{count} results of {COLUMNS} columns, {} kB each: {seconds:.1} CPU seconds, {:.2} ms a result, {} MiB at most",
        mean / 1000,
        seconds * 1e3 / count as f64,
        peak_mib()
    );
}

/// Runs files of more and more megabytes in one chunk each.
async fn files_in_one_chunk(megabytes: u64) {
    for megabytes in [1, 10, 100, 1000, megabytes].into_iter().filter(|one| *one <= megabytes) {
        let file = File::of(megabytes);
        let (seconds, _) = file.run(1).await;
        let nanoseconds = seconds * 1e9 / file.size as f64;
        println!("{megabytes} MB in one chunk: {seconds:.3} CPU seconds, {nanoseconds:.1} nanoseconds a byte");
    }
}

/// Runs one file of so many megabytes in 1, 1,000 and more chunks, in turn; the least time of some rounds counts, as others
/// on the machine can only add to it.
async fn chunks_of_one_file(megabytes: u64) {
    let file = File::of(megabytes);
    let counts = [1, 1000, 10_000, 100_000];
    let mut least = counts.map(|_| (f64::INFINITY, 0.0));
    for _ in 0..asked("FANOUT_BENCH_ROUNDS", 3) {
        for (count, least) in counts.into_iter().zip(&mut least) {
            let found = file.run(count).await;
            *least = if found.0 < least.0 { found } else { *least };
        }
    }
    for (count, (seconds, reducing)) in counts.into_iter().zip(least) {
        println!(
            "{megabytes} MB in {count} chunks: {seconds:.2} CPU seconds, {reducing:.2} of it reducing, {:+.2} % a thousand chunks",
            (seconds / least[0].0 - 1.0) * 100.0 / (count as f64 / 1e3).max(1.0)
        );
    }
}

/// A file of `fanout sample` in memory.
struct File {
    source: Arc<dyn Store>,
    size: u64,
}

impl File {
    fn of(megabytes: u64) -> Self {
        let mut text = Vec::with_capacity(megabytes as usize * 1_010_000);
        let rows = megabytes * 1_000_000 / ROW;
        sample::write(rows, &mut text, |_| ()).unwrap();
        let size = text.len() as u64;
        let store = MemoryStore::new();
        store.insert(&Location::new("in", "wide.csv"), text.into());
        Self { source: Arc::new(store), size }
    }

    /// Runs the file in so many chunks; returns the CPU seconds, and those of the reducer among them.
    async fn run(&self, count: u64) -> (f64, f64) {
        let header: Vec<String> = sample::HEADER.trim_end().split(',').map(str::to_owned).collect();
        let start = sample::HEADER.len() as u64;
        let mut plan = with_etag(plan(&header, self.size, (self.size - start).div_ceil(count)), &*self.source).await;
        plan.data_start = start;
        plan.chunk_count = plan.data().len().div_ceil(plan.chunk_size);
        let results = Arc::new(MemoryStore::new());
        let context = fanout_processor::Context {
            source: self.source.clone(),
            results: results.clone(),
            outputs: BUILT_IN,
            memory_mb: 0,
        };
        let clock = Cpu::now();
        for chunk in chunks(plan.data(), plan.chunk_size) {
            fanout_processor::process(&ProcessRequest { plan: plan.clone(), chunk }, &context).await.unwrap();
        }
        let processed = clock.seconds();
        let prices = Prices::built_in().unwrap();
        let reducer = fanout_reducer::Context { results, outputs: BUILT_IN, prices, memory_mb: 0 };
        let request = ReduceRequest { plan, started_at: "2026-01-01T00:00:00Z".into() };
        let response = fanout_reducer::reduce(&request, &reducer).await.unwrap();
        assert!(matches!(response, ReduceResponse::Done { .. }));
        let seconds = clock.seconds();
        (seconds, seconds - processed)
    }
}

fn plan(header: &[String], size: u64, chunk_size: u64) -> Plan {
    // Those of the 200 columns, and those that a planner finds in the file of `fanout sample`.
    let types: &[&str] = if header.len() == COLUMNS {
        &["int64", "float64", "string", "boolean"]
    } else {
        &["int64", "string", "int64", "float64", "float64", "float64", "boolean"]
    };
    let columns: serde_json::Map<_, _> =
        header.iter().zip(types.iter().cycle()).map(|(name, found)| (name.clone(), (*found).into())).collect();
    serde_json::from_value(json!({
        "run_id": "run", "object": {"bucket": "in", "key": "wide.csv", "etag": "e", "size": size},
        "dataset": {"columns": columns}, "reader": "range", "outputs": ["profile"], "header": header, "data_start": 0,
        "chunk_size": chunk_size, "chunk_count": 1, "parallelism": 1000,
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    }))
    .unwrap()
}

async fn with_etag(plan: Plan, source: &dyn Store) -> Plan {
    let object = source.read(Read::whole(&Location::new("in", "wide.csv"))).await.unwrap().object;
    Plan { object, ..plan }
}

/// Records of 200 short columns.
fn rows() -> Vec<u8> {
    let mut text = String::new();
    let mut draw = 1u64;
    while (text.len() as u64) < CHUNK {
        for index in 0..COLUMNS {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = draw >> 33;
            let _ = match (value % 20, index % 4) {
                (0, _) => Ok(()),
                (_, 0) => write!(text, "{}", value % 1000),
                (_, 1) => write!(text, "{}", (value % 100_000) as f64 / 100.0),
                (_, 2) => write!(text, "word {}", value % 50),
                _ => write!(text, "{}", value.is_multiple_of(2)),
            };
            text.push(if index + 1 == COLUMNS { '\n' } else { ',' });
        }
    }
    text.into_bytes()
}

/// The CPU time of this thread, which does all the work: others on the machine do not count.
struct Cpu(u64);

impl Cpu {
    fn now() -> Self {
        let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
        Cpu(text.split(' ').next().unwrap().parse().unwrap())
    }

    fn seconds(&self) -> f64 {
        (Self::now().0 - self.0) as f64 / 1e9
    }
}

/// Memory of this process at most so far.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// A store of results that are all the same but for their places. What is written to it is dropped.
struct Copies {
    head: Vec<u8>,
    tail: Vec<u8>,
    size: u64,
}

impl Copies {
    fn of(result: &[u8], size: u64) -> Self {
        let mut result: ChunkResult = from_json("result", result).unwrap();
        result.next_record = Some(size);
        let text = String::from_utf8(to_json("result", &result).unwrap()).unwrap();
        let (head, rest) = text.split_once("\"chunk\":").unwrap();
        let tail = &rest[rest.find("\"records\":").unwrap()..];
        Self { head: head.into(), tail: tail.into(), size }
    }

    fn result(&self, index: u64) -> Vec<u8> {
        let (start, end) = (index * self.size, (index + 1) * self.size);
        let place = format!(
            "\"chunk\":{{\"index\":{index},\"start\":{start},\"end\":{end}}},\"first_record\":{start},\"next_record\":{end},"
        );
        [&self.head, place.as_bytes(), &self.tail].concat()
    }
}

#[async_trait]
impl Store for Copies {
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        let name = read.at.key.rsplit('/').next().unwrap_or_default();
        let bytes = self.result(name.trim_end_matches(".json").parse().unwrap());
        let object = ObjectVersion {
            bucket: read.at.bucket.clone(),
            key: read.at.key.clone(),
            version_id: None,
            etag: "e".into(),
            size: bytes.len() as u64,
        };
        let range = ScanRange::new(0, object.size);
        Ok(OpenObject::new(object, range, stream::iter([Ok(Bytes::from(bytes))]).boxed()))
    }

    async fn put(&self, _at: &Location, _body: Bytes) -> Result<(), StoreError> {
        Ok(())
    }

    async fn create(&self, _at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError> {
        unreachable!("a reducer writes small objects")
    }

    async fn delete(&self, _at: &Location) -> Result<(), StoreError> {
        Ok(())
    }
}
