//! The handler of processor events.

use std::sync::Arc;

use fanout_core::message::{ProcessResponse, from_json};
use fanout_outputs::OutputKinds;
use fanout_store::Store;
use serde_json::value::RawValue;

use crate::{ProcessError, process};

/// Everything that a processor is given besides the event.
#[derive(Clone)]
pub struct Context {
    /// The store of the object.
    pub source: Arc<dyn Store>,
    /// The store of what the run makes.
    pub results: Arc<dyn Store>,
    /// The outputs that a run can name.
    pub outputs: OutputKinds,
    /// Memory of this Lambda function, in MB; 0 outside Lambda.
    pub memory_mb: u64,
}

/// Handles one event of the state machine: see [`process`].
///
/// # Errors
///
/// [`ProcessError`] where the event is not a process request, and as [`process`].
pub async fn handle(event: &RawValue, context: &Context) -> Result<ProcessResponse, ProcessError> {
    process(&from_json("process request", event.get().as_bytes())?, context).await
}
