//! The processor Lambda: reads the environment, builds the client and hands over.

use std::sync::Arc;

use fanout_log::log_to_cloudwatch;
use fanout_outputs::OutputKinds;
use fanout_processor::{Context, handle};
use fanout_store::{S3Store, Store, connections};
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
    let memory_mb = std::env::var("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")?.parse()?;
    let requester_pays = std::env::var("REQUESTER_PAYS").as_deref() == Ok("yes");
    let store = S3Store::from_env().await.with_connections(connections(memory_mb)).with_requester_pays(requester_pays);
    let store: Arc<dyn Store> = Arc::new(store);
    let context = &Context { source: store.clone(), results: store, outputs: OUTPUTS, memory_mb };
    run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move { handle(&event.payload, context).await })).await
}
