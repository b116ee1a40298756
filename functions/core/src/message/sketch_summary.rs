//! The estimates of sketches in the report.

use serde::{Deserialize, Serialize};

use super::Figure;

/// Lengths of the texts of a column, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lengths {
    /// Length of the shortest text.
    pub min: u64,
    /// Length of the longest text.
    pub max: u64,
    /// The arithmetic mean.
    pub mean: f64,
}

/// The summary of a column's sketches: each figure is as close to the truth as it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SketchSummary {
    /// The number of distinct values; the empty text isn't counted.
    pub distinct: Distinct,
    /// Values at 1, 5, 25, 50, 75, 95 and 99 %, of numbers, dates and timestamps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<Quantile>,
    /// The greatest error of each quantile's rank (0 to 1), with a confidence of 99 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank_error: Option<f64>,
    /// Bins of equal width from the least to the greatest value, of numbers, dates and timestamps.
    /// The number of values below a bound is as exact as `rank_error` says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub histogram: Vec<Bin>,
    /// Values that are certainly frequent, most frequent first: texts as they stand in the object,
    /// cut to 64 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frequent: Vec<Frequent>,
}

/// A number of distinct values, with the bounds between which the true one lies with 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distinct {
    /// The most likely number.
    pub estimate: u64,
    /// The lower bound.
    pub lower: u64,
    /// The upper bound.
    pub upper: u64,
}

/// The value below or at which a share of all values lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantile {
    /// The share, from 0 to 1.
    pub rank: f64,
    /// The value.
    pub value: Figure,
}

/// An interval, and the number of values in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// The least value that belongs to it.
    pub from: Figure,
    /// The least value of the next one; of the last bin the greatest value, which belongs to it.
    pub to: Figure,
    /// Values in it.
    pub count: u64,
}

/// A frequent value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frequent {
    /// The value.
    pub value: String,
    /// The least number of times that it occurs.
    pub at_least: u64,
    /// The greatest number of times that it occurs.
    pub at_most: u64,
}
