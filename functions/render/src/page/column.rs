//! The card of one column: its name with its findings, its distribution, its figures.

use fanout_core::ColumnType;
use fanout_core::message::{ColumnReport, Figure, SketchSummary, TypeOrigin};
use maud::{Markup, html};

use super::chart::{bars, histogram};
use crate::escape::printable;
use crate::findings::{Finding, Kind};
use crate::numbers::{count, counted, exact, figure, number, percent, short};

/// The card of the column at this place of the report.
pub(super) fn card(place: usize, column: &ColumnReport, found: &[&Finding]) -> Markup {
    html! {
        article.column id=(format!("c{place}")) {
            div.name {
                h3 { bdi { (printable(&column.name)) } }
                (badges(column, found))
            }
            div.distribution { (distribution(column, found)) (details(column)) }
            dl.figures { (figures(column)) }
        }
    }
}

/// The type, and the findings as words.
fn badges(column: &ColumnReport, found: &[&Finding]) -> Markup {
    html! {
        span.badge { (origin(column)) (column.column_type) }
        @for finding in found {
            " " span.badge.(if finding.kind.is_suspicious() { "fair" } else { "note" }) title=(finding.detail) {
                (finding.kind.label())
            }
        }
    }
}

/// The word before a type that no value was to prove.
fn origin(column: &ColumnReport) -> &'static str {
    match column.origin {
        TypeOrigin::Declared => "declared ",
        TypeOrigin::Inferred | TypeOrigin::Widened | TypeOrigin::Text => "",
    }
}

/// A histogram where values have an order of numbers, else bars of the most frequent values.
fn distribution(column: &ColumnReport, found: &[&Finding]) -> Markup {
    let Some(estimates) = &column.estimates else { return html! {} };
    let is = |kind: Kind| found.iter().any(|finding| finding.kind == kind);
    html! {
        @if is(Kind::Constant) {
            p { "Always " @if let Some(value) = &column.min { bdi.value { (exact(value, column.column_type)) } } }
        } @else if !estimates.histogram.is_empty() {
            (histogram(&estimates.histogram))
        } @else if is(Kind::Unique) {
            p { "Every value is there once." }
        } @else if is(Kind::NearlyUnique) {
            p { "Every value, or nearly every one, is there once." }
        } @else if estimates.frequent.is_empty() {
            p.quiet { "No value is frequent." }
        } @else {
            (bars(&estimates.frequent, column.count))
        }
    }
}

/// The figures that every person looks for.
fn figures(column: &ColumnReport) -> Markup {
    let nulls = match column.nulls {
        0 => "0".to_owned(),
        nulls => format!("{} ({})", count(nulls), percent(column.null_share)),
    };
    let exactly = |figure: &Option<Figure>| figure.as_ref().map(|figure| exact(figure, column.column_type));
    html! {
        (pair("Values", Some(count(column.count))))
        (pair("Nulls", Some(nulls)))
        @if column.invalid > 0 { (pair("Invalid", Some(count(column.invalid)))) }
        (pair("Distinct", column.estimates.as_ref().map(distinct)))
        @if column.column_type == ColumnType::Boolean {
            (pair("True", column.mean.map(percent)))
        } @else {
            (pair("Min", exactly(&column.min)))
            (pair("Median", median(column)))
            (pair("Max", exactly(&column.max)))
            (pair("Mean", column.mean.map(number)))
        }
        (pair("Length", column.lengths.map(|lengths| match lengths.min == lengths.max {
            true => counted(lengths.min, "character"),
            false => format!("{} to {} characters", count(lengths.min), count(lengths.max)),
        })))
    }
}

/// A figure with its name, where there is one.
fn pair(name: &str, text: Option<String>) -> Markup {
    html! { @if let Some(text) = text { div { dt { (name) } dd { bdi { (text) } } } } }
}

fn distinct(estimates: &SketchSummary) -> String {
    let found = estimates.distinct;
    let about = if found.lower == found.upper { "" } else { "≈ " };
    format!("{about}{}", count(found.estimate))
}

fn median(column: &ColumnReport) -> Option<String> {
    let quantiles = &column.estimates.as_ref()?.quantiles;
    let median = quantiles.iter().find(|quantile| quantile.rank == 0.5)?;
    Some(format!("{}{}", about(column), figure(&median.value)))
}

/// The sign before an estimate; a column of one value has none.
fn about(column: &ColumnReport) -> &'static str {
    if column.min == column.max { "" } else { "≈ " }
}

/// The figures that a click unfolds.
fn details(column: &ColumnReport) -> Markup {
    let Some(estimates) = &column.estimates else { return html! {} };
    html! {
        details {
            summary { "Details" }
            div.details {
                dl.figures {
                    @if let Some(sum) = &column.sum { (pair("Sum", Some(exact(sum, column.column_type)))) }
                    @if let Some(stddev) = column.stddev { (pair("Standard deviation", Some(number(stddev)))) }
                    @if let Some(lengths) = column.lengths { (pair("Mean length", Some(number(lengths.mean)))) }
                    (pair("Distinct, 95 % sure", Some(between(estimates.distinct.lower, estimates.distinct.upper))))
                    @for quantile in &estimates.quantiles {
                        (pair(&format!("{} % are below", short(quantile.rank * 100.0)),
                            Some(format!("{}{}", about(column), figure(&quantile.value)))))
                    }
                    @if let Some(error) = estimates.rank_error {
                        (pair("Quantiles are within", Some(format!("± {}", percent(error)))))
                    }
                }
                @if !estimates.frequent.is_empty() {
                    div {
                        h4 { "Most frequent" }
                        dl.figures {
                            @for value in &estimates.frequent {
                                (pair(&printable(&value.value), Some(between(value.at_least, value.at_most))))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn between(least: u64, greatest: u64) -> String {
    if least == greatest { count(least) } else { format!("{} to {}", count(least), count(greatest)) }
}
