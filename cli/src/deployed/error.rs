//! The reasons why a command over the deployed stack failed, each with the next step.

use fanout_core::{Code, Coded};
use thiserror::Error;

use super::RunFailure;

/// Names of runs and stacks that an error lists.
pub(super) const LISTED: usize = 5;

/// The page that lists the rights of every command.
const RIGHTS: &str = "docs/deploy.md#rights-of-those-who-use-it";

/// The reason why a command over the deployed stack failed.
#[derive(Debug, Error)]
pub enum DeployedError {
    /// The request never left: the environment has no credentials or no region.
    #[error(
        "{action}: no request could be made: {reason}; set AWS_REGION and AWS_ACCESS_KEY_ID with \
         AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    )]
    NotConfigured {
        /// The action, as a policy names it.
        action: String,
        /// The cause.
        reason: String,
    },
    /// The credentials are no longer valid.
    #[error("{action}: the credentials have expired: {message}; sign in again, with `aws sso login` for instance")]
    Expired {
        /// The action.
        action: String,
        /// The answer.
        message: String,
    },
    /// The caller may not do that.
    #[error("{action} was refused: {message}; a policy of the caller must allow {action}: {RIGHTS}")]
    Refused {
        /// The action.
        action: String,
        /// The answer.
        message: String,
    },
    /// AWS asked to slow down.
    #[error("{action} was throttled: {message}; try again")]
    Throttled {
        /// The action.
        action: String,
        /// The answer.
        message: String,
    },
    /// AWS, or the way to it, failed.
    #[error("{action}: no answer that can be used: {message}; try again")]
    Unavailable {
        /// The action.
        action: String,
        /// The fault that was seen.
        message: String,
    },
    /// AWS refused the request as it is.
    #[error("{action}: {code}: {message}")]
    Answer {
        /// The action.
        action: String,
        /// AWS's code.
        code: String,
        /// The answer.
        message: String,
    },
    /// No stack of that name.
    #[error("there is no stack {stack} in {region}; {}", others(stacks))]
    NoSuchStack {
        /// The name.
        stack: String,
        /// The region.
        region: String,
        /// The stacks of fanout that are there; `None` where that is not known.
        stacks: Option<Vec<String>>,
    },
    /// No state machine of that ARN.
    #[error("{message}; `aws stepfunctions list-state-machines` lists those that are there")]
    NoSuchMachine {
        /// The answer, which has the ARN.
        message: String,
    },
    /// A stack of something else.
    #[error("the stack {stack} has no output {output}, so it is not one of fanout; {}", others(stacks))]
    OtherStack {
        /// The name.
        stack: String,
        /// The output that it lacks.
        output: &'static str,
        /// The stacks of fanout that are there; `None` where that is not known.
        stacks: Option<Vec<String>>,
    },
    /// No run of that name.
    #[error("there is no run {run} of {machine}; {}", newest(runs))]
    NoSuchRun {
        /// The name.
        run: String,
        /// The state machine.
        machine: String,
        /// The newest runs, the newest one first.
        runs: Vec<String>,
    },
    /// The run is in a state that does not allow it.
    #[error("{run}: {reason}")]
    WrongState {
        /// The run.
        run: String,
        /// The state, and the next step.
        reason: String,
    },
    /// The run failed.
    #[error(transparent)]
    Failed(Box<RunFailure>),
}

fn others(stacks: &Option<Vec<String>>) -> String {
    match stacks.as_deref() {
        None => "name another one with --stack, or set AWS_REGION".to_owned(),
        Some([]) => "no stack of fanout is there: deploy one, or set AWS_REGION to where it is".to_owned(),
        Some(stacks) => {
            let more = if stacks.len() > LISTED { ", …" } else { "" };
            let named = stacks.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>();
            format!("--stack can be {}{more}", named.join(", "))
        }
    }
}

fn newest(runs: &[String]) -> String {
    if runs.is_empty() {
        return "it has no run yet".to_owned();
    }
    format!("the newest are {}; `fanout list` has more", runs.join(", "))
}

