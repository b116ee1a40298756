//! The reducer Lambda with the outputs of this crate.

use fanout_log::log_to_cloudwatch;
use fanout_reducer::{Deployed, answer};
use fanout_store::aws_config;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use own_output::OUTPUTS;
use serde_json::value::RawValue;

#[tokio::main]
async fn main() -> Result<(), Error> {
    log_to_cloudwatch();
    let outputs = OUTPUTS;
    let deployed = &Deployed::from_variables(|name| std::env::var(name).ok(), &aws_config().await, outputs)?;
    run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move { answer(&event.payload, deployed).await }))
        .await
}
