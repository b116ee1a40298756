use thiserror::Error;

use crate::{Code, Coded};

/// Why S3 Select can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SelectError {
    /// The object, the dialect or the store has what S3 Select doesn't know.
    #[error("reader select: {reason}; use the reader range")]
    Unfit {
        /// What.
        reason: String,
    },
    /// The expression can't be used for a run in chunks.
    #[error("expression: {reason}")]
    Expression {
        /// Why.
        reason: String,
    },
    /// There is an expression, and a reader that has no use for it.
    #[error("expression: only the reader select applies it, the job's reader is range")]
    Unused,
}

impl Coded for SelectError {
    fn code(&self) -> Code {
        Code::InvalidJob
    }
}
