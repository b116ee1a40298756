//! The first records of a run, for a person to see what they look like.

use fanout_core::Rows;
use serde::{Deserialize, Serialize};

use super::sketch::cut;

/// Records of a sample.
const RECORDS: usize = 10;

/// Chunks that may have one of them, unless records are longer than chunks.
const CHUNKS: u64 = RECORDS as u64;

/// Columns beyond which nobody reads a record.
const COLUMNS: usize = 500;

/// The first accepted records: texts as they stand, cut to 64 characters, and `None` for null.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Sample(Vec<Vec<Option<String>>>);

impl Sample {
    /// Takes records of a batch of the chunk with this number, where the sample has room for them.
    pub(super) fn take(&mut self, rows: &Rows<'_>, chunk: u64) {
        let columns = rows.schema().columns.len();
        if chunk >= CHUNKS || columns > COLUMNS {
            return;
        }
        let text = |row: usize, column: usize| {
            let value = || cut(rows.field(row, column).value());
            (!rows.is_null(row, column)).then(|| String::from_utf8_lossy(&value()).into_owned())
        };
        let room = RECORDS - self.0.len();
        self.0.extend((0..rows.len().min(room)).map(|row| (0..columns).map(|column| text(row, column)).collect()));
    }

    /// Takes the records of the next chunk.
    pub(super) fn merge(&mut self, other: Self) {
        let room = RECORDS - self.0.len().min(RECORDS);
        self.0.extend(other.0.into_iter().take(room));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the records.
    pub(super) fn into_records(self) -> Vec<Vec<Option<String>>> {
        self.0
    }
}
