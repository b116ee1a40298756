//! An output that writes every record into a table of DynamoDB, and the list of outputs that the functions are given.

mod item;
mod table;
mod table_output;

use fanout_outputs::{BUILT_IN, OutputKind, OutputKinds};

pub use table::Table;
pub use table_output::TableOutput;

/// The built-in outputs and that of this crate. Called once, by `main`.
pub fn outputs(own: TableOutput) -> OutputKinds {
    // Both are leaked: the list lives as long as the process, and holds a client that is made at run time.
    let own: &dyn OutputKind = Box::leak(Box::new(own));
    Vec::leak(BUILT_IN.iter().copied().chain([own]).collect())
}
