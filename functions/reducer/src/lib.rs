//! The reducer: the completion callback of a run.
//!
//! A reducer reads every chunk's result, verifies coverage, merges the partials in chunk order, and writes
//! the list of parts and the report, as a page and as JSON, the latter last. Where coverage doesn't
//! hold it writes no report and returns the chunks to repair.

mod addition;
mod corrections;
mod deployed;
mod error;
mod failure;
mod handler;
mod merges;
mod notify;
mod reduce;
mod run_parts;
#[cfg(feature = "lambda")]
mod settings;
#[cfg(feature = "lambda")]
mod sns;
mod tell;

pub use addition::{Addition, add};
pub use deployed::{Answer, Deployed, answer};
pub use error::ReduceError;
pub use failure::record_failure;
pub use handler::{Context, handle};
pub use notify::{Notify, NotifyError};
pub use reduce::reduce;
#[cfg(feature = "lambda")]
pub use settings::SettingsError;
#[cfg(feature = "lambda")]
pub use sns::Topic;
