//! The events that the planner reads.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::Job;
use crate::{Code, Coded};

/// One object that was written to the upload bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The bucket.
    pub bucket: String,
    /// The key, decoded.
    pub key: String,
    /// The version id, where the bucket has versions.
    pub version_id: Option<String>,
    /// Size in bytes as the event gives it.
    pub size: u64,
}

/// The request of the state machine's `Plan` state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRequest {
    /// The job that the person started the execution with.
    pub job: Job,
    /// The execution's name: the run id where the job names none.
    pub execution: String,
}

/// The event that woke the planner.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// Objects were written: plan each and start its execution.
    Uploads(Vec<Upload>),
    /// S3 tests a new notification: nothing to do.
    Test,
    /// A job: plan it and return the plan.
    Job(Box<PlanRequest>),
}

/// An event that the planner can't read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EventError {
    /// A field isn't there or is of another type.
    #[error("event: {path} is missing or not {expected}")]
    Field {
        /// The path in the event.
        path: &'static str,
        /// The expected value.
        expected: &'static str,
    },
    /// A key that doesn't decode to UTF-8.
    #[error("event: the key {key:?} does not decode to UTF-8")]
    Key {
        /// The key as it came.
        key: String,
    },
    /// Neither an event that is known nor a job.
    #[error("job: {0}")]
    Job(String),
}

impl Coded for EventError {
    fn code(&self) -> Code {
        Code::InvalidJob
    }
}

impl Trigger {
    /// Tells the shapes apart: an S3 notification (`Records`), EventBridge's "Object Created",
    /// `s3:TestEvent`, the state machine's request, or a bare [`Job`].
    ///
    /// # Errors
    ///
    /// [`EventError`] if the event has no known shape, or lacks a field.
    pub fn from_event(event: Value) -> Result<Trigger, EventError> {
        let job = |error: serde_json::Error| EventError::Job(error.to_string());
        if let Some(records) = event.get("Records").and_then(Value::as_array) {
            return records.iter().map(notification).collect::<Result<_, _>>().map(Trigger::Uploads);
        }
        if event.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
            return Ok(Trigger::Test);
        }
        if event.get("detail-type").is_some() {
            return event_bridge(&event).map(|upload| Trigger::Uploads(vec![upload]));
        }
        if event.get("execution").is_some() {
            return serde_json::from_value(event).map(|request| Trigger::Job(Box::new(request))).map_err(job);
        }
        let bare: Job = serde_json::from_value(event).map_err(job)?;
        let execution = bare.run_id.clone().unwrap_or_default();
        Ok(Trigger::Job(Box::new(PlanRequest { job: bare, execution })))
    }
}

/// A record of an S3 event notification (AWS: "Event message structure"). Keys in it are encoded
/// as in a form: `+` is a space, then `%XX`.
fn notification(record: &Value) -> Result<Upload, EventError> {
    let key = text(record, "/s3/object/key", "Records[].s3.object.key")?;
    let spaces = key.replace('+', " ");
    let decoded = percent_decode_str(&spaces).decode_utf8().map_err(|_| EventError::Key { key: key.to_owned() })?;
    Ok(Upload {
        bucket: text(record, "/s3/bucket/name", "Records[].s3.bucket.name")?.to_owned(),
        key: decoded.into_owned(),
        version_id: optional_text(record, "/s3/object/versionId"),
        // Absent in events that aren't about new bytes.
        size: record.pointer("/s3/object/size").and_then(Value::as_u64).unwrap_or(0),
    })
}

/// EventBridge's "Object Created" (AWS: "EventBridge event message structure"). Keys in it are as they are.
fn event_bridge(event: &Value) -> Result<Upload, EventError> {
    if event.get("detail-type").and_then(Value::as_str) != Some("Object Created") {
        return Err(EventError::Field { path: "detail-type", expected: "\"Object Created\"" });
    }
    Ok(Upload {
        bucket: text(event, "/detail/bucket/name", "detail.bucket.name")?.to_owned(),
        key: text(event, "/detail/object/key", "detail.object.key")?.to_owned(),
        version_id: optional_text(event, "/detail/object/version-id"),
        size: event.pointer("/detail/object/size").and_then(Value::as_u64).unwrap_or(0),
    })
}

fn text<'v>(value: &'v Value, pointer: &str, path: &'static str) -> Result<&'v str, EventError> {
    value.pointer(pointer).and_then(Value::as_str).ok_or(EventError::Field { path, expected: "a text" })
}

fn optional_text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn uploads(event: Value) -> Vec<Upload> {
        match Trigger::from_event(event).unwrap() {
            Trigger::Uploads(uploads) => uploads,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn keys_of_notifications_are_decoded() {
        let table = [
            ("incoming/a+b.csv", "incoming/a b.csv"),
            ("incoming/a%2Bb.csv", "incoming/a+b.csv"),
            ("incoming/100%25.csv", "incoming/100%.csv"),
            ("incoming/%C3%BC/x%2fy.csv", "incoming/ü/x/y.csv"),
        ];
        for (encoded, key) in table {
            let object = json!({"key": encoded, "size": 5, "eTag": "e", "versionId": "v", "sequencer": "1"});
            let event = json!({"Records": [{"s3": {"bucket": {"name": "b"}, "object": object}}]});
            let upload = Upload { bucket: "b".into(), key: key.into(), version_id: Some("v".into()), size: 5 };
            assert_eq!(uploads(event), [upload], "{encoded}");
        }
    }

    #[test]
    fn event_bridge_keys_are_as_they_are() {
        let event = json!({"detail-type": "Object Created", "source": "aws.s3",
            "detail": {"bucket": {"name": "b"}, "object": {"key": "in/a+b%20.csv", "size": 7, "etag": "e"}}});
        let upload = Upload { bucket: "b".into(), key: "in/a+b%20.csv".into(), version_id: None, size: 7 };
        assert_eq!(uploads(event), [upload]);
    }

    #[test]
    fn other_shapes() {
        let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"});
        assert_eq!(Trigger::from_event(test), Ok(Trigger::Test));
        let job = json!({"bucket": "b", "key": "k", "run_id": "r"});
        let Ok(Trigger::Job(bare)) = Trigger::from_event(job.clone()) else { panic!() };
        assert_eq!(bare.execution, "r");
        let Ok(Trigger::Job(request)) = Trigger::from_event(json!({"job": job, "execution": "e"})) else { panic!() };
        assert_eq!((request.execution.as_str(), request.job.run_id.as_deref()), ("e", Some("r")));
        let table = [
            (json!({"bucket": "b", "keys": "k"}), "job: unknown field `keys`"),
            (json!({"detail-type": "Object Deleted"}), "event: detail-type is missing or not \"Object Created\""),
            (json!({"Records": [{"s3": {}}]}), "event: Records[].s3.object.key is missing or not a text"),
        ];
        for (event, error) in table {
            assert!(Trigger::from_event(event).unwrap_err().to_string().starts_with(error), "{error}");
        }
    }
}
