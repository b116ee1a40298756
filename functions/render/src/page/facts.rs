//! The top of the page: the object, the run in figures, and the proof of its coverage.

use fanout_core::message::Report;
use maud::{Markup, html};

use crate::corrected::{corrected_line, corrected_sum};
use crate::escape::printable;
use crate::numbers::{bytes, count, duration, percent, rate, short};

/// The share of refused records up to which a run is nearly clean.
const FEW: f64 = 0.01;

/// The object, and when and with which words it was processed.
pub(super) fn header(report: &Report) -> Markup {
    let object = format!("{}/{}", report.object.bucket, report.object.key);
    html! {
        header {
            p.status.(level(report)) { (status(report)) }
            h1 { bdi { (printable(&report.object.key)) } }
            p.quiet { bdi { (printable(&object)) } }
            p.quiet {
                @if let Some(started) = &report.started_at { (moment(started)) " · " }
                @if let Some(dataset) = &report.dataset { "dataset " bdi { (printable(dataset)) } " · " }
                "run " bdi { (printable(&report.run_id)) }
                @if let Some(version) = &report.fanout { " · fanout " (printable(version)) }
            }
        }
    }
}

fn status(report: &Report) -> String {
    match report.rejects {
        0 => "Succeeded: every record was accepted".to_owned(),
        rejects => format!("Succeeded, but {} of the records were refused", percent(share(rejects, report))),
    }
}

/// The class of the run by its share of refused records.
pub(super) fn level(report: &Report) -> &'static str {
    match share(report.rejects, report) {
        0.0 => "good",
        few if few <= FEW => "fair",
        _ => "bad",
    }
}

/// The share of so many records in all of the run.
pub(super) fn share(records: u64, report: &Report) -> f64 {
    records as f64 / (report.records + report.rejects).max(1) as f64
}

/// A time of RFC 3339 in UTC, to the second, for a person.
pub(super) fn moment(time: &str) -> String {
    match (time.get(..10), time.get(11..19)) {
        (Some(day), Some(clock)) if time.ends_with('Z') => printable(&format!("{day} {clock} UTC")),
        _ => printable(time),
    }
}

/// The run in figures.
pub(super) fn tiles(report: &Report) -> Markup {
    html! {
        dl.tiles {
            div { dt { "Records" } dd { (count(report.records)) } }
            div.(level(report)) {
                dt { "Rejects" }
                dd {
                    (count(report.rejects))
                    @if report.rejects > 0 { " " small { (percent(share(report.rejects, report))) } }
                }
            }
            @if !report.columns.is_empty() { div { dt { "Columns" } dd { (count(report.columns.len() as u64)) } } }
            div { dt { "Size" } dd { (bytes(report.object.size)) } }
            div { dt { "Chunks" } dd { (count(report.chunks)) } }
            div { dt { "Time" } dd { (duration(report.elapsed_ms)) " " small { (rate(report.object.size, report.elapsed_ms)) } } }
            @if let Some(cost) = &report.cost { div { dt { "Cost" } dd { "$" (short(cost.usd)) } } }
        }
    }
}

/// The proof of coverage, with a bar of the accepted and the refused bytes.
pub(super) fn proof(report: &Report) -> Markup {
    let coverage = &report.coverage;
    html! {
        p.proof.(if coverage.verified { level(report) } else { "fair" }) {
            @if coverage.verified {
                "Coverage verified: bytes " @if report.compression.is_some() { "of its text " }
                (count(coverage.data_start)) " to " (count(coverage.end))
                ", each record exactly once. "
            } @else {
                "Read by S3 Select: coverage not verified, as no offsets come back. "
            }
            @match coverage.repaired {
                0 => { "No chunk had to be repaired." }
                1 => { "One chunk was repaired." }
                repaired => { (count(repaired)) " chunks were repaired." }
            }
        }
        @if let Some(corrected) = &report.corrected {
            p { (corrected_line(corrected)) "." }
            p.quiet { (corrected_sum(corrected)) "." }
        }
        @if let Some(why) = &report.not_split { p.quiet { (why) "." } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let table = [
            ("2026-11-26T07:26:05.123456Z", "2026-11-26 07:26:05 UTC"),
            ("2026-11-26T07:26:05+01:00", "2026-11-26T07:26:05+01:00"),
            ("soon", "soon"),
        ];
        for (time, shown) in table {
            assert_eq!(moment(time), shown);
        }
    }
}
