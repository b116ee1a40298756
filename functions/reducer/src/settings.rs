//! The settings of a deployed reducer, from the variables of its environment.

use std::sync::Arc;

use aws_config::SdkConfig;
use fanout_core::{Location, Prices};
use fanout_outputs::OutputKinds;
use fanout_render::Sender;
use fanout_store::S3Store;
use thiserror::Error;

use crate::{Context, Deployed, Notify, Topic};

/// The environment isn't what the template sets.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("environment variable {name}: {reason}")]
pub struct SettingsError {
    /// The variable.
    pub name: &'static str,
    /// The fault.
    pub reason: String,
}

impl Deployed {
    /// Reads `RESULTS_BUCKET`, `RESULTS_PREFIX` (may be empty), `PRICES` (JSON, may be empty), `NOTIFY_TOPIC` (an ARN,
    /// may be empty), `STACK`, and Lambda's own variables, through `variable`.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] with the name of a variable that is not set or has a wrong value.
    pub fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
        aws: &SdkConfig,
        outputs: OutputKinds,
    ) -> Result<Self, SettingsError> {
        let get = |name: &'static str| variable(name).ok_or(SettingsError { name, reason: "is not set".into() });
        let memory = get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")?;
        let not_a_number = |_| SettingsError {
            name: "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            reason: format!("{memory:?} is not a number"),
        };
        let memory_mb = memory.parse().map_err(not_a_number)?;
        let prices = Prices::of_variable("prices", &get("PRICES")?)
            .map_err(|error| SettingsError { name: "PRICES", reason: error.reason })?;
        let topic = variable("NOTIFY_TOPIC").filter(|arn| !arn.is_empty());
        let notify =
            topic.map(|arn| -> Arc<dyn Notify> { Arc::new(Topic { client: aws_sdk_sns::Client::new(aws), arn }) });
        let prefix = variable("RESULTS_PREFIX").unwrap_or_default();
        Ok(Self {
            context: Context { results: Arc::new(S3Store::new(aws)), outputs, prices, memory_mb },
            results: Location::new(&get("RESULTS_BUCKET")?, &format!("{prefix}runs/")),
            notify,
            sender: Sender { stack: get("STACK")?, region: get("AWS_REGION")? },
        })
    }
}
