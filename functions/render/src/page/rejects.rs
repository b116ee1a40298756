//! The page's section on refused records.

use maud::{Markup, html};
use serde_json::Value;

use super::value::value;
use crate::escape::printable;
use crate::numbers::count;

/// Reasons and columns that are shown.
const GROUPS: usize = 50;

/// Refused records by reason and column, with the first examples of each.
pub(super) fn rejects(records: u64, section: &Value) -> Markup {
    let Some(groups) = section["groups"].as_array() else { return value(section) };
    html! {
        h2 { "Rejects" }
        p {
            (count(records)) (if records == 1 { " record was" } else { " records were" })
            " refused; their bytes are in rejects/."
        }
        @for group in groups.iter().take(GROUPS) {
            details.reject open[groups.len() <= 3] {
                summary {
                    (text(group, "reason").replace('_', " "))
                    @if let Some(column) = group["column"].as_str() { " in " bdi { (printable(column)) } }
                    span.quiet { " " (count(group["count"].as_u64().unwrap_or_default())) }
                }
                @for example in group["examples"].as_array().into_iter().flatten() {
                    figure {
                        figcaption {
                            "Byte " (count(example["offset"].as_u64().unwrap_or_default()))
                            ": expected " (text(example, "expected")) ", found " bdi { (text(example, "found")) }
                        }
                        pre { bdi { (text(example, "record")) } }
                    }
                }
            }
        }
        @if groups.len() > GROUPS { p.quiet { "and " (count((groups.len() - GROUPS) as u64)) " more in report.json" } }
    }
}

fn text(value: &Value, name: &str) -> String {
    printable(value[name].as_str().unwrap_or_default())
}
