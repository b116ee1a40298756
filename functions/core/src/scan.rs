//! Bytes in, records out: a push state machine over any cut of the input.

mod batch;
mod block;
mod fault;
mod json_lines;
mod lines;
mod record_layout;
mod scanner;
mod start;
mod transcode;

pub use batch::{Batch, Field, Record};
pub use fault::Fault;

pub(crate) use json_lines::Keys;
pub use json_lines::{JsonLines, MAX_LATE_KEYS, OtherKeys};
pub use lines::{LineCursor, lines_before};
pub use record_layout::RecordLayout;
pub use scanner::{DEFAULT_MAX_RECORD, Scanner};
pub use start::Start;
pub use transcode::Transcoder;
