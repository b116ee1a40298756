use async_trait::async_trait;
use fanout_core::{Column, Reason, Record, Rows, Schema, Values};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{ChunkContext, Finished, Merge, Output, OutputError, OutputKind, Section, partial};

mod column;
mod extent;
mod numbers;

use column::ColumnProfile;

const NAME: &str = "profile";

/// Records, and for each column its type, nulls, invalid values, extremes, sum, mean and standard
/// deviation.
///
/// Counts, extremes and sums of integers and decimals are exact. Sums of floats, and the squares
/// behind standard deviations, carry twice the precision of a double until they are rounded for the
/// report: another chunk size changes at most their last bit.
pub(crate) struct Profile;

impl OutputKind for Profile {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        Ok(Box::new(ChunkProfile { found: Found::new(&chunk.schema), scratch: Scratch::default() }))
    }

    fn merge(&self, schema: &Schema) -> Box<dyn Merge> {
        Box::new(RunProfile { found: Found::new(schema), schema: schema.clone() })
    }
}

/// The partial.
#[derive(Serialize, Deserialize)]
struct Found {
    records: u64,
    columns: Vec<ColumnProfile>,
}

impl Found {
    fn new(schema: &Schema) -> Self {
        Self { records: 0, columns: vec![ColumnProfile::default(); schema.columns.len()] }
    }
}

struct ChunkProfile {
    found: Found,
    scratch: Scratch,
}

/// Values without their nulls, where there are any.
#[derive(Default)]
struct Scratch {
    integers: Vec<i64>,
    floats: Vec<f64>,
}

/// The values that aren't null; copied only if some are.
fn present<'v, T: Copy + Default>(values: &'v Values<T>, scratch: &'v mut Vec<T>) -> &'v [T] {
    if values.nulls == 0 {
        return &values.values;
    }
    scratch.clear();
    scratch.extend(values.values.iter().zip(&values.valid).filter(|(_, valid)| **valid).map(|(value, _)| *value));
    scratch
}

#[async_trait]
impl Output for ChunkProfile {
    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), OutputError> {
        self.found.records += rows.len() as u64;
        let scratch = &mut self.scratch;
        for (index, profile) in self.found.columns.iter_mut().enumerate() {
            match rows.column(index) {
                Column::Int64(values) => {
                    profile.nulls += values.nulls as u64;
                    profile.integers.extend_int64(present(values, &mut scratch.integers), &mut scratch.floats);
                }
                Column::Float64(values) => {
                    profile.nulls += values.nulls as u64;
                    profile.floats.extend(present(values, &mut scratch.floats));
                }
                Column::Timestamp(values) => {
                    profile.nulls += values.nulls as u64;
                    profile.timestamps.extend(present(values, &mut scratch.integers).iter().copied());
                }
                Column::Decimal(values, _) => {
                    profile.nulls += values.nulls as u64;
                    profile.decimals.extend(present(values, &mut Vec::new()));
                }
                Column::Boolean(values) => {
                    profile.nulls += values.nulls as u64;
                    profile.booleans.extend(present(values, &mut Vec::new()).iter().copied());
                }
                Column::Date(values) => {
                    profile.nulls += values.nulls as u64;
                    profile.dates.extend(present(values, &mut Vec::new()).iter().copied());
                }
                Column::Text if rows.schema().columns[index].column_type.is_some() => {
                    (0..rows.len()).for_each(|row| profile.text(&rows.field(row, index)));
                }
                Column::Text => (0..rows.len()).for_each(|row| {
                    let (observed, value) = rows.observed(row, index);
                    profile.observe(observed, &value);
                }),
            }
        }
        Ok(())
    }

    async fn reject(&mut self, _record: &Record<'_>, reason: &Reason) -> Result<(), OutputError> {
        if let Some(column) = reason.column().and_then(|column| self.found.columns.get_mut(column)) {
            column.invalid += 1;
        }
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<Finished, OutputError> {
        Ok(Finished { partial: partial(NAME, &self.found)?, parts: Vec::new() })
    }
}

struct RunProfile {
    found: Found,
    schema: Schema,
}

impl Merge for RunProfile {
    fn add(&mut self, partial: &RawValue) -> Result<(), OutputError> {
        let other: Found =
            serde_json::from_str(partial.get()).map_err(|source| OutputError::Partial { output: NAME, source })?;
        self.found.records += other.records;
        for (column, other) in self.found.columns.iter_mut().zip(other.columns) {
            column.merge(other);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Section {
        let columns = self.found.columns.iter().zip(&self.schema.columns).map(|(found, schema)| found.report(schema));
        Section { records: self.found.records, columns: columns.collect(), section: None }
    }
}
