//! Executions of the state machine. Starting the same run twice starts one.

use async_trait::async_trait;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::error::ProvideErrorMetadata;
use fanout_core::{Code, Coded, error_chain};
use thiserror::Error;

/// A starter of executions.
#[async_trait]
pub trait Executions: Send + Sync {
    /// Starts the execution of that name, unless it was started before.
    ///
    /// # Errors
    ///
    /// [`StartError`] where it was not started. The error says whether another try may help.
    async fn start(&self, name: &str, input: String) -> Result<Started, StartError>;
}

/// The call that started an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// This call.
    Now,
    /// An earlier call: the same upload was notified twice.
    Before,
}

/// An execution that was not started.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("execution {name}: not started: {reason}")]
pub struct StartError {
    /// The execution's name.
    pub name: String,
    /// The answer of Step Functions.
    pub reason: String,
    /// Tells whether another try may help.
    pub transient: bool,
}

impl Coded for StartError {
    fn code(&self) -> Code {
        if self.transient { Code::StartFailed } else { Code::AccessDenied }
    }
}

/// The stack's state machine.
#[derive(Debug, Clone)]
pub struct StateMachine {
    /// The client.
    pub client: Client,
    /// The state machine's ARN.
    pub arn: String,
}

#[async_trait]
impl Executions for StateMachine {
    async fn start(&self, name: &str, input: String) -> Result<Started, StartError> {
        let start = self.client.start_execution().state_machine_arn(&self.arn).name(name).input(input);
        match start.send().await {
            Ok(_) => Ok(Started::Now),
            Err(error) if error.code() == Some("ExecutionAlreadyExists") => Ok(Started::Before),
            Err(error) => {
                // Throttling answers 400 here (AWS: "Common errors"), as refusals do.
                let status = error.raw_response().map_or(500, |response| response.status().as_u16());
                let throttled = matches!(error.code(), Some("ThrottlingException" | "ExecutionLimitExceeded"));
                let reason = error_chain(&error);
                Err(StartError { name: name.to_owned(), reason, transient: throttled || status >= 500 })
            }
        }
    }
}
