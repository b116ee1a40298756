//! The processor Lambda with the output of this crate.

use std::sync::Arc;

use fanout_log::log_to_cloudwatch;
use fanout_processor::{Context, handle};
use fanout_store::{S3Store, Store, aws_config, connections};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;
use table_output::{Table, TableOutput, outputs};

#[tokio::main]
async fn main() -> Result<(), Error> {
    log_to_cloudwatch();
    let memory_mb = std::env::var("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")?.parse()?;
    let name = std::env::var("TABLE").map_err(|error| format!("environment variable TABLE: {error}"))?;
    let aws = aws_config().await;
    // The endpoint is that of the region, or of AWS_ENDPOINT_URL_DYNAMODB for another server of its protocol.
    let table = Table { client: aws_sdk_dynamodb::Client::new(&aws), name };
    let store: Arc<dyn Store> = Arc::new(S3Store::new(&aws).with_connections(connections(memory_mb)));
    let outputs = outputs(TableOutput::new(table));
    let context = &Context { source: store.clone(), results: store, outputs, memory_mb };
    run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move { handle(&event.payload, context).await })).await
}
