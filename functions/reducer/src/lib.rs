//! The reducer: the completion callback of a run.
//!
//! A reducer reads every chunk's result, verifies coverage, merges the partials in chunk order, and writes
//! the list of parts and the report, as a page and as JSON, the latter last. Where coverage doesn't
//! hold it writes no report and returns the chunks to repair.

mod addition;
mod corrections;
mod error;
mod handler;
mod merges;
mod reduce;
mod tell;

pub use addition::{Addition, add};
pub use error::ReduceError;
pub use handler::{Context, handle};
pub use reduce::reduce;
