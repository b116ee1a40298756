//! The processor: one chunk of a plan into one mergeable result.
//!
//! A processor reads the chunk's ScanRange, aligns to records, feeds the run's outputs, and stores a
//! [`ChunkResult`] under the run's prefix. Doing it twice leaves the same as doing it once.
//!
//! [`ChunkResult`]: fanout_core::message::ChunkResult

mod error;
mod feed;
mod handler;
mod parts;
mod process;
mod range;
mod select;

pub use error::ProcessError;
pub use handler::{Context, handle};
pub use process::{process, process_on};
