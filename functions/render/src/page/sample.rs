//! The page's first records.

use fanout_core::ColumnType;
use fanout_core::message::{ColumnReport, Report};
use maud::{Markup, html};

use crate::escape::{printable, shortened};

/// Columns beside which a record can still be read across; the others stand in the cards of the columns.
const COLUMNS: usize = 60;

/// Characters of a value.
const VALUE: usize = 32;

/// The first accepted records as they stand in the object.
pub(super) fn section(report: &Report) -> Markup {
    let columns = &report.columns[..report.columns.len().min(COLUMNS)];
    html! {
        @if !report.sample.is_empty() {
            section {
                h2 { "First records" }
                div.scroll tabindex="0" {
                    table.sample {
                        thead { tr { @for column in columns { th.number[is_number(column)] { bdi { (shortened(&column.name, VALUE)) } } } } }
                        tbody {
                            @for record in &report.sample {
                                tr { @for (column, value) in columns.iter().zip(record) { (cell(column, value.as_deref())) } }
                            }
                        }
                    }
                }
                @if report.columns.len() > COLUMNS { p.quiet { "The first " (COLUMNS) " columns." } }
            }
        }
    }
}

fn is_number(column: &ColumnReport) -> bool {
    matches!(column.column_type, ColumnType::Int64 | ColumnType::Float64 | ColumnType::Decimal { .. })
}

fn cell(column: &ColumnReport, value: Option<&str>) -> Markup {
    let number = is_number(column);
    html! {
        @match value {
            None => { td.number[number] { span.quiet { "null" } } }
            Some(text) => { td.number[number] title=(printable(text)) { bdi { (shortened(text, VALUE)) } } }
        }
    }
}
