//! The errors of queries: those found when a run is planned, and those of single records.

use std::error::Error;

use datafusion::arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use fanout_outputs::OutputError;
use thiserror::Error;

use crate::NAME;

/// Columns that an error names.
const SHOWN: usize = 20;

/// The reason why a query can't be run.
#[derive(Debug, Error)]
pub(crate) enum QueryError {
    /// The text is no SQL.
    #[error("{0}")]
    Syntax(String),
    /// The query is understood, and can't be run over the records in one pass.
    #[error("{0}")]
    Refused(String),
    /// The planner refused it.
    #[error("{0}")]
    Plan(String),
}

impl From<DataFusionError> for QueryError {
    fn from(error: DataFusionError) -> Self {
        Self::Plan(told(&error))
    }
}

impl QueryError {
    /// The error as one of the output; its code is `InvalidQuery`.
    pub(crate) fn into_output(self) -> OutputError {
        OutputError::InvalidQuery { output: NAME, reason: self.to_string() }
    }
}

/// A failure of a query over some records; its code is `QueryFailed`.
pub(crate) fn failed(error: impl Into<DataFusionError>, place: &str) -> OutputError {
    let reason = told(&error.into());
    OutputError::QueryFailed {
        output: NAME,
        reason: if place.is_empty() { reason } else { format!("{place}: {reason}") },
    }
}

/// A failure of Arrow over some records.
pub(crate) fn arrow(error: ArrowError) -> OutputError {
    failed(DataFusionError::from(error), "")
}

/// A record or a result that can't be encoded: a fault of this program.
pub(crate) fn encode(source: impl Error + Send + Sync + 'static) -> OutputError {
    OutputError::Encode { output: NAME, source: Box::new(source) }
}

/// The message of an error, in the words of its root.
fn told(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::SchemaError(schema, _) => schema_error(schema),
        DataFusionError::Plan(text) | DataFusionError::Execution(text) | DataFusionError::NotImplemented(text) => {
            first_part(text)
        }
        DataFusionError::ResourcesExhausted(text) => format!(
            "it needs more memory than there is: {}; group by fewer values, or take approx_distinct for COUNT(DISTINCT) and \
             approx_percentile_cont for median",
            first_part(text)
        ),
        DataFusionError::ArrowError(error, _) => arrow_error(error),
        other => first_part(&other.to_string()),
    }
}

fn arrow_error(error: &ArrowError) -> String {
    match error {
        ArrowError::DivideByZero => "division by zero".to_owned(),
        ArrowError::ArithmeticOverflow(text) => {
            format!("a number overflows: {}", text.trim_start_matches("Overflow happened on: "))
        }
        ArrowError::CastError(text) | ArrowError::ParseError(text) | ArrowError::ComputeError(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A column that is not there, with the closest name.
fn schema_error(error: &SchemaError) -> String {
    let SchemaError::FieldNotFound { field, valid_fields } = error else { return first_part(&error.to_string()) };
    let mut names: Vec<&str> = valid_fields.iter().map(|column| column.name.as_str()).collect();
    names.dedup();
    let shown = if names.len() > SHOWN { format!("{}, …", names[..SHOWN].join(", ")) } else { names.join(", ") };
    match closest(&field.name, &names) {
        Some(near) => format!("there is no column {:?}, did you mean {near:?}? The columns are {shown}", field.name),
        None => format!("there is no column {:?}: the columns are {shown}", field.name),
    }
}

/// The name that is nearest to another, if it is near.
pub(crate) fn closest<'n>(name: &str, names: &'n [impl AsRef<str>]) -> Option<&'n str> {
    let near = |other: &&str| distance(&name.to_lowercase(), &other.to_lowercase());
    let found = names.iter().map(AsRef::as_ref).min_by_key(near)?;
    (near(&found) <= name.chars().count().max(3) / 3 + 1).then_some(found)
}

/// Characters to insert, remove or replace to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, left) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (place, right) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// A message without what is for programmers: the stack, and words that say whose error it is.
fn first_part(text: &str) -> String {
    let text = text.split("\n\nbacktrace:").next().unwrap_or(text);
    let text = text.split("\nThis issue was likely caused by a bug").next().unwrap_or(text);
    text.trim_start_matches("Error during planning: ").trim().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name() {
        let names = ["id", "customer", "order_total"];
        let table = [
            ("costumer", Some("customer")),
            ("ORDER_TOTALS", Some("order_total")),
            ("ids", Some("id")),
            ("something_else", None),
        ];
        for (name, expected) in table {
            assert_eq!(closest(name, &names), expected, "{name}");
        }
    }
}
