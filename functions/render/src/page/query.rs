//! The page's section of a query: the query, its columns with their types, and the first rows.

use fanout_core::message::{OutputReport, QueryReport};
use maud::{Markup, html};
use serde_json::from_value;

use crate::escape::printable;
use crate::numbers::{count, counted};

/// The output that runs queries.
pub(super) const OUTPUT: &str = "sql";

/// The result of a query; nothing where the section is another one's.
pub(super) fn section(output: &OutputReport) -> Option<Markup> {
    let found: QueryReport = from_value(output.section.clone()?).ok()?;
    let shown = found.rows.len() as u64;
    let is_number = |kind: &str| ["int", "uint", "float", "decimal"].iter().any(|number| kind.starts_with(number));
    let numbers: Vec<bool> = found.columns.iter().map(|column| is_number(&column.column_type)).collect();
    Some(html! {
        section id="query" {
            h2 { "Query" }
            pre { bdi { (printable(&found.query)) } }
            p {
                (counted(found.rows_out, "row")) " of " (counted(found.rows_in, "record"))
                @if shown < found.rows_out { ". The first " (count(shown)) " of them:" } @else { ":" }
            }
            div.scroll {
                table.sample {
                    thead {
                        tr {
                            @for (column, number) in found.columns.iter().zip(&numbers) {
                                th.number[*number] {
                                    bdi { (printable(&column.name)) } br; span.quiet { (printable(&column.column_type)) }
                                }
                            }
                        }
                    }
                    tbody {
                        @for row in &found.rows {
                            tr {
                                @for (text, number) in row.iter().zip(&numbers) {
                                    td.number[*number] {
                                        @match text {
                                            Some(text) => { bdi { (printable(text)) } }
                                            None => { span.quiet { "null" } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}
