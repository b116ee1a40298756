//! The handler of reducer events.

use std::sync::Arc;

use fanout_core::Prices;
use fanout_core::message::{ReduceResponse, from_json};
use fanout_outputs::OutputKinds;
use fanout_store::Store;
use serde_json::value::RawValue;

use crate::{ReduceError, reduce};

/// Everything that a reducer is given besides the event.
#[derive(Clone)]
pub struct Context {
    /// The store of what the run made.
    pub results: Arc<dyn Store>,
    /// The outputs that a run can name.
    pub outputs: OutputKinds,
    /// The prices of the bill.
    pub prices: Prices,
    /// Memory of this Lambda function, in MB; 0 outside Lambda.
    pub memory_mb: u64,
}

/// Handles one event of the state machine: see [`reduce`].
///
/// # Errors
///
/// [`ReduceError`] where the event is not a reduce request, and as [`reduce`].
pub async fn handle(event: &RawValue, context: &Context) -> Result<ReduceResponse, ReduceError> {
    reduce(&from_json("reduce request", event.get().as_bytes())?, context).await
}
