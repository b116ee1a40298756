//! The money and the time of a run: predicted before it, added up after it.

mod bill;
mod estimate;
mod prices;

pub use bill::cost;
pub use estimate::{estimate, text_bytes};
pub use prices::Prices;
