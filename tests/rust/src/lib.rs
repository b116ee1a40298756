//! Helpers of the end-to-end tests: whole runs over objects in memory, and the plainest possible
//! reading of CSV to hold them against.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Only tests use it.

mod expected;
mod pipeline;
mod property;
mod reference;
pub mod s3;
mod widening;

pub use expected::{expected, line, line_of_row};
pub use pipeline::{Outcome, dataset, plain, run, run_plan, run_with, said};
pub use property::config;
pub use reference::{Line, Record, lines, parse, places};
pub use widening::widening;
