//! The starter of executions on the stack: a client of Step Functions.

use async_trait::async_trait;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::error::ProvideErrorMetadata;
use fanout_core::error_chain;

use crate::{Executions, StartError, Started};

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
