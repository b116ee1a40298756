//! Refused records by their reasons, with examples.

use fanout_core::Reason;
use serde_json::Value;

use super::text::{fitted, wrapped};
use crate::numbers::{count, counted, percent};

/// Columns of a terminal for what was expected, or found, in an example.
const EXAMPLE: usize = 48;

/// Groups that are shown; the report has all.
const GROUPS: usize = 20;

/// Renders the groups of a report's section: reason, count, share of all records, up to `examples` examples,
/// and the options that read such records.
pub(super) fn rejects(section: &Value, all: u64, examples: usize, width: usize) -> Vec<String> {
    let groups: Vec<&Value> = section["groups"].as_array().into_iter().flatten().collect();
    let mut lines = Vec::new();
    for group in groups.iter().take(GROUPS) {
        let refused = group["count"].as_u64().unwrap_or_default();
        let column = group["column"].as_str().map_or_else(String::new, |name| format!(" in {}", fitted(name, EXAMPLE)));
        let reason = fitted(group["reason"].as_str().unwrap_or_default(), EXAMPLE);
        let share = percent(refused as f64 / all.max(1) as f64);
        lines.push(wrapped(&format!("  {reason}{column}: {}, {share}", count(refused)), width, 4));
        for example in group["examples"].as_array().into_iter().flatten().take(examples) {
            lines.push(wrapped(&format!("    {}", self::example(example)), width, 6));
        }
        if let Some(remedy) = Reason::remedy(group["reason"].as_str().unwrap_or_default()) {
            lines.push(wrapped(&format!("    {remedy}"), width, 6));
        }
    }
    if groups.len() > GROUPS {
        let more = counted((groups.len() - GROUPS) as u64, "more reason");
        lines.push(format!("  ({more}: in the report)"));
    }
    lines
}

/// The place of a refused record, and what was wrong with it.
fn example(example: &Value) -> String {
    let text = |name: &str| fitted(example[name].as_str().unwrap_or_default(), EXAMPLE);
    let number = |name: &str| example[name].as_u64().map(count);
    let byte = number("offset").unwrap_or_default();
    let of = |name: &str, what: &str| number(name).map(|number| format!("{what} {number}, ")).unwrap_or_default();
    let place = format!("{}{}byte {byte}", of("line", "line"), of("number", "record"));
    format!("{place}: expected {}, found {}", text("expected"), text("found"))
}
