//! The end of runs as events tell it: recorded, counted, told.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use fanout_core::message::{FailedStatus, FailureReport, from_json};
use fanout_core::{Location, Place, Prices};
use fanout_log::Captured;
use fanout_outputs::BUILT_IN;
use fanout_reducer::{Answer, Context, Deployed, Notify, NotifyError, answer};
use fanout_render::{Notice, Sender};
use fanout_store::{MemoryStore, get};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Keeps what is sent.
#[derive(Default)]
struct Sent(Mutex<Vec<Notice>>);

#[async_trait]
impl Notify for Sent {
    async fn send(&self, notice: &Notice) -> Result<(), NotifyError> {
        self.0.lock().unwrap().push(notice.clone());
        Ok(())
    }
}

fn deployed(store: &MemoryStore) -> (Deployed, Arc<Sent>) {
    let sent = Arc::new(Sent::default());
    let prices = Prices::built_in().unwrap();
    let context = Context { results: Arc::new(store.clone()), outputs: BUILT_IN, prices, memory_mb: 0 };
    let sender = Sender { stack: "fanout".into(), region: "eu-central-1".into() };
    let results = Location::new("results", "team/runs/");
    (Deployed { context, results, notify: Some(sent.clone()), sender }, sent)
}

fn raw(event: &Value) -> Box<RawValue> {
    RawValue::from_string(event.to_string()).unwrap()
}

