//! What fanout makes of the records: the trait, the built-in outputs, and the one list of them.
//!
//! An output of one's own takes one file beside these and one line in [`ALL`]: this crate's README
//! shows how. No I/O here: an output writes through the [`PartStore`] that it is handed.

mod count;
mod double;
mod error;
mod id_range;
mod jsonl;
mod output;
mod parquet;
mod part;
mod profile;
mod rejects;

pub use error::OutputError;
pub use output::{ChunkContext, Finished, Merge, Output, OutputKind, Section, partial, read_partial};
pub use part::{PartBuffer, PartStore, PartWriter};

/// Every output that a run can name.
pub const ALL: &[&dyn OutputKind] = &[
    // One's own come here, a line each.
    &profile::PROFILE,
    &profile::EXACT,
    &parquet::Parquet,
    &rejects::Rejects,
    &jsonl::JsonLines,
    &id_range::IdRange,
];

/// The outputs of a run whose job and dataset name none.
pub const DEFAULT: [&str; 3] = ["profile", "parquet", "rejects"];

/// The output of that name.
pub fn find(name: &str) -> Result<&'static dyn OutputKind, OutputError> {
    let known = || ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    ALL.iter()
        .copied()
        .find(|kind| kind.name() == name)
        .ok_or_else(|| OutputError::Unknown { name: name.to_owned(), known: known() })
}
