//! The processor Lambda: builds the client and hands over.

use std::sync::Arc;

use fanout_processor::handle;
use fanout_store::{S3Store, Store, connections, memory_mb};
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde_json::value::RawValue;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let store = S3Store::from_env().await.with_connections(connections(memory_mb()));
    let store: Arc<dyn Store> = Arc::new(store);
    let store = &store;
    run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        handle(&event.payload, &**store, store.clone()).await
    }))
    .await
}
