//! The error of a command, with the code that it exits with.

use std::io::ErrorKind;

use fanout_core::message::MessageError;
use fanout_core::{Code, Coded, TooManyRejects};
use fanout_planner::PlannerError;
use fanout_processor::ProcessError;
use fanout_reducer::ReduceError;
use fanout_store::StoreError;
use thiserror::Error;

use crate::CorrectError;
use crate::deployed::DeployedError;

/// The reason why a command failed.
#[derive(Debug, Error)]
pub enum CliError {
    /// Planning failed.
    #[error(transparent)]
    Plan(#[from] PlannerError),
    /// A chunk failed.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The run could not be verified, merged or reported.
    #[error(transparent)]
    Reduce(#[from] ReduceError),
    /// More records would be refused than the dataset allows.
    #[error(
        "{} of {} records would be refused, at most {} of them may be",
        .0.rejects,
        .0.records + .0.rejects,
        .0.allowed
    )]
    TooManyRejects(#[from] TooManyRejects),
    /// A file can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An argument can't be used.
    #[error("{argument}: {reason}")]
    Argument {
        /// The argument.
        argument: String,
        /// The fault.
        reason: String,
    },
    /// A file that an argument names can't be read.
    #[error("{path}: cannot be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// An input can't be used.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A file of one's own can't be written.
    #[error("{path}: cannot be written: {source}")]
    Write {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// A file, or an object, that would be replaced.
    #[error("{path}: it is there already; --force replaces it")]
    Exists {
        /// The file.
        path: String,
    },
    /// Corrected records cannot become a part of a run.
    #[error(transparent)]
    Correct(#[from] CorrectError),
    /// A command over the deployed stack failed.
    #[error(transparent)]
    Deployed(#[from] DeployedError),
    /// A fault of this program.
    #[error("{0}")]
    Internal(String),
}

/// The error of an argument that can't be used.
pub fn argument(argument: &str, reason: &str) -> CliError {
    CliError::Argument { argument: argument.to_owned(), reason: reason.to_owned() }
}

impl Coded for CliError {
    fn code(&self) -> Code {
        match self {
            CliError::Plan(error) => error.code(),
            CliError::Process(error) => error.code(),
            CliError::Reduce(error) => error.code(),
            CliError::Store(error) => error.code(),
            CliError::Message(error) => error.code(),
            CliError::TooManyRejects(error) => error.code(),
            CliError::Argument { .. } => Code::InvalidJob,
            CliError::Read { source, .. } => match source.kind() {
                ErrorKind::NotFound => Code::NoSuchObject,
                ErrorKind::PermissionDenied => Code::AccessDenied,
                _ => Code::StoreUnavailable,
            },
            CliError::Write { .. } | CliError::Exists { .. } => Code::ResultsUnwritable,
            CliError::Correct(error) => error.code(),
            CliError::Deployed(error) => error.code(),
            CliError::Internal(_) => Code::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_cannot_be_read_have_the_codes_of_objects() {
        let table = [
            (ErrorKind::NotFound, Code::NoSuchObject),
            (ErrorKind::PermissionDenied, Code::AccessDenied),
            (ErrorKind::IsADirectory, Code::StoreUnavailable),
            (ErrorKind::TimedOut, Code::StoreUnavailable),
            (ErrorKind::Other, Code::StoreUnavailable),
        ];
        for (kind, code) in table {
            let error = CliError::Read { path: "d.json".into(), source: kind.into() };
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().starts_with("d.json: cannot be read: "), "{error}");
        }
    }
}
