//! The report as one HTML page. Texts from data stay text.

use std::collections::BTreeMap;

use fanout_core::message::{Evidence, OutputReport, Part, Report};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::escape::printable;
use crate::findings::findings;
pub use comparison::comparison_page;
pub use failure::failure_page;
use value::value;

mod chart;
mod column;
mod columns;
mod comparison;
mod cost;
mod facts;
mod failure;
mod findings;
mod query;
mod rejects;
mod results;
mod sample;
mod timeline;
mod value;

const STYLE: &str = include_str!("page/style.css");

/// The filter of columns: the only script of a page, and only where there are many columns.
const SCRIPT: &str = include_str!("page/filter.js");

/// The policy of a page: the browser loads nothing, and runs [`SCRIPT`] alone, by its hash.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
                      script-src 'sha256-wU+0cF5S3vp31RPSDh+Vm1bWwdnBGGBCPqW6DiTk2uA='";

/// The report as one HTML page, for a browser without network. `parts` are the run's parts by output, for links that
/// hold in the folder of the results.
///
/// Texts from data are escaped, stand apart from the writing direction around them, and have their
/// control characters shown.
pub fn page(report: &Report, parts: &BTreeMap<&str, Vec<&Part>>) -> String {
    let found = findings(&report.columns);
    let many = columns::are_many(&report.columns);
    let main = html! {
        (facts::tiles(report))
        (facts::proof(report))
        (findings::section(report, &found))
        (rejects::section(report))
        (sample::section(report))
        @if !report.columns.is_empty() { (columns::section(&report.columns, &found)) }
        @for output in &report.outputs { (section(output)) }
        (results::section(report, parts))
        (detected(&report.evidence))
        (timeline::section(report))
        @if let Some(cost) = &report.cost { (cost::section(cost)) }
        @if many { script { (PreEscaped(SCRIPT)) } }
    };
    frame(&printable(&report.object.key), &facts::header(report), &main)
}

/// A whole page with a title, a header and its contents.
fn frame(title: &str, header: &Markup, main: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (title) " · fanout" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header)
                main { (main) }
            }
        }
    };
    page.into_string()
}

/// An output's own section of the report; that on refused records stands elsewhere.
fn section(output: &OutputReport) -> Markup {
    if output.name == query::OUTPUT
        && let Some(section) = query::section(output)
    {
        return section;
    }
    let found = output.section.as_ref().filter(|_| ![rejects::OUTPUT, results::TABLES].contains(&output.name.as_str()));
    html! {
        @if let Some(found) = found {
            section { h2 { bdi { (printable(&output.name)) } } (value(found)) }
        }
    }
}

/// A text that begins with a capital letter.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// The things that were detected in the object, with their reasons.
fn detected(evidence: &[Evidence]) -> Markup {
    html! {
        @if !evidence.is_empty() {
            section {
                h2 { "How the file was read" }
                dl.evidence {
                    @for one in evidence {
                        div {
                            dt { (printable(&one.what.replace('_', " "))) }
                            dd { bdi { (printable(&one.value)) } " " span.quiet { bdi { (printable(&one.sentence)) } } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_script() {
        let hash = STANDARD.encode(Sha256::digest(SCRIPT));
        assert!(POLICY.contains(&format!("'sha256-{hash}'")), "sha256-{hash}");
    }
}
