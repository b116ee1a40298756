//! The comparison of two runs: what differs between their reports. A pure function of both.
//!
//! Exact figures differ where they are not the same; sums and means of floats may differ in their last bits. Estimates
//! differ only where their errors cannot explain it: two runs over the same records are equal whatever their chunks.
//! Times, names of runs and objects, parts and costs are not compared.

use std::collections::{BTreeMap, HashMap};

use fanout_core::ColumnType;
use fanout_core::message::{ColumnReport, Figure, Report};
use serde::Serialize;
use serde_json::Value;

mod column;
mod distribution;
mod frequent;
mod text;

use column::compare_columns;
pub use text::comparison_text;
pub(crate) use text::{shown, times, values, verdict};

/// The differences of two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Tells whether nothing that is compared differs.
    pub equal: bool,
    /// The first run.
    pub before: Side,
    /// The second run.
    pub after: Side,
    /// Reasons to refuse whose records are more or fewer, by reason and column.
    pub reasons: Vec<ReasonChange>,
    /// Tells whether both runs have a profile, so that columns are compared.
    pub columns_compared: bool,
    /// Columns of the second run alone.
    pub added: Vec<NamedColumn>,
    /// Columns of the first run alone.
    pub removed: Vec<NamedColumn>,
    /// Tells whether the columns of both runs come in another order.
    pub reordered: bool,
    /// Columns that differ.
    pub changed: Vec<ColumnChange>,
    /// Columns that do not differ.
    pub unchanged: u64,
    /// Differences in how the objects were read. They do not count: what matters is what was read.
    pub reading: Vec<Change>,
}

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// The run's id.
    pub run_id: String,
    /// The object: its bucket, or folder, and its key.
    pub object: String,
    /// The time at which the run began.
    pub started_at: Option<String>,
    /// Records accepted.
    pub records: u64,
    /// Records refused.
    pub rejects: u64,
    /// Columns of the profile.
    pub columns: u64,
}

/// A figure that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The name of the figure.
    pub what: String,
    /// The figure of the first run; absent where it has none.
    pub before: Option<Figure>,
    /// The figure of the second run.
    pub after: Option<Figure>,
}

/// Refused records of one reason and column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReasonChange {
    /// The reason.
    pub reason: String,
    /// The column, where the reason is about one.
    pub column: Option<String>,
    /// Records of the first run.
    pub before: u64,
    /// Records of the second run.
    pub after: u64,
}

/// A column with its type.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedColumn {
    /// The name.
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
}

/// The differences of a column that both runs have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnChange {
    /// The column's name.
    pub name: String,
    /// The type in the first run.
    pub type_before: ColumnType,
    /// The type in the second run.
    pub type_after: ColumnType,
    /// Figures that differ.
    pub figures: Vec<Change>,
    /// The share of values, 0 to 1, that lie elsewhere at the least (Kolmogorov-Smirnov); absent where that is not
    /// known, or may be none.
    pub moved: Option<f64>,
    /// Quantiles of both runs, where values moved.
    pub quantiles: Vec<QuantileChange>,
    /// Frequent values that are more or less frequent.
    pub frequent: Vec<FrequentChange>,
}

/// The values at one rank.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuantileChange {
    /// The rank, from 0 to 1.
    pub rank: f64,
    /// The value of the first run.
    pub before: Figure,
    /// The value of the second run.
    pub after: Figure,
}

/// A value that is more or less frequent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FrequentChange {
    /// The value.
    pub value: String,
    /// The number of times in the first run.
    pub before: Times,
    /// The number of times in the second run.
    pub after: Times,
}

/// The number of times that a value occurs, between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Times {
    /// The least number.
    pub at_least: u64,
    /// The greatest number.
    pub at_most: u64,
    /// All values of the column.
    pub of: u64,
}

impl Times {
    pub(crate) fn least_share(self) -> f64 {
        self.at_least as f64 / self.of.max(1) as f64
    }

    pub(crate) fn greatest_share(self) -> f64 {
        self.at_most as f64 / self.of.max(1) as f64
    }
}

