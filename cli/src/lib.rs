//! `fanout` on this machine: the three handlers over local files or `s3://` objects, driven as the
//! state machine drives them; and the deployed stack, as its people use it.

mod correct;
pub mod deployed;
mod error;
mod infer;
mod interrupted;
mod local;
pub mod pace;
mod round;
pub mod sample;
mod scratch;
mod source;
mod watched;

pub use correct::{CorrectError, EndedRun};
pub use error::{CliError, argument};
pub use infer::infer;
pub use interrupted::Interrupted;
pub use local::{LocalRun, new_run_id};
pub use round::Progress;
pub use source::Source;
