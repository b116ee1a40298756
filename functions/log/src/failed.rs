//! The event of an error that ends an invocation.

use fanout_core::{Coded, error_chain};

/// Logs an error with its code and its causes.
///
/// An error that quotes the data, as `quotes_data` says, is logged by its code alone: its text goes to whoever
/// started the run, not to the log.
pub fn failed(error: &impl Coded, quotes_data: bool) {
    let code = error.code().as_str();
    if quotes_data {
        tracing::error!(code, "failed");
    } else {
        tracing::error!(code, error = error_chain(error), "failed");
    }
}
