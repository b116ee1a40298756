//! The reasons why a chunk was not processed, with the chunk's number.

use fanout_core::message::MessageError;
use fanout_core::{Code, Coded};
use fanout_log::Panicked;
use fanout_outputs::OutputError;
use fanout_store::StoreError;
use thiserror::Error;

/// The reason why a chunk was not processed.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// The request can't be read.
    #[error(transparent)]
    Request(#[from] MessageError),
    /// The chunk of the request was not processed.
    #[error("chunk {index}: {source}")]
    Chunk {
        /// The chunk's number.
        index: u64,
        /// The cause.
        source: Cause,
    },
}

/// The cause that stopped a processor.
#[derive(Debug, Error)]
pub enum Cause {
    /// The object can't be read.
    #[error(transparent)]
    Object(StoreError),
    /// The run's results can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An output failed.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A message can't be read or written.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The work panicked.
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

impl Coded for ProcessError {
    fn code(&self) -> Code {
        match self {
            ProcessError::Request(error) => error.code(),
            ProcessError::Chunk { source: Cause::Object(error) | Cause::Store(error), .. } => error.code(),
            ProcessError::Chunk { source: Cause::Output(error), .. } => error.code(),
            ProcessError::Chunk { source: Cause::Message(error), .. } => error.code(),
            ProcessError::Chunk { source: Cause::Panicked(error), .. } => error.code(),
        }
    }
}

#[cfg(feature = "lambda")]
impl From<ProcessError> for lambda_runtime::Diagnostic {
    fn from(error: ProcessError) -> Self {
        Self { error_type: error.code().as_str().to_owned(), error_message: error.to_string() }
    }
}
