//! The events by which the reducer learns that a run has ended without it: of Step Functions, and of an upload that
//! Lambda could not have planned.

use serde_json::Value;

use super::{EventError, FailedStatus, Summary, Trigger};
use crate::{Location, file_stem, is_run_id};

/// The end of a run, as an event tells it.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEnded {
    /// The run has its report.
    Succeeded {
        /// The report in short.
        summary: Box<Summary>,
    },
    /// A run without one.
    Failed(FailedRun),
}

/// A run that failed, as an event tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRun {
    /// The end of the run.
    pub status: FailedStatus,
    /// The id of the run.
    pub run_id: String,
    /// The code of the error, or an error of AWS.
    pub code: String,
    /// The error's text.
    pub message: String,
    /// The object, where the event has it.
    pub object: Option<Location>,
    /// The ARN of the execution.
    pub execution: Option<String>,
    /// The time of the event.
    pub time: String,
}

impl RunEnded {
    /// Tells whether a message is an event of EventBridge, and no request of the state machine.
    pub fn is_event(message: &Value) -> bool {
        message.get("detail-type").is_some()
    }

    /// Reads an event: Step Functions' "Execution Status Change" (AWS: "Automating Step Functions event delivery with
    /// EventBridge"), or Lambda's "Function Invocation Result - Failure" of the planner (AWS: "Capturing records of
    /// Lambda asynchronous invocations").
    ///
    /// # Errors
    ///
    /// [`EventError`] where the event is another one, or lacks a field.
    pub fn from_event(event: &Value) -> Result<Self, EventError> {
        match text(event, "/detail-type") {
            Some("Step Functions Execution Status Change") => of_execution(event),
            Some("Lambda Function Invocation Result - Failure") => Ok(Self::Failed(of_invocation(event))),
            _ => Err(EventError::Field { path: "detail-type", expected: "one of a run's end" }),
        }
    }
}

fn of_execution(event: &Value) -> Result<RunEnded, EventError> {
    let name = text(event, "/detail/name").ok_or(EventError::Field { path: "detail.name", expected: "a text" })?;
    let status = match text(event, "/detail/status") {
        Some("SUCCEEDED") => {
            let output = text(event, "/detail/output").unwrap_or_default();
            let summary = serde_json::from_str(output);
            let summary = summary.map_err(|_| EventError::Field { path: "detail.output", expected: "a summary" })?;
            return Ok(RunEnded::Succeeded { summary });
        }
        Some("FAILED") => FailedStatus::Failed,
        Some("TIMED_OUT") => FailedStatus::TimedOut,
        Some("ABORTED") => FailedStatus::Aborted,
        _ => return Err(EventError::Field { path: "detail.status", expected: "one of a run's end" }),
    };
    // Absent where input and output together are too large for an event.
    let input: Value =
        text(event, "/detail/input").and_then(|input| serde_json::from_str(input).ok()).unwrap_or_default();
    let given = text(&input, "/run_id").or_else(|| text(&input, "/plan/run_id")).filter(|id| is_run_id(id));
    let object = input.pointer("/plan/object").unwrap_or(&input);
    let object = text(object, "/bucket").zip(text(object, "/key")).map(|(bucket, key)| Location::new(bucket, key));
    let (code, message) = match status {
        FailedStatus::TimedOut => ("States.Timeout".to_owned(), "the execution took longer than it may".to_owned()),
        FailedStatus::Aborted => {
            ("Aborted".to_owned(), "the execution was stopped by a person or a program".to_owned())
        }
        _ => (
            text(event, "/detail/error").unwrap_or("States.Runtime").to_owned(),
            text_of_cause(text(event, "/detail/cause").unwrap_or("no cause was given")),
        ),
    };
    Ok(RunEnded::Failed(FailedRun {
        status,
        run_id: given.unwrap_or(name).to_owned(),
        code,
        message,
        object,
        execution: text(event, "/detail/executionArn").map(str::to_owned),
        time: text(event, "/time").unwrap_or_default().to_owned(),
    }))
}

