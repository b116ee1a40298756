//! The cost of a run: the estimate before it, and the bill as the report shows it.

use serde::{Deserialize, Serialize};

/// The cost of a run, as far as its own records tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The sum in US dollars.
    pub usd: f64,
    /// The lines of the bill.
    pub lines: Vec<CostLine>,
    /// The region whose prices these are.
    pub region: String,
    /// The day on which the prices were looked up.
    pub date: String,
}

/// One line of a bill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostLine {
    /// The service, and what of it.
    pub what: String,
    /// The quantity.
    pub quantity: f64,
    /// The price of one, in US dollars.
    pub price: f64,
    /// The product, in US dollars.
    pub usd: f64,
}

/// A rough estimate of the time and the money of a run in a stack.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostEstimate {
    /// Seconds from start to report.
    pub seconds: f64,
    /// US dollars.
    pub usd: f64,
    /// Memory of the stack's processors, in MB.
    #[serde(default)]
    pub memory_mb: u64,
    /// Chunks of the run in the stack; on another machine they may be others.
    #[serde(default)]
    pub chunks: u64,
    /// US dollars besides, at most, where values widen inferred types and chunks are processed again.
    #[serde(default)]
    pub widened_usd: f64,
    /// The work that it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
}

/// The work of a run on a byte of its text, as measured constants predict it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// Nanoseconds of a core.
    pub cpu_ns: f64,
    /// Bytes of parts.
    pub written: f64,
    /// Columns, whose partials are merged.
    pub columns: u64,
}
