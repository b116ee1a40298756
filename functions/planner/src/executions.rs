//! Executions of the state machine. Starting the same run twice starts one.

use async_trait::async_trait;
use fanout_core::{Code, Coded};
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