/// A run of three chunks: one done, one that failed, one that nothing is known of.
fn planned() -> MemoryStore {
    let store = MemoryStore::new();
    let plan = json!({
        "run_id": "r", "object": {"bucket": "b", "key": "in/k.csv", "etag": "e", "size": 20}, "dataset": {},
        "reader": "range", "outputs": [], "header": ["id"], "data_start": 3, "chunk_size": 6, "chunk_count": 3,
        "results": {"bucket": "results", "key": "team/runs/r/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    let part = json!({"output": "rejects", "key": "rejects/part-00000.csv", "records": 2, "bytes": 9});
    let done = json!({"records": 5, "rejects": 2, "parts": [part], "partial": {"profile": [1, 2, 3]}});
    let failed = json!({"code": "StoreThrottled", "message": "chunk 1: b/in/k.csv: throttled: SlowDown"});
    for (name, object) in [("manifest/planned.json", plan), ("results/00000.json", done), ("failed/00001.json", failed)]
    {
        store.insert(&Location::new("results", &format!("team/runs/r/{name}")), object.to_string().into());
    }
    store
}

fn execution(status: &str, more: Value) -> Value {
    let mut detail = json!({
        "executionArn": "arn:aws:states:eu-central-1:1:execution:fanout:r", "name": "r", "status": status,
        "input": "{\"bucket\": \"b\", \"key\": \"in/k.csv\"}"
    });
    detail.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "detail-type": "Step Functions Execution Status Change", "source": "aws.states", "time": "2026-11-26T10:00:00Z",
        "detail": detail
    })
}

async fn recorded(event: &Value, store: &MemoryStore) -> (FailureReport, Notice) {
    let (deployed, sent) = deployed(store);
    let Answer::Recorded(report) = answer(&raw(event), &deployed).await.unwrap() else { panic!("another answer") };
    let at = report.results.join("failure.json");
    let stored: FailureReport = from_json("failure", &get(store, &at).await.unwrap()).unwrap();
    assert_eq!(stored, *report);
    let page = get(store, &report.results.join("failure.html")).await.unwrap();
    assert!(String::from_utf8_lossy(&page).contains(&report.code));
    let notice = sent.0.lock().unwrap().pop().unwrap();
    (stored, notice)
}

#[tokio::test]
async fn a_map_that_failed_is_recorded_by_its_chunks() {
    let error = json!({"error": "States.ExceedToleratedFailureThreshold", "cause": "The threshold was exceeded"});
    let (report, notice) = recorded(&execution("FAILED", error), &planned()).await;
    assert_eq!((report.code.as_str(), report.status), ("StoreThrottled", FailedStatus::Failed));
    assert_eq!((report.chunks, report.chunks_done, report.records, report.rejects), (Some(3), 1, 5, 2));
    assert_eq!(report.place, Place { chunk: Some(1), ..Place::default() });
    assert_eq!(report.failed_chunks.iter().map(|one| one.index).collect::<Vec<_>>(), [1]);
    assert_eq!(report.reject_parts, ["rejects/part-00000.csv"]);
    assert_eq!(report.results, Location::new("results", "team/runs/r/"));
    assert_eq!(notice.subject, "fanout: run r failed: StoreThrottled");
    for text in [
        "s3://b/in/k.csv, chunk 1",
        "So far: 1 of 3 chunks, 5 records, 2 refused",
        "s3://results/team/runs/r/failure.html",
    ] {
        assert!(notice.text.contains(text), "{text}: {}", notice.text);
    }
}

#[tokio::test]
async fn other_ends_are_recorded_too() {
    let table = [
        ("TIMED_OUT", "States.Timeout", "fanout: run r took too long: States.Timeout"),
        ("ABORTED", "Aborted", "fanout: run r was aborted: Aborted"),
    ];
    for (status, code, subject) in table {
        // Without a plan, and with one whose chunks did not fail.
        let (report, notice) = recorded(&execution(status, json!({})), &MemoryStore::new()).await;
        assert_eq!((report.code.as_str(), report.chunks, notice.subject.as_str()), (code, None, subject));
    }
}

#[tokio::test]
async fn a_refused_upload_is_recorded_by_its_key() {
    let object = json!({"key": "in/people.csv", "size": 5});
    let event = json!({
        "detail-type": "Lambda Function Invocation Result - Failure", "source": "lambda", "time": "2026-11-26T10:00:00Z",
        "detail": {
            "requestContext": {"requestId": "q", "condition": "RetriesExhausted"},
            "requestPayload": {"Records": [{"s3": {"bucket": {"name": "b"}, "object": object}}]},
            "responsePayload": {"errorType": "HeaderMismatch", "errorMessage": "b/in/people.csv: no delimiter"}
        }
    });
    let (report, notice) = recorded(&event, &MemoryStore::new()).await;
    assert_eq!((report.run_id.as_str(), report.status), ("people-q", FailedStatus::Refused));
    assert_eq!(notice.subject, "fanout: upload was refused: HeaderMismatch");
    assert!(notice.text.contains("Where: s3://b/in/people.csv\nNext:  Correct the header"), "{}", notice.text);
}

#[tokio::test]
async fn a_success_is_told() {
    let output = json!({
        "status": "succeeded", "run_id": "r", "object": {"bucket": "b", "key": "k", "etag": "e", "size": 20},
        "records": 5, "rejects": 1, "chunks": 1, "elapsed_ms": 1500, "report": {"bucket": "results", "key": "runs/r/report.json"},
        "coverage": {"verified": true, "data_start": 3, "end": 20, "repaired": 0, "bytes": {"accepted": 17, "rejected": 0, "skipped": 0}}
    });
    let (deployed, sent) = deployed(&MemoryStore::new());
    let event = execution("SUCCEEDED", json!({"output": output.to_string()}));
    assert!(matches!(answer(&raw(&event), &deployed).await.unwrap(), Answer::Told { finished } if finished == "r"));
    let notice = sent.0.lock().unwrap().pop().unwrap();
    assert_eq!(notice.subject, "fanout: run r finished, 1 refused");
    assert!(notice.text.contains("Records: 5, 1 refused") && notice.text.contains("s3://results/runs/r/report.html"));
}

#[tokio::test]
async fn failures_are_counted_by_code() {
    let log = Captured::default();
    let _guard = tracing::dispatcher::set_default(&log.subscriber(tracing_subscriber::filter::LevelFilter::INFO));
    let error = json!({"error": "AccessDenied", "cause": "no"});
    recorded(&execution("FAILED", error), &MemoryStore::new()).await;
    let counted = log.lines().into_iter().find(|line| line["_aws"].is_object()).unwrap();
    assert_eq!((&counted["FailedRuns"], &counted["Code"]), (&json!(1), &json!("AccessDenied")));
    assert_eq!(counted["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([["Stack"], ["Stack", "Code"]]));
    assert_eq!(log.events("run failed")[0]["run"], "r");
}

#[tokio::test]
async fn other_events_are_refused() {
    let (deployed, _) = deployed(&MemoryStore::new());
    let table =
        [json!({"detail-type": "Object Created", "detail": {}}), execution("RUNNING", json!({})), json!({"plan": 1})];
    for event in table {
        let error = answer(&raw(&event), &deployed).await.unwrap_err().to_string();
        assert!(error.starts_with("event: ") || error.starts_with("reduce request: "), "{error}");
    }
}
