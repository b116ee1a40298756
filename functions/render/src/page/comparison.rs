//! The page of a comparison of two runs. Texts from data stay text.

use fanout_core::message::Figure;
use maud::{Markup, html};

use super::facts::moment;
use super::{capitalized, frame};
use crate::comparison::{Change, ColumnChange, Comparison, NamedColumn, Side, shown, times, values, verdict};
use crate::escape::{printable, shortened};
use crate::numbers::{count, counted, percent};

/// Columns that are shown; the JSON has all.
const COLUMNS: usize = 500;

/// Characters of a value beside its figures.
const VALUE: usize = 40;

/// A comparison as one HTML page, for a browser without network and script.
pub fn comparison_page(comparison: &Comparison) -> String {
    let (before, after) = (&comparison.before, &comparison.after);
    let level = if comparison.equal { "good" } else { "fair" };
    let header = html! {
        header {
            p.status.(level) { (capitalized(&verdict(comparison))) }
            h1 { "Two runs compared" }
            (side("Before", before))
            (side("After", after))
        }
    };
    let main = html! {
        dl.tiles {
            (tile("Records", before.records, after.records))
            (tile("Rejects", before.rejects, after.rejects))
            @if comparison.columns_compared { (tile("Columns", before.columns, after.columns)) }
        }
        @if !comparison.columns_compared { p.quiet { "Columns are not compared: one of the runs has no profile." } }
        (reasons(comparison))
        (named("Added columns", &comparison.added))
        (named("Removed columns", &comparison.removed))
        @if comparison.reordered { section { h2 { "Order" } p { "The columns come in another order." } } }
        (changed(comparison))
        (reading(&comparison.reading))
    };
    frame("Two runs compared", &header, &main)
}

fn side(name: &str, side: &Side) -> Markup {
    html! {
        p {
            (name) ": " bdi { (printable(&side.object)) } " "
            span.quiet {
                @if let Some(started) = &side.started_at { (moment(started)) " · " }
                "run " bdi { (printable(&side.run_id)) }
            }
        }
    }
}

fn tile(name: &str, before: u64, after: u64) -> Markup {
    html! {
        div.fair[before != after] {
            dt { (name) }
            dd { (count(after)) @if before != after { " " small { "before " (count(before)) } } }
        }
    }
}

fn reasons(comparison: &Comparison) -> Markup {
    html! {
        @if !comparison.reasons.is_empty() {
            section {
                h2 { "Rejects by reason" }
                (table(html! {
                    @for reason in &comparison.reasons {
                        tr {
                            td {
                                (capitalized(&printable(&reason.reason.replace('_', " "))))
                                @if let Some(column) = &reason.column { " in " bdi { (printable(column)) } }
                            }
                            td.number { (count(reason.before)) }
                            td.number { (count(reason.after)) }
                        }
                    }
                }))
            }
        }
    }
}

fn named(title: &str, columns: &[NamedColumn]) -> Markup {
    html! {
        @if !columns.is_empty() {
            section {
                h2 { (title) }
                ul {
                    @for column in columns.iter().take(COLUMNS) {
                        li { bdi { (printable(&column.name)) } " " span.badge { (column.column_type) } }
                    }
                }
                (beyond(columns.len()))
            }
        }
    }
}

fn changed(comparison: &Comparison) -> Markup {
    let changed = &comparison.changed;
    html! {
        @if !changed.is_empty() {
            section {
                h2 { "Changed columns" }
                @if comparison.unchanged > 0 { p.quiet { (counted(comparison.unchanged, "other column")) " without a difference." } }
                @for column in changed.iter().take(COLUMNS) { (one_column(column)) }
                (beyond(changed.len()))
            }
        }
    }
}

