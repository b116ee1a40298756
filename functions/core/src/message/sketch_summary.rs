use serde::{Deserialize, Serialize};

use super::Figure;

/// Lengths of the texts of a column, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lengths {
    /// Of the shortest.
    pub min: u64,
    /// Of the longest.
    pub max: u64,
    /// The arithmetic mean.
    pub mean: f64,
}

/// What sketches say of a column: close to the truth, each as close as it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SketchSummary {
    /// How many distinct values; the empty text isn't counted.
    pub distinct: Distinct,
    /// Values at 1, 5, 25, 50, 75, 95 and 99 %, of numbers, dates and timestamps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<Quantile>,
    /// How far from the true one the rank of each quantile is at most (0 to 1), with a confidence of 99 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank_error: Option<f64>,
    /// Bins of equal width from the least to the greatest value, of numbers, dates and timestamps.
    /// What lies below a bound is counted as closely as `rank_error` says.
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

/// How many values lie in an interval.
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
    /// How often it is there at least.
    pub at_least: u64,
    /// How often it is there at most.
    pub at_most: u64,
}
