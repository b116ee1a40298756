//! The concurrency of an account in a sentence, where a run has to know of it.

use fanout_core::message::Concurrency;

use crate::escape::printable;
use crate::numbers::count;

/// Returns the sentence on an account that has fewer invocations at once than the run wants, or of which that is not
/// known; `None` where it has enough.
pub fn concurrency_line(concurrency: &Concurrency) -> Option<String> {
    let wanted = count(concurrency.wanted);
    match (concurrency.exceeded(), &concurrency.unknown) {
        (Some(available), _) => {
            let invocations = if available == 1 { "invocation" } else { "invocations" };
            Some(format!(
                "the Map is {wanted} chunks wide, but the account has {} concurrent {invocations} of Lambda for them: \
                 chunks wait for one another, and the run takes longer; ask AWS for more concurrent executions",
                count(available)
            ))
        }
        (None, Some(reason)) => Some(format!(
            "the concurrency of the account is not known ({}): the estimate supposes that {wanted} chunks can be \
             processed at once",
            printable(reason)
        )),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences() {
        let line = |available: Option<u64>, unknown: Option<&str>| {
            concurrency_line(&Concurrency { wanted: 1000, available, unknown: unknown.map(str::to_owned) })
        };
        assert_eq!(line(Some(1000), None), None);
        let exceeded = line(Some(10), None).unwrap();
        assert!(exceeded.starts_with("the Map is 1,000 chunks wide, but the account has 10 concurrent"), "{exceeded}");
        assert!(line(Some(1), None).unwrap().contains("1 concurrent invocation of"), "one is one");
        let unknown = line(None, Some("lambda:GetAccountSettings: HTTP 502\u{1b}")).unwrap();
        let expected =
            "not known (lambda:GetAccountSettings: HTTP 502\\u{1b}): the estimate supposes that 1,000 chunks";
        assert!(unknown.contains(expected), "{unknown}");
    }
}
