//! The account as Lambda tells of it: one small request, without another try.

use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use fanout_store::{Answer, Request, Service, SignedClient};
use serde::Deserialize;
use tokio::time::timeout;

use crate::{Account, UnknownConcurrency};

/// Time in which a connection must be made, and in which the answer must be there. In a network without a way to Lambda
/// each plan waits so long.
const CONNECTED: Duration = Duration::from_secs(1);
const ANSWERED: Duration = Duration::from_secs(2);

const LAMBDA: Service = Service { name: "lambda", setting: "LAMBDA" };

/// The account of the credentials.
#[derive(Debug)]
pub struct LambdaAccount(SignedClient);

/// The fields of an answer (AWS: GetAccountSettings) that are read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Settings {
    account_limit: AccountLimit,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountLimit {
    unreserved_concurrent_executions: u64,
}

impl LambdaAccount {
    /// The account of that configuration, in its region.
    pub fn new(aws: &SdkConfig) -> Self {
        LambdaAccount(SignedClient::new(aws.clone(), CONNECTED, ANSWERED))
    }
}

#[async_trait]
impl Account for LambdaAccount {
    async fn concurrency(&self) -> Result<u64, UnknownConcurrency> {
        let unknown = |reason: String| UnknownConcurrency { reason };
        let path = "2016-08-19/account-settings";
        let request = Request { method: "GET", path, headers: Vec::new(), body: Vec::new() };
        let answered = timeout(ANSWERED, self.0.send(LAMBDA, request)).await;
        let answer = answered.map_err(|_| unknown(format!("no answer in {ANSWERED:?}")))?;
        available(answer.map_err(|unanswered| unknown(unanswered.to_string()))?).map_err(unknown)
    }
}

/// Reads the number in an answer, or the reason why there is none.
fn available(answer: Answer) -> Result<u64, String> {
    let Answer { status, error_type, body } = answer;
    if status == 200 {
        let settings: Settings = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        return Ok(settings.account_limit.unreserved_concurrent_executions);
    }
    // A code may have the address of its explanation after it.
    let code = error_type.as_deref().and_then(|code| code.split(':').next()).unwrap_or_default();
    Err(if code.is_empty() { format!("HTTP {status}") } else { code.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let limit =
            |fields: &str| format!(r#"{{"AccountLimit": {{{fields}}}, "AccountUsage": {{"FunctionCount": 3}}}}"#);
        let whole = limit(r#""ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900"#);
        let table: [(u16, Option<&str>, &str, Result<u64, &str>); 5] = [
            (200, None, &whole, Ok(900)),
            (200, None, &limit(""), Err("missing field `UnreservedConcurrentExecutions`")),
            (403, Some("AccessDeniedException:http://x/"), r#"{"Message": "no"}"#, Err("AccessDeniedException")),
            (429, Some("TooManyRequestsException"), "", Err("TooManyRequestsException")),
            (502, None, "Bad Gateway", Err("HTTP 502")),
        ];
        for (status, error_type, body, expected) in table {
            let answer = Answer { status, error_type: error_type.map(str::to_owned), body: body.into() };
            match (available(answer), expected) {
                (Err(found), Err(expected)) => assert!(found.starts_with(expected), "{found}"),
                (found, expected) => assert_eq!(found, expected.map_err(str::to_owned), "{body}"),
            }
        }
    }
}
