//! The report as one HTML page without scripts. Texts from data stay text.

use fanout_core::message::{Cost, Evidence, OutputReport, Report};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::escape::printable;
use crate::numbers::{bytes, count, short};
use value::value;

mod columns;
mod rejects;
mod timeline;
mod value;

const STYLE: &str = include_str!("page/style.css");

/// The policy of the page: the browser loads and runs nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The report as one HTML page, for a browser without network and script.
///
/// Texts from data are escaped, stand apart from the writing direction around them, and have their
/// control characters shown.
pub fn page(report: &Report) -> String {
    let object = format!("{}/{}", report.object.bucket, report.object.key);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (printable(&report.object.key)) " · fanout" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.status.rejects[report.rejects > 0] { (report.status.as_str().replace('_', " ")) }
                    h1 { bdi { (printable(&report.object.key)) } }
                    p.quiet { bdi { (printable(&object)) } }
                }
                main {
                    (facts(report))
                    @if !report.columns.is_empty() { (columns::table(&report.columns)) }
                    @for output in &report.outputs { (section(output)) }
                    (timeline::timeline(report))
                    (outputs(report))
                    (detected(&report.evidence))
                    (bill(report.cost.as_ref()))
                }
                footer {
                    p { "Run " bdi { (printable(&report.run_id)) } ", results in " bdi { (printable(&report.results.to_string())) } }
                    p { "The same figures are in report.json beside this page." }
                }
            }
        }
    };
    page.into_string()
}

/// The run in figures, and the proof of its coverage.
fn facts(report: &Report) -> Markup {
    let seconds = report.elapsed_ms as f64 / 1e3;
    let rate = report.object.size as f64 / 1e6 / seconds.max(1e-3);
    let repaired = report.coverage.repaired;
    html! {
        dl.tiles {
            div { dt { "Records" } dd { (count(report.records)) } }
            div { dt { "Rejects" } dd { (count(report.rejects)) } }
            div { dt { "Size" } dd { (bytes(report.object.size)) } }
            div { dt { "Chunks" } dd { (count(report.chunks)) } }
            div { dt { "Time" } dd { (short(seconds)) " s" } }
            div { dt { "Rate" } dd { (format!("{rate:.0}")) " MB/s" } }
            @if let Some(cost) = &report.cost { div { dt { "Cost" } dd { "$" (short(cost.usd)) } } }
        }
        p.proof {
            @if report.coverage.verified {
                "Coverage verified: bytes " @if report.compression.is_some() { "of its text " }
                (count(report.coverage.data_start)) " to " (count(report.coverage.end))
                ", each record exactly once. "
            } @else {
                "Read by S3 Select: coverage not verified, as no offsets come back. "
            }
            @match repaired {
                0 => { "No chunk had to be repaired." }
                1 => { "One chunk was repaired." }
                _ => { (count(repaired)) " chunks were repaired." }
            }
        }
        @if let Some(why) = &report.not_split { p.quiet { (why) "." } }
        @if let Some(dataset) = &report.dataset { p.quiet { "Dataset " bdi { (printable(dataset)) } } }
    }
}

/// An output's own section of the report.
fn section(output: &OutputReport) -> Markup {
    let Some(found) = &output.section else { return html! {} };
    html! {
        section {
            @if output.name == "rejects" { (rejects::rejects(output.records, found)) }
            @else { h2 { bdi { (printable(&output.name)) } } (value(found)) }
        }
    }
}

/// The things that were detected in the object, with their reasons.
fn detected(evidence: &[Evidence]) -> Markup {
    html! {
        @if !evidence.is_empty() {
            section {
                h2 { "How the file was read" }
                table {
                    thead { tr { th { "What" } th { "Detected" } th { "Why" } } }
                    tbody {
                        @for one in evidence {
                            tr {
                                td { (printable(&one.what.replace('_', " "))) }
                                td { bdi { (printable(&one.value)) } }
                                td { bdi { (printable(&one.sentence)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn outputs(report: &Report) -> Markup {
    html! {
        section {
            h2 { "Outputs" }
            table {
                thead { tr { th { "Output" } th.number { "Records" } th.number { "Parts" } th.number { "Size" } } }
                tbody {
                    @for output in &report.outputs {
                        tr {
                            td { bdi { (printable(&output.name)) } }
                            td.number { (count(output.records)) }
                            td.number { (count(output.parts)) }
                            td.number { (bytes(output.bytes)) }
                        }
                    }
                }
            }
            p.quiet { (bytes(report.bytes_read)) " were fetched of " (bytes(report.object.size)) "." }
        }
    }
}

fn bill(cost: Option<&Cost>) -> Markup {
    html! {
        section {
            h2 { "Cost" }
            @match cost {
                None => { p { "Nothing of this run was charged for: it ran outside Lambda." } }
                Some(cost) => {
                    table {
                        thead { tr { th { "What" } th.number { "Quantity" } th.number { "Price, $" } th.number { "$" } } }
                        tbody {
                            @for line in &cost.lines {
                                tr {
                                    td { (printable(&line.what)) }
                                    td.number { (short(line.quantity)) }
                                    td.number { (short(line.price)) }
                                    td.number { (short(line.usd)) }
                                }
                            }
                            tr.total { td { "Sum" } td {} td {} td.number { (short(cost.usd)) } }
                        }
                    }
                    p.quiet {
                        "Prices of " (printable(&cost.region)) ", " (printable(&cost.date))
                        ". Attempts that failed, storage and logs are not in it."
                    }
                }
            }
        }
    }
}
