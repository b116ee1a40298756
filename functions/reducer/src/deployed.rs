//! The reducer as it is deployed: it reduces for the state machine, and records and tells the end of runs that events
//! report.

use std::sync::Arc;

use fanout_core::Location;
use fanout_core::message::{
    FailedRun, FailedStatus, FailureReport, MessageError, Plan, ReduceResponse, RunEnded, from_json,
};
use fanout_log::{failed, run_failed, upload_refused};
use fanout_render::{Sender, failure_notice, success_notice};
use fanout_store::{StoreError, get};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tracing::Instrument;

use crate::failure::record_failure;
use crate::{Context, Notify, ReduceError, handle};

/// Everything that a deployed reducer is given besides the event.
#[derive(Clone)]
pub struct Deployed {
    /// The settings of the reduction.
    pub context: Context,
    /// The bucket of results, and the prefix of all runs.
    pub results: Location,
    /// The way to the people who are told; `None` where nobody is.
    pub notify: Option<Arc<dyn Notify>>,
    /// The stack and its region, for the messages.
    pub sender: Sender,
}

/// The reducer's answer to one event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Of a reduction, for the state machine.
    Reduced(Box<ReduceResponse>),
    /// Of a run that failed. Nobody reads it; tests do.
    Recorded(Box<FailureReport>),
    /// Of a run that succeeded. Nobody reads it; tests do.
    Told {
        /// The id of the run.
        finished: String,
    },
}

/// Handles one event: a request of the state machine as [`handle`], or the end of a run, which is recorded where it
/// failed, and told.
///
/// # Errors
///
/// [`ReduceError`] as [`handle`], and where the record cannot be written or the message not be sent.
pub async fn answer(event: &RawValue, deployed: &Deployed) -> Result<Answer, ReduceError> {
    let what = "event";
    // Requests may be large, and are read where they are handled.
    let value: Option<Value> =
        event.get().contains("\"detail-type\"").then(|| from_json(what, event.get().as_bytes())).transpose()?;
    match value.filter(RunEnded::is_event) {
        Some(event) => {
            let span = tracing::error_span!("ended");
            async { ended(&event, deployed).await.inspect_err(|error| failed(error, false)) }.instrument(span).await
        }
        None => Ok(Answer::Reduced(Box::new(handle(event, &deployed.context).await?))),
    }
}

async fn ended(event: &Value, deployed: &Deployed) -> Result<Answer, ReduceError> {
    let ended = RunEnded::from_event(event)
        .map_err(|error| MessageError { what: "event".to_owned(), reason: error.to_string() })?;
    let (answer, notice) = match ended {
        RunEnded::Succeeded { summary } => {
            let finished = summary.run_id.clone();
            (Answer::Told { finished }, success_notice(&summary, &deployed.sender))
        }
        RunEnded::Failed(run) => {
            let report = record(run, deployed).await?;
            let notice = failure_notice(&report, &deployed.sender);
            (Answer::Recorded(Box::new(report)), notice)
        }
    };
    if let Some(notify) = &deployed.notify {
        notify.send(&notice).await?;
    }
    Ok(answer)
}

/// Records and counts a run that failed.
async fn record(run: FailedRun, deployed: &Deployed) -> Result<FailureReport, ReduceError> {
    let results = deployed.results.join(&format!("{}/", run.run_id));
    let store = &*deployed.context.results;
    let at = Plan::planned_location(&results);
    let plan: Option<Plan> = match get(store, &at).await {
        Ok(bytes) => Some(from_json(&at.to_string(), &bytes)?),
        Err(StoreError::NoSuchObject { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let report = record_failure(run, plan.as_ref(), &results, store).await?;
    let (run, code, chunks_done) = (report.run_id.as_str(), report.code.as_str(), report.chunks_done);
    tracing::error!(run, code, chunks_done, records = report.records, rejects = report.rejects, "run failed");
    match report.status {
        FailedStatus::Refused => upload_refused(code),
        _ => run_failed(code),
    }
    Ok(report)
}