fn one_column(column: &ColumnChange) -> Markup {
    html! {
        article.change {
            h3 {
                bdi { (printable(&column.name)) } " "
                @if column.type_before == column.type_after { span.badge { (column.type_after) } }
                @else { span.badge.fair { (column.type_before) " → " (column.type_after) } }
            }
            (table(html! {
                @for change in &column.figures {
                    @let [before, after] = values(change, column);
                    (row(html! { (capitalized(&change.what)) }, &before, &after))
                }
                @if let Some(moved) = column.moved {
                    tr { td colspan="3" { "At least " (percent(moved)) " of the values lie elsewhere:" } }
                    @for quantile in &column.quantiles {
                        (row(html! { ((quantile.rank * 100.0).round()) " % are below" },
                            &format!("≈ {}", shown(&quantile.before)), &format!("≈ {}", shown(&quantile.after))))
                    }
                }
                @for change in &column.frequent {
                    (row(html! { "“" bdi { (shortened(&change.value, VALUE)) } "”" }, &times(change.before), &times(change.after)))
                }
            }))
        }
    }
}

fn reading(changes: &[Change]) -> Markup {
    let value = |value: &Option<Figure>| value.as_ref().map_or_else(|| "–".to_owned(), shown);
    html! {
        @if !changes.is_empty() {
            section {
                h2 { "How the files were read" }
                (table(html! {
                    @for change in changes {
                        (row(html! { (printable(&change.what.replace('_', " "))) }, &value(&change.before), &value(&change.after)))
                    }
                }))
            }
        }
    }
}

fn table(rows: Markup) -> Markup {
    html! {
        div.scroll {
            table.changes {
                thead { tr { th {} th.number { "Before" } th.number { "After" } } }
                tbody { (rows) }
            }
        }
    }
}

fn row(what: Markup, before: &str, after: &str) -> Markup {
    html! { tr { td { (what) } td.number { bdi { (before) } } td.number { bdi { (after) } } } }
}

fn beyond(found: usize) -> Markup {
    html! { @if found > COLUMNS { p.quiet { "and " (count((found - COLUMNS) as u64)) " more" } } }
}

#[cfg(test)]
mod tests {
    use fanout_core::message::Report;
    use serde_json::json;

    use super::*;
    use crate::comparison::compare;

    fn report(name: &str, value: &str, records: u64) -> Report {
        serde_json::from_value(json!({
            "status": "succeeded", "run_id": name, "object": {"bucket": name, "key": name, "etag": "1", "size": 5},
            "dataset": null, "reader": "range", "records": records, "rejects": 0, "chunks": 1,
            "coverage": {"verified": true, "data_start": 0, "end": 5,
                "bytes": {"accepted": 5, "rejected": 0, "skipped": 0}, "repaired": 0},
            "columns": [
                {"name": format!("both {}", '<'), "type": "string", "count": records, "nulls": 0, "invalid": 0, "min": value,
                    "max": value, "sum": null, "mean": null, "stddev": null},
                {"name": name, "type": "int64", "count": 1, "nulls": 0, "invalid": 0, "min": 1,
                    "max": 1, "sum": 1, "mean": 1.0, "stddev": null}
            ],
            "outputs": [], "bytes_read": 5, "results": {"bucket": "out", "key": "run/"}, "elapsed_ms": 1, "timeline": [],
            "evidence": [{"what": "delimiter", "value": value, "sentence": ""}]
        }))
        .unwrap()
    }

    #[test]
    fn data_is_text() {
        let evil = "</title><script>alert(1)</script>\u{202e}\u{1b}";
        let page = comparison_page(&compare(&report(evil, evil, 5), &report("other", "plain", 1234)));
        for shown in ["1,234", "before 5", "Added columns", "Removed columns", "both &lt;", "How the files were read"] {
            assert!(page.contains(shown), "{shown} in {page}");
        }
        assert!(page.matches("&lt;script&gt;").count() >= 4, "{page}");
        for never in ["<script", "\u{202e}", "\u{1b}", "://", "href"] {
            assert!(!page.contains(never), "{never:?} in {page}");
        }
    }

    #[test]
    fn equal_runs_have_an_empty_green_page() {
        let page = comparison_page(&compare(&report("a", "b", 5), &report("a", "b", 5)));
        assert!(page.contains("status good") && !page.contains("<table"), "{page}");
    }
}
