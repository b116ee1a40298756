//! The report of a run for a terminal: its facts, its columns, refused records, and what was written.

use fanout_core::message::{OutputReport, Report};

use super::columns::columns;
use super::rejects::rejects;
use super::text::{fitted, wrapped};
use crate::concurrency::concurrency_line;
use crate::escape::printable;
use crate::numbers::{bytes, count, counted, duration, percent, rate};

/// Examples of each reason in the report of a run, and in that of a check.
const OF_RUN: usize = 1;
const OF_CHECK: usize = 3;

/// Columns of which it is told that their types were widened.
const WIDENED: usize = 5;

/// Renders a report in so many columns of a terminal; `name` is the object as a person writes it. Paths alone may be
/// longer.
pub fn report_table(report: &Report, name: &str, width: usize) -> String {
    let object = &report.object;
    let status = report.status.as_str().replace('_', " ");
    let mut lines = vec![
        wrapped(&format!("{status}: {}, {}", printable(name), bytes(object.size)), width, 2),
        wrapped(&facts(report), width, 2),
        wrapped(&coverage(report), width, 2),
    ];
    lines.extend(concurrency(report).map(|sentence| wrapped(&sentence, width, 2)));
    lines.extend(report.not_split.iter().map(|reason| wrapped(reason, width, 2)));
    lines.extend(resumed(report).map(|sentence| wrapped(sentence, width, 2)));
    if !report.columns.is_empty() {
        lines.push(String::new());
        lines.extend(columns(&report.columns, width));
        lines.extend(widened(report).map(|line| wrapped(&line, width, 2)));
    }
    if report.rejects > 0 {
        lines.push(String::new());
        let all = report.records + report.rejects;
        let share = percent(report.rejects as f64 / all as f64);
        let refused = if report.rejects == 1 { "record was" } else { "records were" };
        lines.push(wrapped(&format!("{} {refused} refused, {share}", count(report.rejects)), width, 2));
        let section = report.outputs.iter().find(|output| output.name == "rejects");
        let section = section.and_then(|output| output.section.as_ref());
        lines.extend(section.into_iter().flat_map(|section| rejects(section, all, OF_RUN, width)));
    }
    let written: Vec<String> = report.outputs.iter().filter_map(|output| written(output, width)).collect();
    if !written.is_empty() {
        lines.push(String::new());
        lines.extend(written);
    }
    lines.join("\n")
}

/// A report in a line, for one run of several.
pub fn run_line(name: &str, report: &Report) -> String {
    format!("{}: {}", printable(name), facts(report))
}

fn facts(report: &Report) -> String {
    format!(
        "{}, {}, {}, {}, {}",
        counted(report.records, "record"),
        counted(report.rejects, "reject"),
        counted(report.chunks, "chunk"),
        duration(report.elapsed_ms),
        rate(report.object.size, report.elapsed_ms),
    )
}

fn coverage(report: &Report) -> String {
    let coverage = &report.coverage;
    if let Some(select) = report.select {
        return format!(
            "read by S3 Select: {} scanned, {} returned; coverage not verified, as no offsets come back",
            bytes(select.bytes_scanned),
            bytes(select.bytes_returned)
        );
    }
    let what = if report.compression.is_some() { "bytes of its text" } else { "bytes" };
    let (start, end) = (count(coverage.data_start), count(coverage.end));
    let repaired = match coverage.repaired {
        0 => String::new(),
        repaired => format!("; {} repaired", counted(repaired, "chunk")),
    };
    format!("coverage verified: {what} {start} to {end}, each record once{repaired}")
}

/// The sentence on an account that has less concurrency than the run wanted.
fn concurrency(report: &Report) -> Option<String> {
    report.concurrency.as_ref().filter(|found| found.exceeded().is_some()).and_then(concurrency_line)
}

/// A line for each of the first columns whose type the samples did not show.
fn widened(report: &Report) -> impl Iterator<Item = String> {
    let columns = report.columns.iter().filter_map(|column| Some((column, column.widened.as_ref()?)));
    columns.take(WIDENED).map(|(column, widened)| {
        let first = widened.first.as_ref().map_or_else(String::new, |first| {
            format!(", the first {:?} in the record at byte {}", printable(&first.text), count(first.record))
        });
        format!(
            "{} is {}, not {} as in the samples, by {}{first}",
            printable(&column.name),
            column.column_type,
            widened.from,
            counted(widened.values, "value"),
        )
    })
}

/// The sentence that says what was taken over from an earlier start, where the run was resumed.
fn resumed(report: &Report) -> Option<&str> {
    report.evidence.iter().find(|one| one.what == "resumed").map(|one| one.sentence.as_str())
}

/// The parts of an output, and its own section, in a line; nothing where it wrote nothing.
fn written(output: &OutputReport, width: usize) -> Option<String> {
    let parts = (output.parts > 0).then(|| {
        format!("{} in {}, {}", counted(output.records, "record"), counted(output.parts, "part"), bytes(output.bytes))
    });
    let section = output.section.as_ref().filter(|_| !matches!(output.name.as_str(), "rejects" | "parquet"));
    let section = section.map(|section| fitted(&section.to_string(), 4 * width));
    let told: Vec<String> = parts.into_iter().chain(section).collect();
    (!told.is_empty()).then(|| wrapped(&format!("{}: {}", output.name, told.join("; ")), width, 2))
}

/// Renders the records that a run would refuse in so many columns of a terminal.
pub fn check_table(report: &Report, width: usize) -> String {
    let all = report.records + report.rejects;
    let share =
        if report.rejects > 0 { format!(", {}", percent(report.rejects as f64 / all as f64)) } else { String::new() };
    let accepted = counted(report.records, "record");
    let mut lines = vec![format!("{accepted} would be accepted, {} refused{share}", count(report.rejects))];
    let section = report.outputs.iter().find_map(|output| output.section.as_ref());
    lines.extend(section.into_iter().flat_map(|section| rejects(section, all, OF_CHECK, width)));
    lines.join("\n")
}
