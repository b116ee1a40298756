//! The page's columns: a card for each, and above many of them an index with a filter.

use fanout_core::message::ColumnReport;
use maud::{Markup, html};

use super::column::card;
use crate::escape::shortened;
use crate::findings::Finding;
use crate::numbers::count;

/// Columns that the page has; report.json has all.
const COLUMNS: usize = 500;

/// Columns from which there are an index and a filter.
const MANY: usize = 13;

/// Characters of a name in the index.
const NAME: usize = 60;

/// Tells whether there are so many columns that a person needs an index.
pub(super) fn are_many(columns: &[ColumnReport]) -> bool {
    columns.len() >= MANY
}

/// Tells whether the page has the card of the column at this place.
pub(super) fn is_shown(column: usize) -> bool {
    column < COLUMNS
}

/// The link to the card of the column at this place.
pub(super) fn anchor(column: usize) -> String {
    format!("#c{column}")
}

/// The columns with their figures and findings.
pub(super) fn section(columns: &[ColumnReport], found: &[Finding]) -> Markup {
    let shown = &columns[..columns.len().min(COLUMNS)];
    html! {
        section id="columns" {
            h2 { "Columns" }
            @if are_many(columns) { (index(shown)) }
            div.columns {
                @for (place, column) in shown.iter().enumerate() {
                    @let own = found.iter().filter(|finding| finding.column == place).collect::<Vec<_>>();
                    (card(place, column, &own))
                }
            }
            @if columns.len() > COLUMNS {
                p.quiet { "and " (count((columns.len() - COLUMNS) as u64)) " more in report.json" }
            }
        }
    }
}

/// The names as links, and a filter for them, which the script brings to life.
fn index(columns: &[ColumnReport]) -> Markup {
    html! {
        nav.index aria-label="Index of the columns" {
            p.filter hidden {
                label { "Filter " input type="search" placeholder="name, type or finding" autocomplete="off"; }
                " " output.quiet {}
            }
            ol {
                @for (place, column) in columns.iter().enumerate() {
                    li { a href=(anchor(place)) { bdi { (shortened(&column.name, NAME)) } } " " span.quiet { (column.column_type) } }
                }
            }
        }
    }
}
