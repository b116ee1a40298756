//! The rules of column names: expected names, and unique ones.

use std::collections::HashSet;

use super::HeaderError;
use crate::message::{HeaderMatch, HeaderRule};

/// Compares the names found with those expected.
pub(super) fn validate(found: &[String], rule: &HeaderRule) -> Result<(), HeaderError> {
    if rule.expect.is_empty() {
        return Ok(());
    }
    let not_in = |names: &[String], others: &[String]| -> Vec<String> {
        let others: HashSet<&str> = others.iter().map(String::as_str).collect();
        names.iter().filter(|name| !others.contains(name.as_str())).cloned().collect()
    };
    let missing = not_in(&rule.expect, found);
    let mut unexpected = not_in(found, &rule.expect);
    let mut out_of_order = Vec::new();
    match rule.matches {
        HeaderMatch::Superset => unexpected.clear(),
        HeaderMatch::Exact if missing.is_empty() && unexpected.is_empty() => {
            for (expected, name) in rule.expect.iter().enumerate() {
                let at = found.iter().position(|other| other == name).unwrap_or(expected);
                if at != expected {
                    out_of_order.push((name.clone(), expected + 1, at + 1));
                }
            }
        }
        HeaderMatch::Exact | HeaderMatch::AnyOrder | HeaderMatch::None => {}
    }
    // A name twice in the object, once in the dataset.
    if rule.matches != HeaderMatch::Superset && missing.is_empty() && unexpected.is_empty() {
        let mut seen = HashSet::new();
        let twice = found.iter().filter(|name| !seen.insert(name.as_str()));
        unexpected.extend(twice.map(|name| format!("{name} (a second time)")));
    }
    if missing.is_empty() && unexpected.is_empty() && out_of_order.is_empty() {
        return Ok(());
    }
    Err(HeaderError::Mismatch { missing, unexpected, out_of_order })
}

/// Names that can be keys: an empty one becomes `column_<number>`, a repeated one gets `_<number>`.
pub(crate) fn unique(names: Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let mut seen = HashSet::new();
    names
        .into_iter()
        .enumerate()
        .map(|(index, name)| {
            if !name.is_empty() && seen.insert(name.clone()) {
                return name;
            }
            let stem = if name.is_empty() { "column".to_owned() } else { name };
            let mut number = index + 1;
            while taken.contains(&format!("{stem}_{number}")) {
                number += 1;
            }
            let name = format!("{stem}_{number}");
            taken.insert(name.clone());
            name
        })
        .collect()
}

/// Says in words what is wrong with names.
pub(super) fn mismatch(missing: &[String], unexpected: &[String], out_of_order: &[(String, usize, usize)]) -> String {
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("missing: {}", missing.join(", ")));
    }
    if !unexpected.is_empty() {
        parts.push(format!("unexpected: {}", unexpected.join(", ")));
    }
    if !out_of_order.is_empty() {
        let each = out_of_order
            .iter()
            .map(|(name, expected, found)| format!("{name} (expected as column {expected}, found as column {found})"));
        parts.push(format!("out of order: {}", each.collect::<Vec<_>>().join(", ")));
    }
    parts.join("; ")
}
