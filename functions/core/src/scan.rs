//! Bytes in, records out: a push state machine over any cut of the input.

mod batch;
mod block;
mod json_lines;
mod scanner;

pub use batch::{Batch, Field, Record};
pub use json_lines::JsonLines;
pub(crate) use json_lines::Keys;
pub use scanner::{DEFAULT_MAX_RECORD, ScanError, Scanner, Start};
