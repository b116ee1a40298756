//! The message that tells a person of a run's end, as an e-mail is read: short lines, the result first.

use fanout_core::Location;
use fanout_core::message::{FailedStatus, FailureReport, Summary};

use crate::escape::printable;
use crate::numbers::{count, counted, duration};

/// The longest subject that SNS takes.
const SUBJECT: usize = 100;

/// A message: SNS takes a subject of less than 100 ASCII characters, and a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// The stack and the region that a message is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name of the stack.
    pub stack: String,
    /// The region.
    pub region: String,
}

/// The message of a run that failed, or an upload that was refused.
pub fn failure_notice(failure: &FailureReport, sender: &Sender) -> Notice {
    let what = match failure.status {
        FailedStatus::Refused => "upload".to_owned(),
        _ => format!("run {}", failure.run_id),
    };
    let object = failure.object.as_ref().map_or_else(|| "the object is not known".to_owned(), object_url);
    let place = if failure.place.is_unknown() { String::new() } else { format!(", {}", failure.place) };
    let mut lines = vec![
        format!("{} {} in the stack {}.", capital(&what), failure.status.sentence(), sender.stack),
        String::new(),
        format!("What:  {}", failure.code),
        format!("       {}", printable(&failure.message)),
        format!("Where: {}{place}", printable(&object)),
    ];
    if let Some(chunks) = failure.chunks {
        let (done, all) = (count(failure.chunks_done), counted(chunks, "chunk"));
        let (records, rejects) = (counted(failure.records, "record"), count(failure.rejects));
        lines.push(format!("So far: {done} of {all}, {records}, {rejects} refused"));
    }
    lines.push(format!("Next:  {}", failure.next_step));
    lines.push(String::new());
    lines.extend(links(&failure.results.join("failure.html"), failure.execution.as_deref(), sender));
    Notice {
        subject: subject(&format!("fanout: {what} {}: {}", failure.status.sentence(), failure.code)),
        text: lines.join("\n"),
    }
}

/// The message of a run that has its report.
pub fn success_notice(summary: &Summary, sender: &Sender) -> Notice {
    let what = format!("run {}", summary.run_id);
    let rejects = match summary.rejects {
        0 => "none refused".to_owned(),
        rejects => format!("{} refused", count(rejects)),
    };
    let report = &summary.report;
    let page = Location::new(&report.bucket, &report.key.replace("report.json", "report.html"));
    let mut lines = vec![
        format!("{} finished in the stack {}.", capital(&what), sender.stack),
        String::new(),
        format!("Object:  {}", printable(&object_url(&summary.object.location()))),
        format!("Records: {}, {rejects}", count(summary.records)),
        format!("Time:    {}", duration(summary.elapsed_ms)),
        String::new(),
    ];
    lines.extend(links(&page, None, sender));
    Notice { subject: subject(&format!("fanout: {what} finished, {rejects}")), text: lines.join("\n") }
}

/// `s3://bucket/key`; the path of a file.
pub fn object_url(object: &Location) -> String {
    if object.is_file() { object.to_string() } else { format!("s3://{object}") }
}

/// The page and the execution: as a place for a command, and for a browser in which a person is signed in.
fn links(page: &Location, execution: Option<&str>, Sender { region, .. }: &Sender) -> Vec<String> {
    let mut lines = vec![
        format!("Page:  {}", object_url(page)),
        format!(
            "       https://{region}.console.aws.amazon.com/s3/object/{}?region={region}&prefix={}",
            page.bucket, page.key
        ),
    ];
    if let Some(execution) = execution {
        let console = format!("https://{region}.console.aws.amazon.com/states/home?region={region}");
        lines.push(format!("Run:   {console}#/v2/executions/details/{execution}"));
    }
    lines
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str()))
}

/// A subject that SNS takes: ASCII without control characters, and short.
fn subject(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' });
    plain.take(SUBJECT - 1).collect()
}

#[cfg(test)]
mod tests {
    use fanout_core::Place;

    use super::*;

    fn failure() -> FailureReport {
        let message = "chunk 12: bucket/in/people.csv: refused: \u{1b}[2Jno".to_owned();
        FailureReport {
            version: 1,
            status: FailedStatus::Failed,
            run_id: "people-1".into(),
            code: "AccessDenied".into(),
            place: Place::of_text(&message),
            message,
            object: Some(Location::new("bucket", "in/people.csv")),
            next_step: "Give the role the missing right, then redrive.".into(),
            chunks: Some(40),
            chunks_done: 12,
            records: 1200,
            rejects: 3,
            reject_parts: Vec::new(),
            failed_chunks: Vec::new(),
            results: Location::new("results", "runs/people-1/"),
            execution: Some("arn:aws:states:eu-central-1:1:execution:fanout:people-1".into()),
            failed_at: "2026-11-26T10:00:00Z".into(),
            fanout: "0.1.0".into(),
        }
    }

    fn sender() -> Sender {
        Sender { stack: "fanout".into(), region: "eu-central-1".into() }
    }

    #[test]
    fn a_failure_is_told_with_code_place_link_and_next_step() {
        let notice = failure_notice(&failure(), &sender());
        assert_eq!(notice.subject, "fanout: run people-1 failed: AccessDenied");
        let expected = "\
Run people-1 failed in the stack fanout.

What:  AccessDenied
       chunk 12: bucket/in/people.csv: refused: \\u{1b}[2Jno
Where: s3://bucket/in/people.csv, chunk 12
So far: 12 of 40 chunks, 1,200 records, 3 refused
Next:  Give the role the missing right, then redrive.

Page:  s3://results/runs/people-1/failure.html
       https://eu-central-1.console.aws.amazon.com/s3/object/results?region=eu-central-1&prefix=runs/people-1/failure.html
Run:   https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/arn:aws:states:eu-central-1:1:execution:fanout:people-1";
        assert_eq!(notice.text, expected);
    }

    #[test]
    fn subjects_are_what_sns_takes() {
        let long = FailureReport { run_id: "ü".repeat(99), ..failure() };
        let subject = failure_notice(&long, &sender()).subject;
        assert!(subject.len() < 100 && subject.is_ascii() && subject.starts_with("fanout: run ???"), "{subject}");
        let refused = FailureReport { status: FailedStatus::Refused, object: None, chunks: None, ..failure() };
        let notice = failure_notice(&refused, &sender());
        assert_eq!(notice.subject, "fanout: upload was refused: AccessDenied");
        assert!(notice.text.contains("Where: the object is not known, chunk 12\nNext:"), "{}", notice.text);
    }
}
