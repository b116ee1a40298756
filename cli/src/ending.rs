//! The end of a command, and its exit code.

use std::borrow::Cow;
use std::process::ExitCode;

use fanout_cli::CliError;
use fanout_cli::deployed::DeployedError;
use fanout_core::message::Report;
use fanout_core::{Code, Coded};
use serde::Serialize;
use serde_json::json;

use crate::left::Left;

/// The end of a command that did what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Success.
    Succeeded,
    /// Records were refused, and the command was to be strict.
    Refused,
    /// Two runs differ.
    Different,
    /// Some of several runs failed; their errors have been told. The code is that of the worst.
    Failed(u8),
}

/// The end of a command, or its error.
pub(crate) type Ended = Result<Ending, CliError>;

/// The exit code of a failure, and that of a command line, a dataset, a job or a query that cannot be used.
const FAILED: u8 = 1;
pub(crate) const USAGE: u8 = 2;

/// The exit code of a strict command that refused records, and of two runs that differ.
const REFUSED: u8 = 3;

/// The exit code of a command that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

impl Ending {
    /// The end by a report.
    pub(crate) fn of(report: &Report, strict: bool) -> Self {
        if strict && report.rejects > 0 { Ending::Refused } else { Ending::Succeeded }
    }

    /// The exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Ending::Succeeded => 0,
            Ending::Refused | Ending::Different => REFUSED,
            Ending::Failed(code) => code,
        }
    }
}

/// The exit code of an error.
pub(crate) fn exit_code(error: &CliError) -> u8 {
    if matches!(error.code(), Code::InvalidJob | Code::InvalidQuery) { USAGE } else { FAILED }
}

/// The worse one of two exit codes: a failure, then a wrong use, then refused records, then success.
pub(crate) fn worse(one: u8, other: u8) -> u8 {
    let order = [FAILED, USAGE, REFUSED, 0];
    *order.iter().find(|code| [one, other].contains(code)).unwrap_or(&FAILED)
}

/// An error as it is told.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    /// Its code.
    pub(crate) code: Cow<'static, str>,
    /// Its sentence.
    pub(crate) message: String,
}

impl Told {
    /// The error of a command.
    pub(crate) fn of(error: &CliError) -> Self {
        let code = match error {
            // It may be an error of AWS, which is none of the codes.
            CliError::Deployed(DeployedError::Failed(failure)) => failure.code.clone().into(),
            error => error.code().as_str().into(),
        };
        Told { code, message: error.to_string() }
    }
}

/// Tells an error on standard error, as JSON for a program.
pub(crate) fn tell_error(told: &Told, as_json: bool) {
    if as_json {
        eprintln!("{}", json!({ "error": told }));
    } else {
        eprintln!("error: {}: {}", told.code, told.message);
    }
}

/// The exit code of a command's end. An error is told, and how to go on after it.
pub(crate) fn exit(ended: Ended, left: &Left, as_json: bool) -> ExitCode {
    match ended {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(error) => {
            tell_error(&Told::of(&error), as_json);
            if !as_json {
                left.tell_after(&error);
            }
            ExitCode::from(exit_code(&error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_several_runs_counts() {
        let table = [(0, 0, 0), (0, 3, 3), (3, 2, 2), (2, 1, 1), (1, 0, 1), (3, 0, 3)];
        for (one, other, expected) in table {
            assert_eq!((worse(one, other), worse(other, one)), (expected, expected));
        }
    }
}
