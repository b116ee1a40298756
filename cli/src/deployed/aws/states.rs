//! Step Functions: executions, their histories and their Map Runs.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::{Client, STATES};
use crate::deployed::DeployedError;

/// Events of a page of history, and executions of a page, at most (AWS).
const A_PAGE: u64 = 1000;

/// The calls of Step Functions.
#[derive(Clone, Copy)]
pub(in crate::deployed) struct States<'c>(pub(in crate::deployed) &'c Client);

/// An execution, or a child of a Map Run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::deployed) struct Execution {
    pub(in crate::deployed) execution_arn: String,
    pub(in crate::deployed) name: String,
    pub(in crate::deployed) status: String,
    /// Seconds since 1970-01-01T00:00:00Z, as all times here.
    pub(in crate::deployed) start_date: f64,
    pub(in crate::deployed) stop_date: Option<f64>,
    pub(in crate::deployed) input: Option<String>,
    pub(in crate::deployed) output: Option<String>,
    pub(in crate::deployed) error: Option<String>,
    pub(in crate::deployed) cause: Option<String>,
    pub(in crate::deployed) redrive_status: Option<String>,
    pub(in crate::deployed) redrive_status_reason: Option<String>,
}

/// An execution of a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::deployed) struct ExecutionItem {
    pub(in crate::deployed) execution_arn: String,
    pub(in crate::deployed) name: String,
}

/// An event of a history. Fields of the events that are of no use here are left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::deployed) struct Event {
    #[serde(rename = "type")]
    pub(in crate::deployed) kind: String,
    pub(in crate::deployed) timestamp: f64,
    pub(in crate::deployed) state_entered_event_details: Option<Named>,
    pub(in crate::deployed) state_exited_event_details: Option<Named>,
    pub(in crate::deployed) map_state_started_event_details: Option<MapStarted>,
    pub(in crate::deployed) task_failed_event_details: Option<Fault>,
    pub(in crate::deployed) task_timed_out_event_details: Option<Fault>,
    pub(in crate::deployed) execution_redriven_event_details: Option<Value>,
}

/// A state, with what it was given or has given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::deployed) struct Named {
    pub(in crate::deployed) name: String,
    pub(in crate::deployed) output: Option<String>,
}

/// The number of items of a Map.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(in crate::deployed) struct MapStarted {
    pub(in crate::deployed) length: u64,
}

/// An error and its cause.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::deployed) struct Fault {
    pub(in crate::deployed) error: String,
    pub(in crate::deployed) cause: String,
}

/// A Map Run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::deployed) struct MapRun {
    pub(in crate::deployed) map_run_arn: String,
    pub(in crate::deployed) status: String,
    pub(in crate::deployed) start_date: f64,
    pub(in crate::deployed) max_concurrency: u64,
    pub(in crate::deployed) item_counts: ItemCounts,
}

/// The items of a Map Run by their state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::deployed) struct ItemCounts {
    pub(in crate::deployed) pending: u64,
    pub(in crate::deployed) running: u64,
    pub(in crate::deployed) succeeded: u64,
    pub(in crate::deployed) failed: u64,
    pub(in crate::deployed) timed_out: u64,
    pub(in crate::deployed) aborted: u64,
    pub(in crate::deployed) total: u64,
    pub(in crate::deployed) failures_not_redrivable: u64,
    pub(in crate::deployed) pending_redrive: u64,
}

/// A page of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    #[serde(alias = "events", alias = "executions", alias = "mapRuns")]
    found: Vec<T>,
    next_token: Option<String>,
}

