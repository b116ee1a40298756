//! The reducer Lambda: reads the environment, builds the clients and hands over.

use fanout_log::log_to_cloudwatch;
use fanout_outputs::OutputKinds;
use fanout_reducer::{Deployed, answer};
use fanout_store::aws_config;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;

/// The outputs that a run can name.
#[cfg(feature = "sql")]
const OUTPUTS: OutputKinds = fanout_sql::WITH_SQL;
#[cfg(not(feature = "sql"))]
const OUTPUTS: OutputKinds = fanout_outputs::BUILT_IN;

#[tokio::main]
async fn main() -> Result<(), Error> {
    log_to_cloudwatch();
    let deployed = &Deployed::from_variables(|name| std::env::var(name).ok(), &aws_config().await, OUTPUTS)?;
    run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move { answer(&event.payload, deployed).await }))
        .await
}
