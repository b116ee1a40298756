//! The reducer Lambda: reads the environment, builds the client and hands over.

use std::sync::Arc;

use fanout_core::Prices;
use fanout_log::log_to_cloudwatch;
use fanout_outputs::BUILT_IN;
use fanout_reducer::{Context, handle};
use fanout_store::S3Store;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;

#[tokio::main]
async fn main() -> Result<(), Error> {
    log_to_cloudwatch();
    let context = &Context {
        results: Arc::new(S3Store::from_env().await),
        outputs: BUILT_IN,
        prices: Prices::of_variable("PRICES", &std::env::var("PRICES").unwrap_or_default())?,
        memory_mb: std::env::var("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")?.parse()?,
    };
    run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move { handle(&event.payload, context).await })).await
}