impl DeployedError {
    /// No answer of an action that can be used.
    pub(super) fn unavailable(service: &str, action: &str, message: String) -> Self {
        DeployedError::Unavailable { action: format!("{service}:{action}"), message }
    }

    /// Sorts the refusal of an action by its code, and where it has none by its status.
    pub(super) fn of_answer(service: &str, action: &str, status: u16, code: String, message: String) -> Self {
        let action = format!("{service}:{action}");
        match code.as_str() {
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => DeployedError::Expired { action, message },
            "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "OptInRequired"
            | "NotAuthorized" => DeployedError::Refused { action, message },
            "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException" => {
                DeployedError::Throttled { action, message }
            }
            "StateMachineDoesNotExist" => DeployedError::NoSuchMachine { message },
            _ if status == 429 => DeployedError::Throttled { action, message },
            _ if status >= 500 => DeployedError::Unavailable { action, message: format!("HTTP {status} {message}") },
            "" => DeployedError::Answer { action, code: format!("HTTP {status}"), message },
            _ => DeployedError::Answer { action, code, message },
        }
    }

    /// Tells whether AWS refused the request with one of these codes.
    pub(super) fn is(&self, codes: &[&str]) -> bool {
        matches!(self, DeployedError::Answer { code, .. } if codes.contains(&code.as_str()))
    }
}

impl Coded for DeployedError {
    fn code(&self) -> Code {
        match self {
            DeployedError::NotConfigured { .. } => Code::NotConfigured,
            DeployedError::Expired { .. } => Code::CredentialsExpired,
            DeployedError::Refused { .. } => Code::AccessDenied,
            DeployedError::Throttled { .. } => Code::StoreThrottled,
            DeployedError::Unavailable { .. } => Code::StoreUnavailable,
            DeployedError::Answer { .. } => Code::InvalidJob,
            DeployedError::NoSuchStack { .. }
            | DeployedError::OtherStack { .. }
            | DeployedError::NoSuchMachine { .. } => Code::NoSuchStack,
            DeployedError::NoSuchRun { .. } => Code::NoSuchRun,
            DeployedError::WrongState { .. } => Code::WrongState,
            DeployedError::Failed(failure) => failure.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_codes_and_next_steps() {
        let table = [
            (400, "ExpiredTokenException", Code::CredentialsExpired, "sign in again"),
            (400, "AccessDeniedException", Code::AccessDenied, "must allow states:ListExecutions"),
            (403, "SignatureDoesNotMatch", Code::AccessDenied, "was refused: no"),
            (400, "ThrottlingException", Code::StoreThrottled, "try again"),
            (400, "StateMachineDoesNotExist", Code::NoSuchStack, "no; `aws stepfunctions list-state-machines`"),
            (429, "", Code::StoreThrottled, "try again"),
            (502, "", Code::StoreUnavailable, "HTTP 502 no"),
            (400, "InvalidName", Code::InvalidJob, "states:ListExecutions: InvalidName: no"),
            (404, "", Code::InvalidJob, "HTTP 404: no"),
        ];
        for (status, code, expected, says) in table {
            let error = DeployedError::of_answer("states", "ListExecutions", status, code.into(), "no".into());
            assert_eq!(error.code(), expected, "{code}");
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let stack = |stacks| DeployedError::NoSuchStack { stack: "x".into(), region: "eu-west-1".into(), stacks };
        let run = |runs| DeployedError::NoSuchRun { run: "x".into(), machine: "fanout".into(), runs };
        let table = [
            (stack(Some(names(&["a", "b"]))), "there is no stack x in eu-west-1; --stack can be a, b"),
            (stack(Some(names(&[]))), "no stack of fanout is there: deploy one"),
            (stack(None), "name another one with --stack"),
            (run(names(&["p-1"])), "there is no run x of fanout; the newest are p-1; `fanout list` has more"),
            (run(names(&[])), "it has no run yet"),
        ];
        for (error, says) in table {
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
