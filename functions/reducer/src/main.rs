//! The reducer Lambda: builds the client and hands over.

use fanout_core::Prices;
use fanout_reducer::handle;
use fanout_store::S3Store;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde_json::value::RawValue;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let store = S3Store::from_env().await;
    let store = &store;
    let own = std::env::var("PRICES").unwrap_or_default();
    let prices = &if own.trim().is_empty() { Prices::built_in()? } else { Prices::with("PRICES", own.as_bytes())? };
    run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move { handle(&event.payload, store, prices).await }))
        .await
}