impl States<'_> {
    async fn call<T: DeserializeOwned>(&self, action: &'static str, body: Value) -> Result<T, DeployedError> {
        self.0.json(STATES, action, &body).await
    }

    /// Starts an execution; its ARN.
    pub(in crate::deployed) async fn start(
        &self,
        machine: &str,
        name: &str,
        input: &str,
    ) -> Result<String, DeployedError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Started {
            execution_arn: String,
        }
        let body = json!({ "stateMachineArn": machine, "name": name, "input": input });
        Ok(self.call::<Started>("StartExecution", body).await?.execution_arn)
    }

    /// Starts an execution that failed at the state where it failed.
    pub(in crate::deployed) async fn redrive(&self, execution: &str) -> Result<(), DeployedError> {
        self.call::<Value>("RedriveExecution", json!({ "executionArn": execution })).await.map(|_| ())
    }

    /// Returns an execution, or a child of a Map Run.
    pub(in crate::deployed) async fn execution(&self, arn: &str) -> Result<Execution, DeployedError> {
        self.call("DescribeExecution", json!({ "executionArn": arn })).await
    }

    /// Returns the newest executions of a state machine, at most so many of them, in a state or in any.
    pub(in crate::deployed) async fn executions(
        &self,
        machine: &str,
        status: Option<&str>,
        most: u64,
    ) -> Result<Vec<ExecutionItem>, DeployedError> {
        self.pages("ListExecutions", json!({ "stateMachineArn": machine, "statusFilter": status }), most).await
    }

    /// Returns children of a Map Run in a state, at most so many of them.
    pub(in crate::deployed) async fn children(
        &self,
        map_run: &str,
        status: &str,
        most: u64,
    ) -> Result<Vec<ExecutionItem>, DeployedError> {
        self.pages("ListExecutions", json!({ "mapRunArn": map_run, "statusFilter": status }), most).await
    }

    /// Returns the events of an execution, the oldest first, without what states are given and give.
    pub(in crate::deployed) async fn history(&self, execution: &str) -> Result<Vec<Event>, DeployedError> {
        let body = json!({ "executionArn": execution, "includeExecutionData": false });
        self.pages("GetExecutionHistory", body, u64::MAX).await
    }

    /// Returns the first events of an execution with what states give, or its last ones from the end.
    pub(in crate::deployed) async fn events(
        &self,
        execution: &str,
        last: bool,
        most: u64,
    ) -> Result<Vec<Event>, DeployedError> {
        let body = json!({ "executionArn": execution, "reverseOrder": last });
        self.pages("GetExecutionHistory", body, most).await
    }

    /// Returns the newest Map Run of an execution with its counts, if there is one.
    pub(in crate::deployed) async fn map_run(&self, execution: &str) -> Result<Option<MapRun>, DeployedError> {
        let runs: Vec<MapRun> = self.pages("ListMapRuns", json!({ "executionArn": execution }), u64::MAX).await?;
        let newest = runs.into_iter().max_by(|one, other| one.start_date.total_cmp(&other.start_date));
        match newest {
            Some(run) => self.counts(&run.map_run_arn).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns a Map Run with its counts.
    pub(in crate::deployed) async fn counts(&self, map_run: &str) -> Result<MapRun, DeployedError> {
        self.call("DescribeMapRun", json!({ "mapRunArn": map_run })).await
    }

    /// Sets how many children of a Map Run run at once.
    pub(in crate::deployed) async fn set_concurrency(&self, map_run: &str, number: u64) -> Result<(), DeployedError> {
        let body = json!({ "mapRunArn": map_run, "maxConcurrency": number });
        self.call::<Value>("UpdateMapRun", body).await.map(|_| ())
    }

    /// Returns what a list has, page by page, at most so many of it.
    async fn pages<T: DeserializeOwned>(
        &self,
        action: &'static str,
        mut body: Value,
        most: u64,
    ) -> Result<Vec<T>, DeployedError> {
        let mut found = Vec::new();
        // A filter that is none may not be sent.
        if let Some(fields) = body.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        loop {
            body["maxResults"] = most.saturating_sub(found.len() as u64).min(A_PAGE).into();
            let Page { found: more, next_token } = self.call(action, body.clone()).await?;
            found.extend(more);
            match next_token {
                Some(token) if (found.len() as u64) < most => body["nextToken"] = token.into(),
                _ => return Ok(found),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_with_unknown_fields_are_read() {
        let text = r#"{"executionArn":"arn","name":"x","status":"FAILED","startDate":1.5E9,"stopDate":1500000060.25,
            "error":"AccessDenied","redriveStatus":"REDRIVABLE","redriveCount":1,"inputDetails":{"included":true}}"#;
        let found: Execution = serde_json::from_str(text).unwrap();
        assert_eq!(
            (found.status.as_str(), found.start_date, found.stop_date),
            ("FAILED", 1.5e9, Some(1_500_000_060.25))
        );
        let text = r#"{"mapRunArn":"m","maxConcurrency":10,"itemCounts":{"pending":1,"running":2,"succeeded":3,"failed":4,
            "timedOut":5,"aborted":6,"total":21,"resultsWritten":0,"failuresNotRedrivable":7,"pendingRedrive":8}}"#;
        let run: MapRun = serde_json::from_str(text).unwrap();
        assert_eq!((run.item_counts.failures_not_redrivable, run.item_counts.pending_redrive), (7, 8));
        let page: Page<MapRun> = serde_json::from_str(r#"{"mapRuns":[{"mapRunArn":"m"}],"nextToken":"t"}"#).unwrap();
        assert_eq!((page.found.len(), page.next_token.as_deref()), (1, Some("t")));
    }
}
