//! The inferred types of a plan, and the types that the run widened.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::UnfitValue;
use crate::{ColumnType, TypeCandidates};

/// A column whose type is inferred, or may yet be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InferredColumn {
    /// The column, by its place in the header.
    pub column: u64,
    /// The types that its values fit so far.
    pub candidates: TypeCandidates,
}

/// The types of a column's values in the samples, where they are not all of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampledTypes {
    /// The column, by its place in the header.
    pub column: u64,
    /// Values by their narrowest type: `int64`, `float64`, `boolean`, `date`, `timestamp` or `text`.
    pub values: BTreeMap<String, u64>,
}

/// A column whose values disproved the type that was inferred from samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WidenedColumn {
    /// The column, by its place in the header.
    pub column: u64,
    /// The type that samples showed.
    pub from: ColumnType,
    /// Values that are not of that type.
    pub values: u64,
    /// The first of them, in the order of the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<UnfitValue>,
}
