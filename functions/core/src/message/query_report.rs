//! The section of a query in the report.

use serde::{Deserialize, Serialize};

/// The result of the output `sql`, in the section of its output.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryReport {
    /// The query.
    pub query: String,
    /// The columns of the result.
    pub columns: Vec<QueryColumn>,
    /// Records that it read.
    pub rows_in: u64,
    /// Rows of the result.
    pub rows_out: u64,
    /// The first rows, a text for each column and `None` for null: at most 100, and fewer where they are long.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A column of a query's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryColumn {
    /// The column's name.
    pub name: String,
    /// The type: one of a dataset's columns, or another one of the engine's.
    #[serde(rename = "type")]
    pub column_type: String,
}
