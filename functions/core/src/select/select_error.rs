//! The errors of the reader S3 Select.

use thiserror::Error;

use crate::{Code, Coded};

/// The reason why S3 Select can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SelectError {
    /// The object, the dialect or the store has what S3 Select doesn't know.
    #[error("reader select: {reason}; use the reader range")]
    Unfit {
        /// The thing that it doesn't know.
        reason: String,
    },
    /// The expression can't be used for a run in chunks.
    #[error("expression: {reason}")]
    Expression {
        /// The cause.
        reason: String,
    },
    /// An expression for a reader that has no use for it.
    #[error("expression: only the reader select applies it, the job's reader is range")]
    Unused,
}

impl Coded for SelectError {
    fn code(&self) -> Code {
        Code::InvalidJob
    }
}
