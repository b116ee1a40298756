//! The page's list of results, with links that hold in the folder of the results.

use std::collections::BTreeMap;

use fanout_core::message::{Part, Report};
use maud::{Markup, html};

use crate::escape::printable;
use crate::numbers::{bytes, count};

/// The output whose section has statements.
pub(super) const TABLES: &str = "parquet";

/// Parts of an output that are linked one by one; beyond that the first and the last ones.
const LINKED: usize = 6;

/// The place of the results, and the parts of each output.
pub(super) fn section(report: &Report, parts: &BTreeMap<&str, Vec<&Part>>) -> Markup {
    html! {
        section {
            h2 { "Results" }
            p { "In " bdi.place { (printable(&report.results.to_string())) } }
            div.scroll {
                table {
                    thead {
                        tr {
                            th { "Output" } th.number { "Records" } th.number { "Parts" } th.number { "Size" } th { "Files" }
                        }
                    }
                    tbody {
                        @for output in &report.outputs {
                            tr {
                                td.name { bdi { (printable(&output.name)) } }
                                td.number { (count(output.records)) }
                                td.number { (count(output.parts)) }
                                td.number { (bytes(output.bytes)) }
                                td.files { (files(parts.get(output.name.as_str()).map_or(&[][..], Vec::as_slice))) }
                            }
                        }
                    }
                }
            }
            (statements(report))
            p.quiet {
                (link("report.json")) " has the figures of this page, " (link("parts.json")) " the list of all parts. "
                (bytes(report.bytes_read)) " were fetched of " (bytes(report.object.size)) "."
            }
        }
    }
}

/// The statements that make the parts a table of a query engine.
fn statements(report: &Report) -> Markup {
    let output = report.outputs.iter().find(|output| output.name == TABLES);
    let section = output.and_then(|output| output.section.as_ref());
    let engines = [("duckdb", "DuckDB"), ("athena", "Amazon Athena")];
    let found = engines.iter().filter_map(|(key, engine)| Some((key, engine, section?.get(key)?.as_str()?)));
    html! {
        @for (key, engine, sql) in found {
            details {
                summary { "As a table of " (engine) }
                pre { bdi { (sql) } }
                p.quiet { (link(&format!("merged/parquet/{key}.sql"))) }
            }
        }
    }
}

/// Links to the parts of one output.
fn files(parts: &[&Part]) -> Markup {
    let hidden = if parts.len() > LINKED { parts.len() - LINKED } else { 0 };
    html! {
        @for (index, part) in parts.iter().enumerate() {
            @if hidden == 0 || index < LINKED - 1 || index == parts.len() - 1 { (link(&part.key)) " " }
            @else if index == LINKED - 1 { span.quiet { "… " (count(hidden as u64)) " more … " } }
        }
        @if parts.is_empty() { span.quiet { "–" } }
    }
}

/// A link to a file below the page's folder. A key that is no plain path is not linked.
fn link(key: &str) -> Markup {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    let linked = key.bytes().all(plain) && !key.split('/').any(|step| matches!(step, "" | "." | ".."));
    html! {
        @if linked { a href=(format!("./{key}")) { (key) } } @else { bdi { (printable(key)) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_below_the_folder() {
        let linked = |key: &str| link(key).into_string().contains("href");
        assert!(linked("data/part-00000.parquet"));
        for key in ["", "/etc/passwd", "../x", "a//b", "javascript:x", "a b", "ü"] {
            assert!(!linked(key), "{key:?}");
        }
    }

    #[test]
    fn many_parts_are_cut() {
        let part = |n: usize| Part { output: "o".into(), key: format!("part-{n}"), records: 0, bytes: 0 };
        let links = |number: usize| {
            let parts: Vec<Part> = (0..number).map(part).collect();
            files(&parts.iter().collect::<Vec<_>>()).into_string()
        };
        assert_eq!(links(6).matches("href").count(), 6);
        let many = links(79);
        assert_eq!(many.matches("href").count(), 6);
        assert!(many.contains("part-78") && many.contains("… 73 more …"), "{many}");
    }
}
