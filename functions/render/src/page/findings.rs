//! The page's findings: what a person should look at first.

use fanout_core::message::{ColumnReport, Report};
use maud::{Markup, html};

use super::facts::share;
use super::rejects;
use super::{capitalized, columns};
use crate::concurrency::concurrency_line;
use crate::escape::shortened;
use crate::findings::{Finding, Kind};
use crate::numbers::{count, counted, percent};

/// Columns of one kind that are shown at once; the others unfold.
const SHOWN: usize = 8;

/// Characters of a column's name.
const NAME: usize = 40;

/// The findings, the gravest first.
pub(super) fn section(report: &Report, found: &[Finding]) -> Markup {
    let of_kind = |kind: Kind| found.iter().filter(|one| one.kind == kind).collect::<Vec<_>>();
    html! {
        section {
            h2 { "Findings" }
            @if report.rejects == 0 && found.is_empty() && !is_narrow(report) {
                p { "Nothing stands out." @if report.columns.is_empty() { " The run has no profile of its columns." } }
            } @else {
                ul.findings {
                    @if report.rejects > 0 { (refused(report)) }
                    @if is_narrow(report) { (narrow(report)) }
                    @for kind in Kind::ALL {
                        @let columns = of_kind(kind);
                        @if !columns.is_empty() { (one_kind(report, kind, &columns)) }
                    }
                }
            }
        }
    }
}

/// The refused records in a line, by reason.
fn refused(report: &Report) -> Markup {
    html! {
        li.(super::facts::level(report)) {
            a.kind href="#rejects" { (counted(report.rejects, "reject")) }
            " " span.quiet { (percent(share(report.rejects, report))) " of all records" }
            @let reasons = rejects::reasons(report);
            @if !reasons.is_empty() {
                ": "
                @for (index, (reason, records)) in reasons.iter().enumerate() {
                    @if index > 0 { ", " }
                    (reason) " " (count(*records))
                }
            }
        }
    }
}

/// Tells whether the account had less concurrency than the run wanted.
fn is_narrow(report: &Report) -> bool {
    report.concurrency.as_ref().is_some_and(|concurrency| concurrency.exceeded().is_some())
}

/// The concurrency of the account.
fn narrow(report: &Report) -> Markup {
    html! {
        li.note {
            span.kind { "Concurrency" } " " span.quiet { "The run could have been faster." }
            @if let Some(line) = report.concurrency.as_ref().and_then(concurrency_line) { ul { li { (capitalized(&line)) "." } } }
        }
    }
}

fn one_kind(report: &Report, kind: Kind, found: &[&Finding]) -> Markup {
    let columns = &report.columns;
    let (shown, others) = found.split_at(found.len().min(SHOWN));
    html! {
        li.(if kind.is_suspicious() { "fair" } else { "note" }) {
            span.kind { (capitalized(kind.label())) } " " span.quiet { (kind.meaning()) }
            ul { @for one in shown { (column(columns, one)) } }
            @if !others.is_empty() {
                details {
                    summary { (counted(others.len() as u64, "more column")) }
                    ul { @for one in others { (column(columns, one)) } }
                }
            }
        }
    }
}

/// A column's name, which leads to the column, and what was found.
fn column(columns: &[ColumnReport], finding: &Finding) -> Markup {
    let name = columns.get(finding.column).map_or_else(String::new, |column| shortened(&column.name, NAME));
    html! {
        li {
            @if columns::is_shown(finding.column) { a href=(columns::anchor(finding.column)) { bdi { (name) } } }
            @else { bdi { (name) } }
            @if !finding.detail.is_empty() { " " span.quiet { bdi { (finding.detail) } } }
        }
    }
}
