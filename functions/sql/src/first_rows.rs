//! The first rows of a result as texts, for the report.

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use fanout_outputs::OutputError;
use serde::{Deserialize, Serialize};

use crate::error::encode;

/// Rows that are kept.
const ROWS: usize = 100;

/// Bytes of their texts that are kept; the first row is kept whatever it has.
const BYTES: usize = 64 << 10;

/// Characters of a text that are kept.
const CHARACTERS: usize = 400;

/// The first rows, a text for each column and `None` for null.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct FirstRows {
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

impl FirstRows {
    /// Takes as many rows of the batch as are still wanted.
    ///
    /// # Errors
    ///
    /// [`OutputError::Encode`] where a value has no text.
    pub(crate) fn take(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        if self.is_full() {
            return Ok(());
        }
        let options = FormatOptions::default();
        let columns = batch.columns().iter();
        let formats: Vec<_> = columns
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<_, _>>()
            .map_err(encode)?;
        for row in 0..batch.num_rows() {
            if self.is_full() {
                break;
            }
            let mut texts = Vec::with_capacity(formats.len());
            for (column, format) in batch.columns().iter().zip(&formats) {
                let text = if column.is_null(row) {
                    None
                } else {
                    Some(shortened(format.value(row).try_to_string().map_err(encode)?))
                };
                texts.push(text);
            }
            self.rows.push(texts);
        }
        Ok(())
    }

    /// Takes the rows of the next chunk.
    pub(crate) fn extend(&mut self, next: FirstRows) {
        for row in next.rows {
            if self.is_full() {
                break;
            }
            self.rows.push(row);
        }
    }

    fn is_full(&self) -> bool {
        let bytes: usize = self.rows.iter().flatten().flatten().map(String::len).sum();
        self.rows.len() >= ROWS || bytes >= BYTES
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
