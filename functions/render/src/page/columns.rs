//! The page's table of columns. Its number of columns is bounded.

use fanout_core::message::{Bin, ColumnReport, SketchSummary};
use maud::{Markup, html};

use crate::escape::printable;
use crate::numbers::{count, figure, number, percent, short};

/// Columns that the page has; report.json has all.
const COLUMNS: usize = 500;

/// Width and height of a histogram, in units of its own.
const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 28.0;

/// The columns with their figures; on a narrow screen each row becomes a card.
pub(super) fn table(columns: &[ColumnReport]) -> Markup {
    html! {
        section {
            h2 { "Columns" }
            table.columns {
                thead {
                    tr {
                        th { "Column" }
                        th { "Distribution" }
                        th.number { "Values" }
                        th.number { "Nulls" }
                        th.number { "Invalid" }
                        th.number { "Distinct" }
                        th.number { "Least" }
                        th.number { "Median" }
                        th.number { "Greatest" }
                        th.number { "Mean" }
                    }
                }
                tbody { @for column in columns.iter().take(COLUMNS) { (row(column)) } }
            }
            @if columns.len() > COLUMNS {
                p.quiet { "and " (count((columns.len() - COLUMNS) as u64)) " more in report.json" }
            }
        }
    }
}

fn row(column: &ColumnReport) -> Markup {
    let estimates = column.estimates.as_ref();
    let median = estimates.and_then(|found| found.quantiles.iter().find(|quantile| quantile.rank == 0.5));
    html! {
        tr {
            th scope="row" {
                bdi { (printable(&column.name)) }
                span.type { (column.column_type) }
            }
            td.wide { (distribution(column)) }
            (cell("number", "Values", Some(count(column.count))))
            (cell("number", "Nulls", Some(percent(column.null_share))))
            (cell("number", "Invalid", Some(count(column.invalid))))
            (cell("number", "Distinct", estimates.map(distinct)))
            (cell("number text", "Least", column.min.as_ref().map(figure)))
            (cell("number", "Median", median.map(|median| figure(&median.value))))
            (cell("number text", "Greatest", column.max.as_ref().map(figure)))
            (cell("number", "Mean", column.mean.map(number)))
        }
    }
}

/// A cell with its name for narrow screens, where the head isn't shown.
fn cell(class: &str, name: &str, text: Option<String>) -> Markup {
    html! {
        td class=(class) data-name=(name) {
            @match text { Some(text) => { bdi { (text) } } None => { span.quiet { "–" } } }
        }
    }
}

fn distinct(estimates: &SketchSummary) -> String {
    let found = estimates.distinct;
    let about = if found.lower == found.upper { "" } else { "≈ " };
    format!("{about}{}", count(found.estimate))
}

/// A histogram, and the figures that a click unfolds.
fn distribution(column: &ColumnReport) -> Markup {
    let Some(estimates) = &column.estimates else { return html! {} };
    html! {
        @if !estimates.histogram.is_empty() { (histogram(&estimates.histogram)) }
        details {
            summary { "Details" }
            dl.values {
                div {
                    dt { "Distinct, between" }
                    dd { (count(estimates.distinct.lower)) " and " (count(estimates.distinct.upper)) }
                }
                @if let Some(lengths) = column.lengths {
                    div {
                        dt { "Length" }
                        dd {
                            (count(lengths.min)) " to " (count(lengths.max)) " characters, mean " (number(lengths.mean))
                        }
                    }
                }
                @if let Some(sum) = &column.sum { div { dt { "Sum" } dd { (figure(sum)) } } }
                @if let Some(stddev) = column.stddev { div { dt { "Standard deviation" } dd { (number(stddev)) } } }
                @for quantile in &estimates.quantiles {
                    div { dt { (short(quantile.rank * 100.0)) " %" } dd { bdi { (figure(&quantile.value)) } } }
                }
                @if let Some(error) = estimates.rank_error {
                    div { dt { "Quantiles are within" } dd { "± " (percent(error)) } }
                }
            }
            @if !estimates.frequent.is_empty() {
                h3 { "Most frequent" }
                ol.frequent {
                    @for value in &estimates.frequent {
                        li {
                            bdi.value { (printable(&value.value)) }
                            " " span.quiet {
                                @if value.at_least < value.at_most { (count(value.at_least)) " to " }
                                (count(value.at_most))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn histogram(bins: &[Bin]) -> Markup {
    let highest = bins.iter().map(|bin| bin.count).max().unwrap_or(1).max(1) as f64;
    let width = WIDTH / bins.len() as f64;
    let label = match (bins.first(), bins.last()) {
        (Some(first), Some(last)) => format!("Histogram from {} to {}", figure(&first.from), figure(&last.to)),
        _ => String::new(),
    };
    html! {
        svg.histogram viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" role="img" aria-label=(label) {
            @for (index, bin) in bins.iter().enumerate() {
                // A bin with anything in it is seen.
                @let height = if bin.count == 0 { 0.0 } else { (bin.count as f64 / highest * HEIGHT).max(1.0) };
                rect x=(format!("{:.2}", index as f64 * width)) y=(format!("{:.2}", HEIGHT - height))
                    width=(format!("{:.2}", (width - 0.5).max(0.5))) height=(format!("{height:.2}")) {
                    title { (figure(&bin.from)) " to " (figure(&bin.to)) ": " (count(bin.count)) }
                }
            }
        }
    }
}
