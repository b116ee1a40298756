use fanout_core::message::MessageError;
use fanout_core::{Code, Coded};
use fanout_outputs::OutputError;
use fanout_store::StoreError;
use lambda_runtime::Diagnostic;
use thiserror::Error;

/// Why a chunk wasn't processed.
#[derive(Debug, Error)]
#[error("chunk {index}: {source}")]
pub struct ProcessError {
    /// The chunk's number.
    pub index: u64,
    /// The cause.
    pub source: Cause,
}

/// What stopped a processor.
#[derive(Debug, Error)]
pub enum Cause {
    /// The object, or a result, can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An output failed.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A message can't be read or written.
    #[error(transparent)]
    Message(#[from] MessageError),
}

impl Coded for ProcessError {
    fn code(&self) -> Code {
        match &self.source {
            Cause::Store(error) => error.code(),
            Cause::Output(error) => error.code(),
            Cause::Message(error) => error.code(),
        }
    }
}

impl From<ProcessError> for Diagnostic {
    fn from(error: ProcessError) -> Self {
        Diagnostic { error_type: error.code().as_str().to_owned(), error_message: error.to_string() }
    }
}
