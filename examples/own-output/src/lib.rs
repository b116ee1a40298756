//! An output of one's own, and the list of outputs that the functions are given.

mod id_range;

use fanout_outputs::{BUILT_IN, OutputKind, OutputKinds};

pub use id_range::IdRange;

/// Outputs of this crate.
const OWN: OutputKinds = &[&IdRange];

/// The built-in outputs and those of this crate.
pub const OUTPUTS: OutputKinds = &{
    let mut all: [&dyn OutputKind; BUILT_IN.len() + OWN.len()] = [OWN[0]; BUILT_IN.len() + OWN.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = if index < BUILT_IN.len() { BUILT_IN[index] } else { OWN[index - BUILT_IN.len()] };
        index += 1;
    }
    all
};
