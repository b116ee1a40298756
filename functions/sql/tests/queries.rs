//! Queries over records, in chunks and in the words of S3 Select.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

#[path = "queries/chunks.rs"]
mod chunks;
#[path = "queries/run.rs"]
mod run;
#[path = "queries/s3_select.rs"]
mod s3_select;
