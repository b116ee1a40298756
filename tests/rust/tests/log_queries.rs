//! The queries of docs/operate.md: the fields that they name are those of the lines that are written.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::message::Dataset;
use fanout_log::Captured;
use fanout_s3_server::{Fault, Op, S3Server};
use fanout_tests::{run, s3, widening};
use serde_json::Value;
use tracing::Instrument;
use tracing_subscriber::filter::LevelFilter;

const PAGE: &str = include_str!("../../../docs/operate.md");

/// Words of Logs Insights, and names that a query makes itself.
const WORDS: [&str; 24] = [
    "filter",
    "fields",
    "sort",
    "desc",
    "limit",
    "stats",
    "count",
    "as",
    "by",
    "bin",
    "in",
    "and",
    "or",
    "display",
    "pct",
    "max",
    "min",
    "sum",
    "@timestamp",
    "throttles",
    "resumed",
    "errors",
    "1m",
    "5m",
];

/// The queries of the page.
fn queries() -> Vec<&'static str> {
    PAGE.split("```logs\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The fields that a query names, and the messages that it asks for.
fn parts(query: &str) -> (Vec<String>, Vec<String>) {
    let pieces: Vec<&str> = query.split('"').collect();
    let outside: String = pieces.iter().step_by(2).map(|piece| format!("{piece} ")).collect();
    let named = |c: char| !(c.is_ascii_alphanumeric() || "_.@".contains(c));
    let fields = outside.split(named).filter(|word| !word.is_empty() && !WORDS.contains(word));
    let fields = fields.filter(|word| word.parse::<u64>().is_err() && *word != "message").map(str::to_owned).collect();
    let messages = pieces.iter().skip(1).step_by(2).filter(|text| **text != "RUN").map(|text| (*text).to_owned());
    (fields, messages.collect())
}

/// Lines of all kinds: of a run over S3 with faults, one with a chunk to repair, one whose types widen.
fn lines() -> Vec<Value> {
    let log = Captured::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tracing::dispatcher::with_default(&log.subscriber(LevelFilter::DEBUG), || {
        let faults = async {
            let server = S3Server::start().await;
            server.insert(s3::BUCKET, "k.csv", s3::text(300));
            server.fail(Op::Get, "k.csv", [Fault::None, Fault::Error("SlowDown"), Fault::BreakAfter(100)]);
            s3::run(&server, "k.csv", "run", 1 << 20).await.unwrap();
            server.fail(Op::Put, "denied/results/00000.json", [Fault::Error("AccessDenied")]);
            s3::run(&server, "k.csv", "denied", 1 << 20).await.unwrap_err();
        };
        // As the runtime of Lambda does.
        runtime.block_on(faults.instrument(tracing::error_span!("Lambda runtime invoke", requestId = "id")));
        let fake: String = (0..20_000).map(|line| format!("{line},fake,7\n")).collect();
        run(format!("a,b,c\n7,\"{fake}\",real\n").as_bytes(), &fanout_tests::plain(), 16 << 10).unwrap();
        run(widening("abc").as_bytes(), &Dataset::default(), 1 << 20).unwrap();
    });
    log.lines()
}

#[test]
fn fields_of_queries_are_those_of_the_lines() {
    let lines = lines();
    assert!(queries().len() >= 7);
    for query in queries() {
        let (fields, messages) = parts(query);
        for message in &messages {
            assert!(lines.iter().any(|line| line["message"] == *message), "no event {message:?}: {query}");
        }
        for field in fields {
            let pointer = format!("/{}", field.replace('.', "/"));
            let of_query =
                lines.iter().filter(|line| messages.is_empty() || messages.iter().any(|m| line["message"] == *m));
            assert!(of_query.into_iter().any(|line| line.pointer(&pointer).is_some()), "no field {field}: {query}");
        }
    }
}

#[test]
fn the_events_of_the_page_are_written() {
    let lines = lines();
    let rows =
        PAGE.lines().skip_while(|line| !line.starts_with("| event")).skip(2).take_while(|line| line.starts_with('|'));
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for event in cells[1].split('`').skip(1).step_by(2) {
            let found = lines.iter().find(|line| line["message"] == event);
            // The handlers' own events, those on the account, and an encoding that is disproved, have tests of their own.
            let elsewhere = ["execution started", "upload skipped", "encoding disproved", "run failed"];
            if !elsewhere.contains(&event) && !event.starts_with("concurrency ") {
                assert_eq!(found.unwrap_or_else(|| panic!("no event {event}"))["level"], cells[3], "{event}");
            }
        }
    }
}
