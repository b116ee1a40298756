//! The fuzz targets as functions of their input: each panics where something doesn't hold.
//!
//! Ordinary tests run it too, over the stored inputs: tests/rust/tests/fuzz_corpus.rs.
#![forbid(unsafe_code)]
#![allow(unreachable_pub)] // There it is a module of a binary.

mod alignment;
mod detection;
mod dialect;
mod json_lines;
mod messages;
mod scanner;

pub use alignment::alignment;
pub use detection::detection;
pub use json_lines::json_lines;
pub use messages::messages;
pub use scanner::scanner;