/// An upload, or several of one notification, of which the first one that can be named stands for all.
fn of_invocation(event: &Value) -> FailedRun {
    let payload = event.pointer("/detail/requestPayload").cloned().unwrap_or_default();
    let object = match Trigger::from_event(payload) {
        Ok(Trigger::Uploads(uploads)) => uploads.first().map(|upload| Location::new(&upload.bucket, &upload.key)),
        _ => None,
    };
    // The id of the run would need the object, which may be what is wrong.
    let request = text(event, "/detail/requestContext/requestId").or_else(|| text(event, "/id")).unwrap_or("request");
    let name = object.as_ref().map_or_else(|| "upload".to_owned(), |object| file_stem(&object.key));
    let answer = event.pointer("/detail/responsePayload");
    let of_answer = |field: &str| answer.and_then(|answer| answer.get(field)).and_then(Value::as_str);
    let condition = text(event, "/detail/requestContext/condition").unwrap_or("the planner failed");
    FailedRun {
        status: FailedStatus::Refused,
        run_id: format!("{name}-{request}"),
        code: of_answer("errorType").unwrap_or("Lambda.Unknown").to_owned(),
        message: of_answer("errorMessage").unwrap_or(condition).to_owned(),
        object,
        execution: None,
        time: text(event, "/time").unwrap_or_default().to_owned(),
    }
}

/// The text of a cause: a function's error is JSON with the text in it.
fn text_of_cause(cause: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(cause).ok();
    let message = parsed.as_ref().and_then(|cause| text(cause, "/errorMessage"));
    message.unwrap_or(cause).to_owned()
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failed(event: &Value) -> FailedRun {
        match RunEnded::from_event(event).unwrap() {
            RunEnded::Failed(run) => run,
            other => panic!("{other:?}"),
        }
    }

    fn execution(status: &str, input: Value) -> Value {
        json!({
            "detail-type": "Step Functions Execution Status Change", "source": "aws.states", "time": "2026-11-26T10:00:00Z",
            "detail": {
                "executionArn": "arn:e", "name": "execution", "status": status, "input": input.to_string(),
                "error": "AccessDenied", "cause": "{\"errorType\":\"AccessDenied\",\"errorMessage\":\"chunk 3: no\"}"
            }
        })
    }

    #[test]
    fn the_run_is_named_by_job_plan_or_execution() {
        let object = json!({"bucket": "b", "key": "k", "etag": "e", "size": 1});
        let at = Some(Location::new("b", "k"));
        let table = [
            (json!({"bucket": "b", "key": "k", "run_id": "mine"}), "mine", at.clone()),
            (json!({"bucket": "b", "key": "k"}), "execution", at.clone()),
            (json!({"plan": {"run_id": "planned", "object": object}}), "planned", at),
            (json!({"bucket": "b", "key": "k", "run_id": "../x"}), "execution", Some(Location::new("b", "k"))),
            (json!(null), "execution", None),
        ];
        for (input, run_id, object) in table {
            let run = failed(&execution("FAILED", input.clone()));
            assert_eq!((run.run_id.as_str(), run.object), (run_id, object), "{input}");
            assert_eq!((run.code.as_str(), run.message.as_str()), ("AccessDenied", "chunk 3: no"));
        }
        let statuses = ["FAILED", "TIMED_OUT", "ABORTED"].map(|status| failed(&execution(status, json!({}))).status);
        assert_eq!(statuses, [FailedStatus::Failed, FailedStatus::TimedOut, FailedStatus::Aborted]);
        assert!(RunEnded::from_event(&execution("RUNNING", json!({}))).is_err());
    }

    #[test]
    fn a_refused_upload_is_named_by_its_key() {
        let object = json!({"key": "incoming/a+b.csv", "size": 5});
        let event = json!({
            "detail-type": "Lambda Function Invocation Result - Failure", "time": "2026-11-26T10:00:00Z",
            "detail": {
                "requestContext": {"requestId": "r1", "condition": "RetriesExhausted"},
                "requestPayload": {"Records": [{"s3": {"bucket": {"name": "b"}, "object": object}}]},
                "responsePayload": {"errorType": "HeaderMismatch", "errorMessage": "b/k: no"}
            }
        });
        let run = failed(&event);
        assert_eq!((run.run_id.as_str(), run.code.as_str()), ("a-b-r1", "HeaderMismatch"));
        assert_eq!(run.object, Some(Location::new("b", "incoming/a b.csv")));
        let bare = json!({"detail-type": "Lambda Function Invocation Result - Failure", "id": "i", "detail": {}});
        let run = failed(&bare);
        assert_eq!((run.run_id.as_str(), run.message.as_str()), ("upload-i", "the planner failed"));
    }
}
