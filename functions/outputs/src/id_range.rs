//! An output of one's own, as an example: the smallest and the largest `id`. Copy this file, and
//! add a line to [`crate::ALL`].

use async_trait::async_trait;
use fanout_core::{Observed, Rows, Schema};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{ChunkContext, Finished, Merge, Output, OutputError, OutputKind, Section, partial, read_partial};

const NAME: &str = "id_range";

/// The smallest and the largest `id` of each chunk, and of the run.
pub(crate) struct IdRange;

impl OutputKind for IdRange {
    fn name(&self) -> &'static str {
        NAME
    }

    fn validate(&self, schema: &Schema) -> Result<(), OutputError> {
        id_column(schema).map(|_| ())
    }

    fn start(&self, chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        Ok(Box::new(Chunk { column: id_column(&chunk.schema)?, range: Range::default() }))
    }

    fn merge(&self, _schema: &Schema) -> Box<dyn Merge> {
        Box::new(Range::default())
    }
}

fn id_column(schema: &Schema) -> Result<usize, OutputError> {
    let missing = || OutputError::Unusable { output: NAME, reason: "there is no column \"id\"".into() };
    schema.columns.iter().position(|column| column.name == "id").ok_or_else(missing)
}

/// The partial: what a chunk found, and what two of them come to.
#[derive(Default, Serialize, Deserialize)]
struct Range {
    records: u64,
    smallest: Option<i64>,
    largest: Option<i64>,
}

struct Chunk {
    column: usize,
    range: Range,
}

#[async_trait]
impl Output for Chunk {
    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), OutputError> {
        for row in 0..rows.len() {
            self.range.records += 1;
            if let (Observed::Int64(id), _) = rows.observed(row, self.column) {
                self.range.include(id);
            }
        }
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<Finished, OutputError> {
        Ok(Finished { partial: partial(NAME, &self.range)?, parts: Vec::new() })
    }
}

impl Range {
    fn include(&mut self, id: i64) {
        self.smallest = Some(self.smallest.map_or(id, |smallest| smallest.min(id)));
        self.largest = Some(self.largest.map_or(id, |largest| largest.max(id)));
    }
}

impl Merge for Range {
    fn add(&mut self, partial: &RawValue) -> Result<(), OutputError> {
        let other: Range = read_partial(NAME, partial)?;
        self.records += other.records;
        other.smallest.into_iter().chain(other.largest).for_each(|id| self.include(id));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Section, OutputError> {
        let section = serde_json::json!({ "smallest": self.smallest, "largest": self.largest });
        Ok(Section { records: self.records, section: Some(section), ..Section::default() })
    }
}
