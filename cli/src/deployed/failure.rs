//! The failure of a run: the code, what was found where, and the next step.

use std::fmt;

use fanout_core::{Code, Location};
use fanout_render::{count, counted};
use serde::Deserialize;
use thiserror::Error;

use super::LogLine;
use super::aws::Execution;

/// The error of a Map Run of which chunks failed.
const OF_CHILDREN: &str = "States.ExceedToleratedFailureThreshold";

/// The code of a run that a person stopped.
const ABORTED: &str = "Aborted";

/// The failure of a run.
#[derive(Debug, Clone, PartialEq, Error)]
pub struct RunFailure {
    /// The run.
    pub run: String,
    /// A code of fanout's, or an error of AWS.
    pub code: String,
    /// The message of the error, with its place.
    pub message: String,
    /// Chunks that failed, and all of them, where they are counted.
    pub counts: Option<(u64, u64)>,
    /// Of these, the ones that cannot be redriven.
    pub not_redrivable: u64,
    /// The next step.
    pub next: NextStep,
    /// The command that redrives the run.
    pub redrive: String,
    /// The location of the page that says more.
    pub page: Option<Location>,
}

/// A chunk that failed, or an attempt at it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkFailure {
    /// The chunk's number, where it is known.
    pub chunk: Option<u64>,
    /// A code of fanout's, or an error of AWS.
    pub code: String,
    /// The message of the error, with its place.
    pub message: String,
    /// Lines of the log about it.
    pub log: Vec<LogLine>,
}

/// The next step after a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// The state that failed can run again.
    Redrive,
    /// The same again would fail the same.
    StartAgain,
    /// A redrive is not possible, for this reason.
    NotRedrivable(String),
}

/// The cause of an error of Lambda.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cause {
    error_message: String,
}

/// Returns the sentence of a cause: the one of the function, or all of it.
pub(super) fn sentence(cause: &str) -> String {
    serde_json::from_str(cause).map_or_else(|_| cause.trim().to_owned(), |cause: Cause| cause.error_message)
}

impl ChunkFailure {
    /// Reads the failure of a chunk, whose number the sentence begins with.
    pub(super) fn of(error: &str, cause: &str) -> Self {
        let message = sentence(cause);
        let number = message.strip_prefix("chunk ").and_then(|rest| rest.split(':').next());
        ChunkFailure {
            chunk: number.and_then(|number| number.parse().ok()),
            code: error.to_owned(),
            message,
            log: Vec::new(),
        }
    }
}

impl fmt::Display for ChunkFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl NextStep {
    /// The step after the failure of an execution; `refused` says that the object or the job was.
    pub(super) fn after(execution: &Execution, refused: bool) -> Self {
        let reason = execution.redrive_status_reason.clone().unwrap_or_default();
        match execution.redrive_status.as_deref() {
            _ if refused => NextStep::StartAgain,
            // An execution of an emulator has no such status.
            Some("REDRIVABLE") | None => NextStep::Redrive,
            Some(status) if reason.is_empty() => NextStep::NotRedrivable(status.to_owned()),
            Some(_) => NextStep::NotRedrivable(reason.trim_end_matches('.').to_owned()),
        }
    }
}

impl RunFailure {
    /// The failure of an execution, by the first of its chunks that failed where these ended it.
    pub(super) fn of(execution: &Execution, chunks: &[ChunkFailure], refused: bool, redrive: String) -> Self {
        let error = execution.error.clone().filter(|error| !error.is_empty());
        let message = execution.cause.as_deref().map(sentence).unwrap_or_default();
        let (code, message) = match (execution.status.as_str(), error, chunks.first()) {
            (_, Some(error), Some(chunk)) if error == OF_CHILDREN => (chunk.code.clone(), chunk.message.clone()),
            (_, Some(error), _) => (error, message),
            ("TIMED_OUT", None, _) => ("States.Timeout".to_owned(), "the run took longer than it may".to_owned()),
            (_, None, _) if message.is_empty() => (ABORTED.to_owned(), "it was stopped".to_owned()),
            (_, None, _) => (ABORTED.to_owned(), message),
        };
        RunFailure {
            run: execution.name.clone(),
            code,
            message,
            counts: None,
            not_redrivable: 0,
            next: NextStep::after(execution, refused),
            redrive,
            page: None,
        }
    }

