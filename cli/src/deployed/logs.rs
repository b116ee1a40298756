//! The log lines of a run, of all three functions.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::aws::{Execution, LOGS};
use super::given::Given;
use super::{DeployedError, Deployment, LogLine};
use crate::{CliError, argument};

/// Milliseconds after the end of a run in which its last lines may come.
const AFTER: i64 = 5 * 60 * 1000;

/// Time in which the lines of a chunk that failed must be there, as the progress waits for them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Places of a field in a line: its own, those of the event, and those of the span around it.
const PLACES: [&str; 3] = ["", "fields.", "span."];

/// Lines of a chunk that failed which are shown: its last ones.
const EXCERPT: usize = 3;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    events: Vec<Line>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    timestamp: i64,
    #[serde(default)]
    message: String,
}

impl Deployment {
    /// Returns the log lines of a run, the oldest first; of one chunk, where that is asked for.
    ///
    /// # Errors
    ///
    /// [`DeployedError`] where the run is not there or AWS cannot be asked, [`CliError::Argument`] where the deployment
    /// is no stack, which alone knows its log groups.
    pub async fn logs(&self, run: &str, chunk: Option<u64>) -> Result<Vec<LogLine>, CliError> {
        if self.stack.is_none() {
            return Err(argument("--state-machine", "log groups are known of a stack alone: name it by --stack"));
        }
        let execution = self.execution(run).await?;
        Ok(self.lines(&execution, chunk).await?)
    }

    /// Returns the last log lines of a chunk. They say more of a failure, and their absence is no other one.
    pub(super) async fn excerpt(&self, execution: &Execution, chunk: Option<u64>) -> Vec<LogLine> {
        let Some(chunk) = chunk else { return Vec::new() };
        let lines = timeout(PATIENCE, self.lines(execution, Some(chunk))).await;
        let mut lines = lines.ok().and_then(Result::ok).unwrap_or_default();
        lines.split_off(lines.len().saturating_sub(EXCERPT))
    }

    async fn lines(&self, execution: &Execution, chunk: Option<u64>) -> Result<Vec<LogLine>, DeployedError> {
        let Some(stack) = &self.stack else { return Ok(Vec::new()) };
        let given = execution.input.as_deref().and_then(Given::of_input);
        let run = given.and_then(|given| given.run_id).unwrap_or_else(|| execution.name.clone());
        let milliseconds = |seconds: f64| (seconds * 1e3) as i64;
        let mut body =
            json!({ "filterPattern": pattern(&run, chunk), "startTime": milliseconds(execution.start_date) });
        if let Some(end) = execution.stop_date {
            body["endTime"] = (milliseconds(end) + AFTER).into();
        }
        let mut found = Vec::new();
        for (group, function) in stack.log_groups(&self.client).await? {
            body["logGroupName"] = group.into();
            loop {
                let Page { events, next_token } = self.client.json(LOGS, "FilterLogEvents", &body).await?;
                found.extend(events.into_iter().map(|line| (line.timestamp, function, line.message)));
                let Some(token) = next_token else { break };
                body["nextToken"] = token.into();
            }
            if let Some(fields) = body.as_object_mut() {
                fields.remove("nextToken");
            }
        }
        found.sort_by_key(|(time, ..)| *time);
        let lines = found.into_iter().map(|(time, function, text)| LogLine::of(time, function, &text));
        let of_chunk = |line: &LogLine, chunk: u64| line.has("run", &run) && line.has("chunk", &chunk.to_string());
        Ok(lines.filter(|line| chunk.is_none_or(|chunk| of_chunk(line, chunk))).collect())
    }
}

/// The pattern of a run's lines: its name is a word of each of them, whatever field it is in. Those of a chunk are looked
/// for by the fields in which events and their spans have them (CloudWatch Logs: filter pattern syntax for JSON).
fn pattern(run: &str, chunk: Option<u64>) -> String {
    let Some(chunk) = chunk else { return format!("\"{run}\"") };
    let any = |name: &str, value: &str| PLACES.map(|place| format!("$.{place}{name} = {value}")).join(" || ");
    format!("{{ ({}) && ({}) }}", any("run", &format!("\"{run}\"")), any("chunk", &chunk.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert_eq!(pattern("people-1", None), r#""people-1""#);
        let expected = r#"{ ($.run = "r" || $.fields.run = "r" || $.span.run = "r") && "#.to_owned()
            + "($.chunk = 3 || $.fields.chunk = 3 || $.span.chunk = 3) }";
        assert_eq!(pattern("r", Some(3)), expected);
    }
}
