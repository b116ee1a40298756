//! The end of a run: its report, or its failure.

use fanout_core::Location;
use fanout_core::message::{Report, Summary, from_json};
use fanout_store::{Read, Store, StoreError, get};

use super::aws::{Execution, MapRun};
use super::failure::{ChunkFailure, RunFailure};
use super::given::{Given, PlanFacts};
use super::history::Course;
use super::{DeployedError, Deployment};
use crate::CliError;

/// Children that failed whose errors are asked for.
const FAILURES: u64 = 3;

/// Events from the end of a history among which the last state is.
const LAST: u64 = 4;

/// Events from the start of a history among which the plan is.
const FIRST: u64 = 100;

/// The name of a failed run's page, beside that of a report. It comes some seconds after the end.
const FAILURE: &str = "failure.html";

/// The end of a run.
#[derive(Debug)]
pub struct Ended {
    /// The run's execution.
    pub run: String,
    /// The report.
    pub report: Report,
    /// The location of the report.
    pub at: Location,
}

impl Deployment {
    /// Returns the report of a run that has ended, by its name or the ARN of its execution.
    ///
    /// # Errors
    ///
    /// [`DeployedError::Failed`] where it failed, [`DeployedError::WrongState`] where it has not ended, and other errors
    /// by their names.
    pub async fn report(&self, run: &str) -> Result<Ended, CliError> {
        match self.execution(run).await {
            Ok(execution) => self.end(&execution).await,
            // Step Functions forgets an execution 90 days after its end.
            Err(error @ DeployedError::NoSuchRun { .. }) => match self.stored_report(run).await? {
                Some(ended) => Ok(ended),
                None => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    async fn stored_report(&self, run: &str) -> Result<Option<Ended>, CliError> {
        let Some(stack) = &self.stack else { return Ok(None) };
        let at = stack.results.join(&format!("runs/{run}/report.json"));
        match get(&self.store, &at).await {
            Ok(bytes) => {
                Ok(Some(Ended { run: run.to_owned(), report: from_json(&format!("report s3://{at}"), &bytes)?, at }))
            }
            Err(StoreError::NoSuchObject { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the report of an execution that has ended, or its failure.
    pub(super) async fn end(&self, execution: &Execution) -> Result<Ended, CliError> {
        let run = execution.name.clone();
        match execution.status.as_str() {
            "SUCCEEDED" => {
                let what = format!("output of {}", execution.execution_arn);
                let summary: Summary = from_json(&what, execution.output.as_deref().unwrap_or_default().as_bytes())?;
                let bytes = get(&self.store, &summary.report).await?;
                let report = from_json(&format!("report s3://{}", summary.report), &bytes)?;
                Ok(Ended { run, report, at: summary.report })
            }
            "RUNNING" | "PENDING_REDRIVE" => {
                let reason =
                    format!("it is running, and has no report yet: follow it by `{}`", self.command("watch", &run));
                Err(DeployedError::WrongState { run, reason }.into())
            }
            _ => Err(DeployedError::Failed(Box::new(self.failure(execution).await?)).into()),
        }
    }

    /// Returns the failure of an execution, with the errors of its chunks.
    async fn failure(&self, execution: &Execution) -> Result<RunFailure, DeployedError> {
        let arn = &execution.execution_arn;
        let refused = self.was_refused(arn).await?;
        let run = self.states().map_run(arn).await?;
        let chunks = match &run {
            Some(run) => self.failed_chunks(run).await?,
            None => Vec::new(),
        };
        let mut failure = RunFailure::of(execution, &chunks, refused, self.command("redrive", &execution.name));
        if let Some(MapRun { item_counts: counts, .. }) = run {
            failure.counts = Some((counts.failed + counts.timed_out + counts.aborted, counts.total));
            failure.not_redrivable = counts.failures_not_redrivable;
        }
        failure.page = self.page(execution).await;
        Ok(failure)
    }

    /// Tells whether the execution refused its object or its job.
    pub(super) async fn was_refused(&self, arn: &str) -> Result<bool, DeployedError> {
        let last = self.states().events(arn, true, LAST).await?;
        Ok(Course::of(&last).refused)
    }

    /// Returns the errors of the first chunks of a Map Run that failed.
    pub(super) async fn failed_chunks(&self, run: &MapRun) -> Result<Vec<ChunkFailure>, DeployedError> {
        let counts = run.item_counts;
        let status = match (counts.failed, counts.timed_out) {
            (0, 0) => return Ok(Vec::new()),
            (0, _) => "TIMED_OUT",
            _ => "FAILED",
        };
        let mut found = Vec::new();
        for child in self.states().children(&run.map_run_arn, status, FAILURES).await? {
            let child = self.states().execution(&child.execution_arn).await?;
            let error = child.error.unwrap_or_else(|| "States.Timeout".to_owned());
            found.push(ChunkFailure::of(&error, &child.cause.unwrap_or_default()));
        }
        Ok(found)
    }

    /// Returns the plan of an execution, once there is one.
    pub(super) async fn plan(&self, execution: &Execution) -> Result<Option<PlanFacts>, DeployedError> {
        if let Some(plan) = execution.input.as_deref().and_then(Given::of_input).and_then(|given| given.plan) {
            return Ok(Some(plan));
        }
        let first = self.states().events(&execution.execution_arn, false, FIRST).await?;
        let mut outputs = first.iter().filter_map(|event| event.state_exited_event_details.as_ref()?.output.as_deref());
        Ok(outputs.find_map(PlanFacts::of_output))
    }

    /// Returns the place of a failed run's page, if it is there.
    async fn page(&self, execution: &Execution) -> Option<Location> {
        // It says more, and its absence is no other failure.
        let results = self.plan(execution).await.ok()?.map(|plan| plan.results);
        let results =
            results.or_else(|| Some(self.stack.as_ref()?.results.join(&format!("runs/{}/", execution.name))))?;
        let at = results.join(FAILURE);
        let read = Read { at: &at, version_id: None, range: None, if_match: None };
        self.store.read(read).await.is_ok().then_some(at)
    }
}
