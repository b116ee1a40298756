//! The partial of outputs that only count the records that they wrote.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Merge, OutputError, Section, partial, read_partial};

/// The merge of partials that hold only a number of records.
pub struct RecordCount {
    output: &'static str,
    records: u64,
}

#[derive(Serialize, Deserialize)]
struct Count {
    records: u64,
}

impl RecordCount {
    /// The count of an output, at 0.
    pub fn new(output: &'static str) -> Self {
        Self { output, records: 0 }
    }

    /// The partial of a chunk.
    ///
    /// # Errors
    ///
    /// [`OutputError::Partial`] where it cannot be written as JSON.
    pub fn partial(output: &'static str, records: u64) -> Result<Box<RawValue>, OutputError> {
        partial(output, &Count { records })
    }
}

impl Merge for RecordCount {
    fn add(&mut self, partial: &RawValue) -> Result<(), OutputError> {
        let count: Count = read_partial(self.output, partial)?;
        self.records += count.records;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Section, OutputError> {
        Ok(Section { records: self.records, ..Section::default() })
    }
}
