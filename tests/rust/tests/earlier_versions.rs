//! An upgrade while a run is under way: messages that an earlier version wrote, read by the handlers of this one.
//!
//! `tests/data/messages` has a folder for each version: its object, its plan, the results of its chunks, its job and the
//! requests of the state machine. They are never changed. `FANOUT_WRITE=1` adds the folder of this version.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanout_core::message::{
    Chunk, ChunkResult, Dataset, FailureReport, Job, Plan, PlanRequest, ProcessRequest, ReduceRequest, ReduceResponse,
    Report, Trigger, VERSION, from_json,
};
use fanout_core::{Location, Prices};
use fanout_outputs::BUILT_IN;
use fanout_store::{MemoryStore, Store, get};
use fanout_tests::{dataset, run_with};
use serde_json::{Value, json};

/// The chunks of the stored run.
const CHUNKS: u64 = 3;

fn folders() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/messages");
    let this = all.join(env!("CARGO_PKG_VERSION"));
    if std::env::var_os("FANOUT_WRITE").is_some() && !this.exists() {
        write(&this);
    }
    let mut folders: Vec<PathBuf> = fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

fn body() -> String {
    let rows: String =
        (0..60).map(|id| format!("{id},\"name, {id}\",{}.5,2026-01-{:02}\n", id * 7, id % 28 + 1)).collect();
    format!("id,name,pay,day\n{rows}61,x\n")
}

fn source(body: &[u8]) -> MemoryStore {
    let store = MemoryStore::new();
    store.insert(&Location::new("b", "k.csv"), body.to_vec().into());
    store
}

/// Writes what a run of this version sends and stores.
fn write(folder: &Path) {
    let body = body();
    let rules = dataset(r#"{"columns": {"pay": "decimal(10,2)"}, "max_reject_ratio": 0.1}"#);
    let size = (body.len() as u64 - 16).div_ceil(CHUNKS);
    let source = source(body.as_bytes());
    let outcome =
        run_with(Arc::new(source.clone()), &rules, size, Some(&["profile", "parquet", "jsonl", "rejects"])).unwrap();
    let results = outcome.results;
    let read = |key: &str| block_on(get(&results, &Location::new("out", key))).unwrap();
    let plan = read("run/plan.json");
    let job = json!({"version": VERSION, "bucket": "b", "key": "k.csv", "dataset": rules, "outputs": ["profile", "rejects"], "chunk_size": size});
    let value: Value = serde_json::from_slice(&plan).unwrap();
    let chunk = value["chunks"][1].clone();
    let files = [
        ("object.csv", body.into_bytes()),
        ("plan.json", plan.to_vec()),
        ("report.json", read("run/report.json").to_vec()),
        ("job.json", job.to_string().into_bytes()),
        ("dataset.json", serde_json::to_vec(&rules).unwrap()),
        ("plan-request.json", json!({"job": job, "execution": "run"}).to_string().into_bytes()),
        ("process-request.json", json!({"plan": value, "chunk": chunk}).to_string().into_bytes()),
        ("reduce-request.json", json!({"plan": value, "started_at": "2026-01-01T00:00:00Z"}).to_string().into_bytes()),
    ];
    fs::create_dir_all(folder).unwrap();
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
    for index in 0..CHUNKS {
        fs::write(folder.join(format!("result-{index}.json")), read(&format!("run/results/{index:05}.json"))).unwrap();
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

fn read<T: serde::de::DeserializeOwned>(folder: &Path, name: &str) -> T {
    from_json(name, &fs::read(folder.join(name)).unwrap()).unwrap()
}

#[test]
fn this_version_has_its_messages() {
    assert!(folders().iter().any(|folder| folder.ends_with(env!("CARGO_PKG_VERSION"))), "FANOUT_WRITE=1 writes them");
}

#[test]
fn a_run_that_an_earlier_version_began_ends_with_this_one() {
    for folder in folders() {
        // As many chunks as this number were done before the upgrade.
        for done in 0..=CHUNKS {
            let source = source(&fs::read(folder.join("object.csv")).unwrap());
            let results = MemoryStore::new();
            let plan: Plan = read(&folder, "plan.json");
            let chunks: Vec<Chunk> = plan.chunks.clone().unwrap();
            for chunk in &chunks {
                if chunk.index < done {
                    let result = fs::read(folder.join(format!("result-{}.json", chunk.index))).unwrap();
                    results.insert(&plan.result_location(chunk.index), result.into());
                } else {
                    let request = ProcessRequest { plan: plan.clone(), chunk: *chunk };
                    let context = fanout_processor::Context {
                        source: Arc::new(source.clone()),
                        results: Arc::new(results.clone()),
                        outputs: BUILT_IN,
                        memory_mb: 0,
                    };
                    block_on(fanout_processor::process(&request, &context)).unwrap();
                }
            }
            let request: ReduceRequest = read(&folder, "reduce-request.json");
            let store: Arc<dyn Store> = Arc::new(results.clone());
            let prices = Prices::built_in().unwrap();
            let context = fanout_reducer::Context { results: store, outputs: BUILT_IN, prices, memory_mb: 0 };
            let ReduceResponse::Done { report } = block_on(fanout_reducer::reduce(&request, &context)).unwrap() else {
                panic!("{}: {done}: a repair", folder.display())
            };
            let before: Report = read(&folder, "report.json");
            let found = (report.records, report.rejects, report.coverage);
            assert_eq!(found, (before.records, before.rejects, before.coverage), "{}: {done}", folder.display());
        }
    }
}

#[test]
fn stored_messages_are_read() {
    for folder in folders() {
        let _: (Job, Dataset, PlanRequest) =
            (read(&folder, "job.json"), read(&folder, "dataset.json"), read(&folder, "plan-request.json"));
        let _: ProcessRequest = read(&folder, "process-request.json");
        let event = serde_json::from_slice(&fs::read(folder.join("plan-request.json")).unwrap()).unwrap();
        assert!(matches!(Trigger::from_event(event), Ok(Trigger::Job(_))));
        for index in 0..CHUNKS {
            let result: ChunkResult = read(&folder, &format!("result-{index}.json"));
            assert_eq!(result.version, VERSION);
        }
        // One of the first version that failed; later ones may have more fields.
        let failure = folder.join("failure.json");
        if failure.exists() {
            let _: FailureReport = read(&folder, "failure.json");
        }
    }
}

#[test]
fn a_message_of_a_later_version_is_refused_by_its_field() {
    let folder = folders().pop().unwrap();
    let mut job: Value = read(&folder, "job.json");
    job["of_tomorrow"] = json!(1);
    let error = from_json::<Job>("job", job.to_string().as_bytes()).unwrap_err().to_string();
    assert!(error.contains("unknown field `of_tomorrow`"), "{error}");
}
