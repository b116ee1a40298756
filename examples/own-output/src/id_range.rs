//! An output that finds the smallest and the largest whole number of one column.

use async_trait::async_trait;
use fanout_core::message::OutputOptions;
use fanout_core::{Rows, Schema, Value};
use fanout_outputs::{
    ChunkContext, Finished, Merge, Output, OutputError, OutputKind, RunContext, Section, partial, read_options,
    read_partial,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

const NAME: &str = "id_range";

/// The smallest and the largest whole number of a column, by default of `id`.
pub struct IdRange;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    #[serde(default = "default_column")]
    column: String,
}

fn default_column() -> String {
    "id".to_owned()
}

impl OutputKind for IdRange {
    fn name(&self) -> &'static str {
        NAME
    }

    fn validate(&self, schema: &Schema, options: &OutputOptions) -> Result<(), OutputError> {
        column(schema, options).map(|_| ())
    }

    fn start(&self, chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        Ok(Box::new(Chunk { column: column(&chunk.schema, &chunk.options)?, range: Range::default() }))
    }

    fn merge(&self, _run: &RunContext) -> Box<dyn Merge> {
        Box::new(Range::default())
    }
}

/// The index of the column that the options name.
fn column(schema: &Schema, options: &OutputOptions) -> Result<usize, OutputError> {
    let name = read_options::<Options>(NAME, options)?.column;
    let found = schema.columns.iter().position(|column| column.name == name);
    found.ok_or_else(|| OutputError::Unusable { output: NAME, reason: format!("there is no column {name:?}") })
}

/// The output at work on one chunk.
struct Chunk {
    column: usize,
    range: Range,
}

#[async_trait]
impl Output for Chunk {
    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), OutputError> {
        for row in 0..rows.len() {
            if let Some(id) = whole_number(rows, row, self.column) {
                self.range.include(id);
            }
        }
        self.range.records += rows.len() as u64;
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<Finished, OutputError> {
        Ok(Finished { partial: partial(NAME, &self.range)?, parts: Vec::new() })
    }
}

/// The value of an `int64` column, or of a text that is a whole number.
fn whole_number(rows: &Rows<'_>, row: usize, column: usize) -> Option<i64> {
    match rows.value(row, column) {
        Value::Int64(id) => Some(id),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// The partial: the range of one chunk, and the merge of all of them.
#[derive(Default, Serialize, Deserialize)]
struct Range {
    records: u64,
    smallest: Option<i64>,
    largest: Option<i64>,
}

impl Range {
    fn include(&mut self, id: i64) {
        self.smallest = Some(self.smallest.map_or(id, |smallest| smallest.min(id)));
        self.largest = Some(self.largest.map_or(id, |largest| largest.max(id)));
    }
}

impl Merge for Range {
    fn add(&mut self, partial: &RawValue) -> Result<(), OutputError> {
        let chunk: Range = read_partial(NAME, partial)?;
        self.records += chunk.records;
        chunk.smallest.into_iter().chain(chunk.largest).for_each(|id| self.include(id));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Section, OutputError> {
        let section = json!({ "smallest": self.smallest, "largest": self.largest });
        Ok(Section { records: self.records, section: Some(section), ..Section::default() })
    }
}
