//! The page's section on refused records.

use fanout_core::Reason;
use fanout_core::message::Report;
use maud::{Markup, html};
use serde_json::Value;

use super::capitalized;
use super::facts::share;
use super::value::value;
use crate::escape::printable;
use crate::numbers::{count, counted, percent};

/// The output whose section it is.
pub(super) const OUTPUT: &str = "rejects";

/// Reasons and columns that are shown.
const GROUPS: usize = 50;

/// Groups up to which their examples stand open.
const OPEN: usize = 3;

/// Places of an example that are shown where it has them: the field, and its word.
const PLACES: [(&str, &str); 3] = [("line", "line"), ("record_number", "record"), ("offset", "byte")];

/// Refused records by reason and column, with the first examples of each.
pub(super) fn section(report: &Report) -> Markup {
    if report.rejects == 0 {
        return html! {};
    }
    let found = section_of(report);
    let groups = found.and_then(|found| found["groups"].as_array());
    html! {
        section id="rejects" {
            h2 { "Rejects" }
            p {
                (counted(report.rejects, "record")) (if report.rejects == 1 { " was" } else { " were" }) " refused, "
                (percent(share(report.rejects, report))) " of all"
                @match (found.is_some(), report.corrected.is_some()) {
                    (false, _) => { "." }
                    (true, false) => { "; the bytes are in rejects/." }
                    (true, true) => { "; the bytes are in corrected/rejects/." }
                }
            }
            @match (groups, found) {
                (Some(groups), _) => {
                    @for group in groups.iter().take(GROUPS) { (one_group(report, group, groups.len() <= OPEN)) }
                    @if groups.len() > GROUPS {
                        p.quiet { "and " (count((groups.len() - GROUPS) as u64)) " more in report.json" }
                    }
                }
                (None, Some(found)) => { (value(found)) }
                (None, None) => { p.quiet { "The run has no output rejects: the reasons were not kept." } }
            }
        }
    }
}

/// The number of refused records by reason, the most frequent first.
pub(super) fn reasons(report: &Report) -> Vec<(String, u64)> {
    let reasons = section_of(report).and_then(|found| found["reasons"].as_object());
    let mut reasons: Vec<(String, u64)> = reasons
        .into_iter()
        .flatten()
        .map(|(reason, records)| (printable(&reason.replace('_', " ")), records.as_u64().unwrap_or_default()))
        .collect();
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    reasons
}

fn section_of(report: &Report) -> Option<&Value> {
    report.outputs.iter().find(|output| output.name == OUTPUT)?.section.as_ref()
}

fn one_group(report: &Report, group: &Value, open: bool) -> Markup {
    let records = group["count"].as_u64().unwrap_or_default();
    html! {
        details.reject open[open] {
            summary {
                (capitalized(&text(group, "reason").replace('_', " ")))
                @if let Some(column) = group["column"].as_str() { " in " bdi { (printable(column)) } }
                span.quiet { " " (count(records)) ", " (percent(share(records, report))) " of all records" }
            }
            @if let Some(remedy) = Reason::remedy(group["reason"].as_str().unwrap_or_default()) {
                p.quiet { (capitalized(remedy)) }
            }
            @for example in group["examples"].as_array().into_iter().flatten() {
                figure {
                    figcaption {
                        span.quiet { (places(example)) }
                        " expected " (text(example, "expected")) ", found " bdi { (text(example, "found")) }
                    }
                    pre { bdi { (text(example, "record")) } }
                }
            }
        }
    }
}

/// The places of an example: `Line 3, record 2, byte 47:`.
fn places(example: &Value) -> String {
    let known = PLACES.iter().filter_map(|(field, word)| Some(format!("{word} {}", count(example[*field].as_u64()?))));
    match known.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => none,
        places => format!("{}:", capitalized(&places)),
    }
}

fn text(value: &Value, name: &str) -> String {
    printable(value[name].as_str().unwrap_or_default())
}
