//! The cost of a run as the report shows it.

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
