//! The errors of outputs. One kind may pass and is tried again.

use fanout_core::{Code, Coded};
use thiserror::Error;

/// A failure of an output.
#[derive(Debug, Error)]
pub enum OutputError {
    /// No output has this name.
    #[error("outputs: unknown output {name:?}, expected one of {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// The output can't work on these columns.
    #[error("output {output}: {reason}")]
    Unusable {
        /// The output's name.
        output: &'static str,
        /// The cause.
        reason: String,
    },
    /// The query can't be understood, or can't be run over these columns.
    #[error("query: {reason}")]
    InvalidQuery {
        /// The output's name.
        output: &'static str,
        /// The cause, with what to do.
        reason: String,
    },
    /// The query failed on the values of some records.
    #[error("query: {reason}")]
    QueryFailed {
        /// The output's name.
        output: &'static str,
        /// The cause, with the record where it is known.
        reason: String,
    },
    /// A part could not be read or written.
    #[error("{0}")]
    Part(Box<dyn Coded + Send + Sync>),
    /// Records can't be encoded.
    #[error("output {output}: {source}")]
    Encode {
        /// The output's name.
        output: &'static str,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The output can't write now, and may later: its database is away. The chunk is tried again.
    #[error("output {output}: {source}; it may work later")]
    Unavailable {
        /// The output's name.
        output: &'static str,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The output failed, and would fail again. The run ends.
    #[error("output {output}: {source}")]
    Failed {
        /// The output's name.
        output: &'static str,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A partial isn't what this output writes.
    #[error("output {output}: its partial can't be read or written: {source}")]
    Partial {
        /// The output's name.
        output: &'static str,
        /// The cause.
        source: serde_json::Error,
    },
}

impl Coded for OutputError {
    fn code(&self) -> Code {
        match self {
            OutputError::Unknown { .. } | OutputError::Unusable { .. } => Code::InvalidJob,
            OutputError::InvalidQuery { .. } => Code::InvalidQuery,
            OutputError::QueryFailed { .. } => Code::QueryFailed,
            OutputError::Part(error) => error.code(),
            OutputError::Unavailable { .. } => Code::OutputUnavailable,
            OutputError::Failed { .. } => Code::OutputFailed,
            OutputError::Encode { .. } | OutputError::Partial { .. } => Code::Internal,
        }
    }
}
