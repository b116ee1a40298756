//! The types that the values of a chunk fit.

use serde::{Deserialize, Serialize};

use crate::TypeCandidates;

/// The type candidates that the values of a chunk left of one column whose type was inferred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenTypes {
    /// The column, by its place in the header.
    pub column: u64,
    /// The candidates that are left.
    pub candidates: TypeCandidates,
    /// Values that are not of the planned type.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unfit: u64,
    /// The first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<UnfitValue>,
}

/// A value that is not of the type that was inferred for its column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnfitValue {
    /// Offset of the value's record in the object.
    pub record: u64,
    /// The value, shortened to 100 characters.
    pub text: String,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A key of JSON lines that samples did not show, with the types that its values in a chunk fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateKey {
    /// The key.
    pub name: String,
    /// The types.
    pub candidates: TypeCandidates,
}
