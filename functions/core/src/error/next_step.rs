//! The next step after an error, in a sentence. docs/codes.md says more of each.

use super::Code;

/// The next step after an error of this code, or of this name that AWS gives: a text for a person.
pub fn next_step(code: &str) -> &'static str {
    let Some(code) = Code::ALL.into_iter().find(|one| one.as_str() == code) else {
        return match code {
            "States.ExceedToleratedFailureThreshold" => {
                "Look at the chunks that failed, remove the fault, then redrive."
            }
            "States.Timeout" | "Sandbox.Timedout" => {
                "Take smaller chunks (chunk_size of the job), then start a new run."
            }
            "Runtime.ExitError" | "Lambda.Unknown" => {
                "The function ended without an answer: raise its memory if its log says so, then redrive."
            }
            _ => "Look at the execution and at the functions' logs, remove the fault, then redrive.",
        };
    };
    match code {
        Code::HeaderMismatch => "Correct the header of the file, or the dataset, then start a new run.",
        Code::EmptyObject => "Look at what wrote the file, then upload it again.",
        Code::UnsupportedEncoding => "Convert the file to CSV or JSON lines in UTF-8, then start a new run.",
        Code::CorruptObject => "Upload the object again from its source.",
        Code::RecordTooLarge => "Look for a quote that does not close; else raise max_record of the dataset.",
        Code::UnterminatedQuote => "Correct the file at that byte, or set the dialect's quote to null.",
        Code::ObjectChanged => "The object was overwritten during the run: start a new run.",
        Code::NoSuchObject => "Check bucket, key and version, then start a new run.",
        Code::AccessDenied => "Give the role that is refused the missing right, then redrive.",
        Code::NotConfigured => "Set the region and the credentials of the environment, then run again.",
        Code::CredentialsExpired => "Sign in again, then repeat the command.",
        Code::NoSuchStack => "Name another stack with --stack, or set AWS_REGION.",
        Code::NoSuchRun => "Look at fanout list, then name one of its runs.",
        Code::WrongState => "Repeat the command when the run is in a state that allows it.",
        Code::InvalidJob => "Correct the job or the dataset, then start a new run.",
        Code::InvalidQuery => "Correct the query, then start a new run.",
        Code::QueryFailed => "Change the query so that it can compute with all values, then start a new run.",
        Code::TooManyRejects => "Look at the refused records, correct them or the dataset, then start a new run.",
        Code::CoverageFailed => "Start a new run, and report the message as a bug if it fails again.",
        Code::ResultsUnwritable => "See to the bucket or the folder of the results, then redrive or resume.",
        Code::StoreThrottled => "Lower the parallelism, then redrive or resume.",
        Code::StoreUnavailable => "Redrive or resume the run when the store is back.",
        Code::OutputUnavailable => "Redrive or resume the run when what the output writes to is back.",
        Code::OutputFailed => "Correct what the message names, then start a new run.",
        Code::StartFailed => "Upload the object again.",
        Code::Internal => "Report the message as a bug.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_step_of_its_own() {
        let mut steps: Vec<&str> = Code::ALL.iter().map(|code| next_step(code.as_str())).collect();
        steps.push(next_step("States.Timeout"));
        steps.push(next_step("States.Runtime"));
        steps.sort_unstable();
        steps.dedup();
        assert_eq!(steps.len(), Code::ALL.len() + 2);
        assert!(steps.iter().all(|step| step.ends_with('.')));
    }
}
