//! The money and the time of a run: predicted before it, added up after it.

mod bill;
mod estimate;
mod prices;
mod stack;
mod work;

pub use bill::cost;
pub use estimate::{RunSize, estimate};
pub use prices::Prices;
pub use stack::{Architecture, Stack, cores};
pub use work::{UsualRecord, work};
