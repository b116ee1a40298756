//! The reasons why corrected records are no part of a run.

use fanout_core::{Code, Coded};
use thiserror::Error;

/// The reason why a file of corrected records cannot become a part of a run.
#[derive(Debug, Error)]
pub enum CorrectError {
    /// The folder has no run that records can be added to.
    #[error("{folder}: nothing can be added to a run here: {what}")]
    NoRun {
        /// The folder.
        folder: String,
        /// The reason.
        what: &'static str,
    },
    /// The run refused nothing.
    #[error("run {run_id} refused no record: there is nothing to correct")]
    NothingRefused {
        /// The run.
        run_id: String,
    },
    /// The file has more or fewer records than were refused.
    #[error(
        "{file}: its number of records is {found}, but the run refused {refused}: it must have one for each, in any order; a record \
         that cannot be corrected stays as it was"
    )]
    OtherNumber {
        /// The file.
        file: String,
        /// Records of the file.
        found: u64,
        /// Records that the run refused.
        refused: u64,
    },
    /// The file could not be processed.
    #[error("{message}")]
    Failed {
        /// The failure.
        message: String,
        /// Its code.
        code: Code,
    },
}

impl Coded for CorrectError {
    fn code(&self) -> Code {
        match self {
            CorrectError::Failed { code, .. } => *code,
            _ => Code::InvalidJob,
        }
    }
}
