//! `fanout` on this machine: the three handlers over local files or `s3://` objects, driven as the
//! state machine drives them.

mod error;
mod local;
pub mod sample;
mod source;
mod table;

pub use error::CliError;
pub use local::{LocalRun, Progress};
pub use source::Source;
pub use table::{plan_table, report_table};
