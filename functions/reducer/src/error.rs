//! The reasons why a run has no report.

use fanout_core::message::MessageError;
use fanout_core::{Code, Coded, CoverageError, Location, TooManyRejects};
use fanout_log::Panicked;
use fanout_outputs::OutputError;
use fanout_store::StoreError;
use thiserror::Error;

use crate::NotifyError;

/// The reason why a run has no report.
#[derive(Debug, Error)]
pub enum ReduceError {
    /// Coverage doesn't hold, or the data has an error.
    #[error(transparent)]
    Coverage(#[from] CoverageError),
    /// More records were refused than the dataset allows.
    #[error("{source}; the refused records are in {location}")]
    TooManyRejects {
        /// The numbers.
        source: TooManyRejects,
        /// The prefix of the refused records.
        location: Location,
    },
    /// A result lacks an output's partial.
    #[error("chunk {index}: its result has no partial of output {output}")]
    NoPartial {
        /// The chunk's number.
        index: u64,
        /// The output.
        output: String,
    },
    /// Results of a run that has ended are gone or damaged.
    #[error("the results of the run are not whole: chunk {index} is missing or another one")]
    NotWhole {
        /// The chunk's number.
        index: u64,
    },
    /// Corrected records are not as many as were refused.
    #[error("{found} corrected records, but {refused} were refused")]
    OtherNumber {
        /// Corrected records.
        found: u64,
        /// Records that the run refused.
        refused: u64,
    },
    /// Chunks still meet values of other types than the plan has.
    #[error("after {rounds} rounds chunk {index} still has values that are not of the types of all values")]
    Unsettled {
        /// Rounds done.
        rounds: u32,
        /// The chunk's number.
        index: u64,
    },
    /// JSON lines have more keys than a table has columns.
    #[error(
        "over {limit} keys come after the samples of the object; name its columns in the dataset: header.expect, with \
         match \"superset\" to pass over other keys"
    )]
    TooManyKeys {
        /// The most that are possible.
        limit: usize,
    },
    /// A result can't be read, or the report can't be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An output failed.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A message can't be read or written.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A message was not sent to people.
    #[error(transparent)]
    Notify(#[from] NotifyError),
    /// The work panicked.
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

impl Coded for ReduceError {
    fn code(&self) -> Code {
        match self {
            ReduceError::Coverage(error) => error.code(),
            ReduceError::TooManyRejects { source, .. } => source.code(),
            ReduceError::NoPartial { .. } | ReduceError::NotWhole { .. } | ReduceError::Unsettled { .. } => {
                Code::CoverageFailed
            }
            ReduceError::TooManyKeys { .. } | ReduceError::OtherNumber { .. } => Code::InvalidJob,
            ReduceError::Store(error) => error.code(),
            ReduceError::Output(error) => error.code(),
            ReduceError::Message(error) => error.code(),
            ReduceError::Notify(error) => error.code(),
            ReduceError::Panicked(error) => error.code(),
        }
    }
}

#[cfg(feature = "lambda")]
impl From<ReduceError> for lambda_runtime::Diagnostic {
    fn from(error: ReduceError) -> Self {
        Self { error_type: error.code().as_str().to_owned(), error_message: error.to_string() }
    }
}
