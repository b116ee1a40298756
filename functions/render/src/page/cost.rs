//! The page's bill of a run on AWS.

use fanout_core::message::Cost;
use maud::{Markup, html};

use crate::escape::printable;
use crate::numbers::short;

/// The lines of the bill.
pub(super) fn section(cost: &Cost) -> Markup {
    html! {
        section {
            h2 { "Cost" }
            div.scroll {
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
            }
            p.quiet {
                "Prices of " (printable(&cost.region)) ", " (printable(&cost.date))
                ". Attempts that failed, storage and logs are not in it."
            }
        }
    }
}
