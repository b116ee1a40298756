//! `fanout` on this machine: the three handlers over local files or `s3://` objects, driven as the
//! state machine drives them.

mod error;
mod infer;
mod local;
pub mod sample;
mod scratch;
mod source;

pub use error::CliError;
pub use infer::infer;
pub use local::{LocalRun, Progress};
pub use source::Source;
