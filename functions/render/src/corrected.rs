//! The sum of a run with corrected records, in sentences.

use fanout_core::message::CorrectedReport;

use crate::escape::printable;
use crate::numbers::{count, counted};

/// Returns what became of the refused records: `3 of 4 refused records are accepted as corrected in fixed.csv, 1 is still
/// refused`.
pub fn corrected_line(corrected: &CorrectedReport) -> String {
    let are = if corrected.accepted == 1 { "is" } else { "are" };
    let still = match corrected.still_refused {
        0 => "none is still refused".to_owned(),
        1 => "1 is still refused".to_owned(),
        still => format!("{} are still refused", count(still)),
    };
    format!(
        "{} of {} {are} accepted as corrected in {}, {still}",
        count(corrected.accepted),
        counted(corrected.refused, "refused record"),
        printable(&corrected.object.key)
    )
}

/// Returns the sum: `99,996 accepted at first + 3 corrected + 1 still refused = 100,000 records`.
pub fn corrected_sum(corrected: &CorrectedReport) -> String {
    let CorrectedReport { accepted_at_first, accepted, still_refused, .. } = corrected;
    let all = accepted_at_first + accepted + still_refused;
    format!(
        "{} accepted at first + {} corrected + {} still refused = {}",
        count(*accepted_at_first),
        count(*accepted),
        count(*still_refused),
        counted(all, "record")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sentences() {
        let corrected: CorrectedReport = serde_json::from_value(json!({
            "object": {"bucket": "/b", "key": "fixed\u{202e}.csv", "etag": "1", "size": 5}, "sha256": "",
            "accepted_at_first": 99_996, "refused": 4, "accepted": 3, "still_refused": 1
        }))
        .unwrap();
        assert_eq!(
            corrected_line(&corrected),
            "3 of 4 refused records are accepted as corrected in fixed\\u{202e}.csv, 1 is still refused"
        );
        assert_eq!(
            corrected_sum(&corrected),
            "99,996 accepted at first + 3 corrected + 1 still refused = 100,000 records"
        );
    }
}
