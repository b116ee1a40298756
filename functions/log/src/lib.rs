//! The log: events with fields, as JSON lines in Lambda and as text on a terminal, and the metrics.
//!
//! Events are emitted where things happen, by `tracing`. Their messages are few words, the rest are fields. An
//! event never has a value of the data.

#[cfg(feature = "capture")]
mod captured;
mod failed;
#[cfg(feature = "lambda")]
mod lambda;
mod metrics;
#[cfg(feature = "lambda")]
mod metrics_layer;
mod panicked;
#[cfg(feature = "terminal")]
mod terminal;

#[cfg(feature = "capture")]
pub use captured::Captured;
pub use failed::failed;
#[cfg(feature = "lambda")]
pub use lambda::log_to_cloudwatch;
pub use metrics::{RunMetrics, chunk_processed, run_failed, run_succeeded, upload_refused};
pub use panicked::{Panicked, caught};
#[cfg(feature = "terminal")]
pub use terminal::log_to_terminal;
