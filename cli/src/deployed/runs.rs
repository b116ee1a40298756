//! The runs of a deployment, as a list.

use fanout_core::Location;
use fanout_core::message::Summary;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::Serialize;

use super::aws::Execution;
use super::failure::sentence;
use super::given::Given;
use super::{DeployedError, Deployment};

/// Executions that are asked for at once.
const AT_ONCE: usize = 8;

/// A run of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListedRun {
    /// The name of the run's execution, which commands take.
    pub name: String,
    /// The status.
    pub status: RunStatus,
    /// The object; absent where the execution was started with something else.
    pub object: Option<Location>,
    /// Records accepted, once it has succeeded.
    pub records: Option<u64>,
    /// Records refused, once it has succeeded.
    pub rejects: Option<u64>,
    /// The time at which it began: RFC 3339, in UTC.
    pub started_at: String,
    /// The time from start to end, in milliseconds; absent while it runs.
    pub elapsed_ms: Option<u64>,
    /// The code of its failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The message of the error, with its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// The run is at work.
    Running,
    /// The run has a report.
    Succeeded,
    /// The run ended with an error.
    Failed,
    /// The run took longer than an execution may.
    TimedOut,
    /// A person stopped the run.
    Aborted,
    /// The run is about to be redriven.
    PendingRedrive,
}

impl RunStatus {
    const ALL: [(RunStatus, &str); 6] = [
        (RunStatus::Running, "RUNNING"),
        (RunStatus::Succeeded, "SUCCEEDED"),
        (RunStatus::Failed, "FAILED"),
        (RunStatus::TimedOut, "TIMED_OUT"),
        (RunStatus::Aborted, "ABORTED"),
        (RunStatus::PendingRedrive, "PENDING_REDRIVE"),
    ];

    /// The status by its name in Step Functions; one of tomorrow is that of a run that failed.
    fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map_or(RunStatus::Failed, |(status, _)| status)
    }

    /// The status by the name that it has for a person: `timed out`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().map(|(status, _)| status).find(|status| status.as_str() == name.replace('_', " "))
    }

    /// The status as it is written for a person.
    pub fn as_str(self) -> &'static str {
        match self {
            RunStatus::Running => "running",
            RunStatus::Succeeded => "succeeded",
            RunStatus::Failed => "failed",
            RunStatus::TimedOut => "timed out",
            RunStatus::Aborted => "aborted",
            RunStatus::PendingRedrive => "pending redrive",
        }
    }
}

impl ListedRun {
    fn of(execution: Execution) -> Self {
        let status = RunStatus::of(&execution.status);
        // An emulator gives a failed execution an output as well.
        let summary = execution.output.as_deref().filter(|_| status == RunStatus::Succeeded);
        let summary: Option<Summary> = summary.and_then(|output| serde_json::from_str(output).ok());
        let given = execution.input.as_deref().and_then(Given::of_input);
        let start = Timestamp::from_second(execution.start_date as i64).unwrap_or_default();
        ListedRun {
            name: execution.name,
            status,
            object: given.map(|given| given.object),
            records: summary.as_ref().map(|summary| summary.records),
            rejects: summary.as_ref().map(|summary| summary.rejects),
            started_at: start.to_string(),
            elapsed_ms: execution.stop_date.map(|stop| ((stop - execution.start_date).max(0.0) * 1e3) as u64),
            code: execution.error,
            message: execution.cause.as_deref().map(sentence),
        }
    }
}

impl Deployment {
    /// Returns the newest runs, at most so many of them, in a status or in any.
    ///
    /// # Errors
    ///
    /// [`DeployedError`] where AWS cannot be asked.
    pub async fn runs(&self, status: Option<RunStatus>, most: u64) -> Result<Vec<ListedRun>, DeployedError> {
        let filter = RunStatus::ALL.iter().find(|(known, _)| Some(*known) == status).map(|(_, name)| *name);
        let items = self.states().executions(&self.machine.to_string(), filter, most).await?;
        let executions = futures::stream::iter(items)
            .map(|item| async move { self.states().execution(&item.execution_arn).await.map(ListedRun::of) });
        executions.buffered(AT_ONCE).try_collect().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_have_what_is_known_of_them() {
        let input = r#"{"bucket":"b","key":"k.csv"}"#.to_owned();
        let base = Execution { name: "x".into(), start_date: 1.5e9, input: Some(input), ..Execution::default() };
        let running = ListedRun::of(Execution { status: "RUNNING".into(), ..base.clone() });
        assert_eq!((running.status, running.records, running.elapsed_ms), (RunStatus::Running, None, None));
        assert_eq!(
            (running.started_at.as_str(), running.object),
            ("2017-07-14T02:40:00Z", Some(Location::new("b", "k.csv")))
        );
        let failed = ListedRun::of(Execution {
            status: "FAILED".into(),
            stop_date: Some(1.5e9 + 1.25),
            error: Some("EmptyObject".into()),
            cause: Some(r#"{"errorMessage":"nothing in it"}"#.into()),
            output: Some(r#"{"Error":"EmptyObject"}"#.into()),
            ..base.clone()
        });
        assert_eq!((failed.elapsed_ms, failed.code.as_deref()), (Some(1250), Some("EmptyObject")));
        assert_eq!(failed.message.as_deref(), Some("nothing in it"));
        let other = ListedRun::of(Execution { status: "OF_TOMORROW".into(), input: Some("5".into()), ..base });
        assert_eq!((other.status, other.object), (RunStatus::Failed, None));
    }

    #[test]
    fn statuses_have_names() {
        for (status, _) in RunStatus::ALL {
            assert_eq!(RunStatus::named(status.as_str()), Some(status));
        }
        assert_eq!((RunStatus::named("timed_out"), RunStatus::named("done")), (Some(RunStatus::TimedOut), None));
    }
}