    /// Returns fanout's code; that of an error of AWS is none of them.
    pub(super) fn code(&self) -> Code {
        Code::ALL.into_iter().find(|code| code.as_str() == self.code).unwrap_or(Code::Internal)
    }
}

impl fmt::Display for RunFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {} failed: {}", self.run, self.message)?;
        if let Some((failed, all)) = self.counts.filter(|(failed, _)| *failed > 0) {
            write!(f, "; {} of {} failed", count(failed), counted(all, "chunk"))?;
            if self.not_redrivable > 0 {
                write!(f, ", {} of them cannot be redriven", count(self.not_redrivable))?;
            }
        }
        if let Some(at) = &self.page {
            write!(f, "; s3://{at} says more")?;
        }
        match &self.next {
            NextStep::Redrive => write!(f, "; remove the fault, then run `{}`", self.redrive),
            NextStep::StartAgain => {
                f.write_str("; a redrive would fail the same: correct the object or the job, then start a new run")
            }
            NextStep::NotRedrivable(reason) => write!(f, "; it cannot be redriven ({reason}): start a new run"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn execution(status: &str, error: Option<&str>, cause: Option<&str>) -> Execution {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let (name, status) = ("x".to_owned(), status.to_owned());
        Execution { name, status, error: text(error), cause: text(cause), ..Execution::default() }
    }

    #[test]
    fn codes_and_sentences() {
        let lambda = r#"{"errorType":"AccessDenied","errorMessage":"chunk 3: no","trace":[]}"#;
        let chunks = [ChunkFailure::of("AccessDenied", lambda)];
        assert_eq!((chunks[0].chunk, chunks[0].to_string().as_str()), (Some(3), "AccessDenied: chunk 3: no"));
        let table: [(&str, Option<&str>, Option<&str>, &[ChunkFailure], &str, Code, &str); 6] = [
            ("FAILED", Some("AccessDenied"), Some(lambda), &[], "AccessDenied", Code::AccessDenied, "chunk 3: no"),
            ("FAILED", Some(OF_CHILDREN), Some("limit"), &chunks, "AccessDenied", Code::AccessDenied, "chunk 3: no"),
            ("FAILED", Some(OF_CHILDREN), Some("limit"), &[], OF_CHILDREN, Code::Internal, "limit"),
            ("TIMED_OUT", None, None, &[], "States.Timeout", Code::Internal, "longer"),
            ("ABORTED", None, None, &[], "Aborted", Code::Internal, "it was stopped"),
            ("ABORTED", None, Some("enough"), &[], "Aborted", Code::Internal, "enough"),
        ];
        for (status, error, cause, chunks, code, known, says) in table {
            let failure = RunFailure::of(&execution(status, error, cause), chunks, false, "fanout redrive x".into());
            assert_eq!((failure.code.as_str(), failure.code()), (code, known));
            assert!(failure.to_string().starts_with("run x failed: ") && failure.message.contains(says), "{failure}");
        }
    }

    #[test]
    fn next_steps() {
        let with = |status: Option<&str>, reason: Option<&str>| Execution {
            redrive_status: status.map(str::to_owned),
            redrive_status_reason: reason.map(str::to_owned),
            ..execution("FAILED", Some("E"), Some("c"))
        };
        let too_old = "Execution has exceeded the max redrivable period.";
        let table = [
            (with(Some("REDRIVABLE"), None), false, "remove the fault, then run `fanout redrive x`"),
            (with(Some("REDRIVABLE"), None), true, "a redrive would fail the same"),
            (with(None, None), false, "then run `fanout redrive x`"),
            (with(Some("NOT_REDRIVABLE"), Some(too_old)), false, "(Execution has exceeded the max redrivable period):"),
            (with(Some("NOT_REDRIVABLE"), None), false, "(NOT_REDRIVABLE)"),
        ];
        for (execution, refused, says) in table {
            let failure = RunFailure::of(&execution, &[], refused, "fanout redrive x".into());
            assert!(failure.to_string().contains(says), "{failure}");
        }
        let failure = RunFailure {
            counts: Some((5, 1000)),
            not_redrivable: 2,
            page: Some(Location::new("r", "runs/x/failure.html")),
            ..RunFailure::of(&with(None, None), &[], false, String::new())
        };
        let says = "c; 5 of 1,000 chunks failed, 2 of them cannot be redriven; s3://r/runs/x/failure.html says more; ";
        assert!(failure.to_string().contains(says), "{failure}");
    }
}
