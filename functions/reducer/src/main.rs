//! The reducer Lambda: builds the client and hands over.

use fanout_core::message::ReduceRequest;
use fanout_reducer::reduce;
use fanout_store::S3Store;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let store = S3Store::from_env().await;
    let store = &store;
    run(service_fn(move |event: LambdaEvent<ReduceRequest>| async move { reduce(&event.payload, store).await })).await
}