/// Compares two reports.
pub fn compare(before: &Report, after: &Report) -> Comparison {
    let names = |report: &Report| report.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    let columns_compared = !before.columns.is_empty() && !after.columns.is_empty();
    let (added, removed, reordered) = match columns_compared {
        true => (without(&after.columns, &before.columns), without(&before.columns, &after.columns), {
            let (before, after) = (names(before), names(after));
            let common = |these: &[String], those: &[String]| {
                these.iter().filter(|name| those.contains(name)).cloned().collect::<Vec<_>>()
            };
            common(&before, &after) != common(&after, &before)
        }),
        false => (Vec::new(), Vec::new(), false),
    };
    let by_name: HashMap<&str, &ColumnReport> =
        after.columns.iter().map(|found| (found.name.as_str(), found)).collect();
    let both: Vec<(&ColumnReport, &ColumnReport)> =
        before.columns.iter().filter_map(|column| Some((column, *by_name.get(column.name.as_str())?))).collect();
    let changed: Vec<ColumnChange> = both.iter().filter_map(|(before, after)| compare_columns(before, after)).collect();
    let reasons = reasons(before, after);
    let same_numbers = (before.records, before.rejects) == (after.records, after.rejects);
    Comparison {
        equal: same_numbers
            && reasons.is_empty()
            && added.is_empty()
            && removed.is_empty()
            && !reordered
            && changed.is_empty(),
        before: side(before),
        after: side(after),
        reasons,
        columns_compared,
        added,
        removed,
        reordered,
        unchanged: (both.len() - changed.len()) as u64,
        changed,
        reading: reading(before, after),
    }
}

fn side(report: &Report) -> Side {
    Side {
        run_id: report.run_id.clone(),
        object: report.object.to_string(),
        started_at: report.started_at.clone(),
        records: report.records,
        rejects: report.rejects,
        columns: report.columns.len() as u64,
    }
}

/// Returns those of `columns` whose names `others` lack.
fn without(columns: &[ColumnReport], others: &[ColumnReport]) -> Vec<NamedColumn> {
    let names: std::collections::HashSet<&str> = others.iter().map(|column| column.name.as_str()).collect();
    let lacking = columns.iter().filter(|column| !names.contains(column.name.as_str()));
    lacking.map(|column| NamedColumn { name: column.name.clone(), column_type: column.column_type }).collect()
}

/// Returns the reasons whose numbers differ; those of a run without the output `rejects` are not known.
fn reasons(before: &Report, after: &Report) -> Vec<ReasonChange> {
    let (Some(before), Some(after)) = (groups(before), groups(after)) else { return Vec::new() };
    let mut both = BTreeMap::<(String, Option<String>), (u64, u64)>::new();
    for (key, records) in before {
        both.entry(key).or_default().0 += records;
    }
    for (key, records) in after {
        both.entry(key).or_default().1 += records;
    }
    both.into_iter()
        .filter(|(_, (before, after))| before != after)
        .map(|((reason, column), (before, after))| ReasonChange { reason, column, before, after })
        .collect()
}

/// Returns a run's refused records by reason and column; `None` where they were not counted.
fn groups(report: &Report) -> Option<Vec<((String, Option<String>), u64)>> {
    let output = report.outputs.iter().find(|output| output.name == "rejects")?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let groups = output.section.as_ref().and_then(|section| section["groups"].as_array());
    let group = |group: &Value| {
        Some(((text(&group["reason"])?, text(&group["column"])), group["count"].as_u64().unwrap_or_default()))
    };
    Some(groups.into_iter().flatten().filter_map(group).collect())
}

/// Returns what was detected otherwise.
fn reading(before: &Report, after: &Report) -> Vec<Change> {
    let of = |report: &Report| -> BTreeMap<String, String> {
        report.evidence.iter().map(|one| (one.what.clone(), one.value.clone())).collect()
    };
    let (before, after) = (of(before), of(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let value = |of: &BTreeMap<String, String>, what: &String| of.get(what).cloned().map(Figure::Text);
    let change =
        |what: &String| Change { what: what.clone(), before: value(&before, what), after: value(&after, what) };
    names.into_iter().map(change).filter(|change| change.before != change.after).collect()
}

#[cfg(test)]
mod tests;
