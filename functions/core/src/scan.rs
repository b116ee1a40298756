//! Bytes in, records out: a push state machine over any cut of the input.

mod batch;
mod block;
mod scanner;

pub use batch::{Batch, Field, Record};
pub use scanner::{DEFAULT_MAX_RECORD, ScanError, Scanner, Start};
