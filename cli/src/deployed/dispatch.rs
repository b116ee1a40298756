//! Runs that are started, tried again, or given another width.

use fanout_core::is_run_id;
use fanout_core::message::{Job, to_json};
use serde::Serialize;

use super::failure::NextStep;
use super::{DeployedError, Deployment};
use crate::{CliError, argument};

/// A run that has started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Started {
    /// The run, by the name of its execution.
    pub run: String,
    /// The ARN of its execution.
    pub execution: String,
}

/// A run that is redriven.
pub type Redriven = Started;

impl Deployment {
    /// Starts a run.
    ///
    /// # Errors
    ///
    /// [`CliError::Argument`] where the name is none or was used, and [`DeployedError`] where AWS refuses.
    pub async fn start(&self, job: &Job, name: &str) -> Result<Started, CliError> {
        if !is_run_id(name) {
            return Err(argument(&format!("--name {name:?}"), "expected 1 to 80 characters of [0-9A-Za-z_-]"));
        }
        let input = to_json("job", job)?;
        let started = self.states().start(&self.machine.to_string(), name, &String::from_utf8_lossy(&input)).await;
        match started {
            Ok(execution) => Ok(Started { run: name.to_owned(), execution }),
            Err(error) if error.is(&["ExecutionAlreadyExists"]) => {
                Err(argument(&format!("--name {name}"), "a run of the last 90 days has this name: give another one"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Runs again what failed of a run.
    ///
    /// # Errors
    ///
    /// [`DeployedError::WrongState`] where the run has not failed, or would fail the same, or cannot be redriven.
    pub async fn redrive(&self, run: &str) -> Result<Redriven, DeployedError> {
        let execution = self.execution(run).await?;
        let arn = execution.execution_arn.clone();
        let wrong = |reason: String| DeployedError::WrongState { run: execution.name.clone(), reason };
        match execution.status.as_str() {
            "SUCCEEDED" => return Err(wrong(format!("it has succeeded: {}", self.command("report", &execution.name)))),
            "RUNNING" | "PENDING_REDRIVE" => {
                return Err(wrong(format!("it is running: {}", self.command("watch", &execution.name))));
            }
            _ => {}
        }
        match NextStep::after(&execution, self.was_refused(&arn).await?) {
            NextStep::Redrive => {}
            NextStep::StartAgain => {
                let code = execution.error.as_deref().unwrap_or_default();
                return Err(wrong(format!(
                    "it refused its object or its job ({code}), and would refuse it again: correct that, then start a new run"
                )));
            }
            NextStep::NotRedrivable(reason) => {
                return Err(wrong(format!("it cannot be redriven ({reason}): start a new run")));
            }
        }
        match self.states().redrive(&arn).await {
            Ok(()) => Ok(Redriven { run: execution.name, execution: arn }),
            Err(DeployedError::Answer { code, message, .. }) if code == "ExecutionNotRedrivable" => {
                Err(wrong(format!("it cannot be redriven ({message}): start a new run")))
            }
            Err(error) => Err(error),
        }
    }

    /// Sets how many chunks of a running run are processed at once; returns how many it were.
    ///
    /// # Errors
    ///
    /// [`DeployedError::WrongState`] where no Map Run of it is running.
    pub async fn tune(&self, run: &str, concurrency: u64) -> Result<u64, DeployedError> {
        let execution = self.execution(run).await?;
        let found = self.states().map_run(&execution.execution_arn).await?;
        let running = found.as_ref().is_some_and(|map_run| map_run.status == "RUNNING");
        match found {
            Some(map_run) if running => {
                self.states().set_concurrency(&map_run.map_run_arn, concurrency).await?;
                Ok(map_run.max_concurrency)
            }
            _ => {
                let reason = "no chunks of it are being processed that can be tuned: it has ended, is planned or merged, or \
                              has at most 40 chunks, which all run at once";
                Err(DeployedError::WrongState { run: execution.name, reason: reason.to_owned() })
            }
        }
    }
}
