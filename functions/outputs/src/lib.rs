//! Outputs, which make results of the records: the traits, and the built-in outputs.
//!
//! Outputs are handed to planner, processor and reducer as a list. An output of one's own lives in a
//! crate of one's own, which hands over [`BUILT_IN`] and its own: see this crate's README. No I/O here:
//! an output writes through the [`PartStore`] that it is handed.

mod compensated_sum;
mod count;
mod error;
mod jsonl;
mod output;
mod parquet;
mod part;
mod profile;
mod rejects;
mod text_extremes;

pub use count::RecordCount;
pub use error::OutputError;
pub use output::{
    BeforeChunk, ChunkContext, Finished, Merge, Output, OutputKind, RunContext, Section, partial, read_options,
    read_partial,
};
pub use part::{PartBuffer, PartStore, PartWriter, RunStore};

/// The outputs that a run can name: a list that `main` hands over.
pub type OutputKinds = &'static [&'static dyn OutputKind];

/// The outputs of this crate.
pub const BUILT_IN: OutputKinds =
    &[&profile::PROFILE, &profile::EXACT, &parquet::Parquet, &rejects::Rejects, &jsonl::JsonLines];

/// The outputs of a run whose job and dataset name none.
pub const DEFAULT: [&str; 3] = ["profile", "parquet", "rejects"];

/// Finds the output of that name.
///
/// # Errors
///
/// [`OutputError::Unknown`] with the names that there are.
pub fn find(kinds: OutputKinds, name: &str) -> Result<&'static dyn OutputKind, OutputError> {
    let known = || kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    let found = kinds.iter().copied().find(|kind| kind.name() == name);
    found.ok_or_else(|| OutputError::Unknown { name: name.to_owned(), known: known() })
}
