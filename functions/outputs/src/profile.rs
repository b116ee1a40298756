//! The outputs `profile` and `exact_profile`: figures of each column, with and without sketches.

use std::sync::Arc;

use async_trait::async_trait;
use datasketches::error::Error;
use fanout_core::{Column, ColumnType, Reason, Record, Rows, Schema, Values};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use crate::{
    ChunkContext, Finished, Merge, Output, OutputError, OutputKind, RunContext, Section, partial, read_partial,
};

mod column;
mod counts;
mod distinct_values;
mod feed;
mod histogram;
mod min_max;
mod numbers;
mod packed;
mod quantiles;
mod repeats;
mod sample;
mod sketch;

use column::ColumnProfile;
use feed::Feed;
use packed::Packed;
use sample::Sample;
use sketch::{Sizes, SketchBytes, Sketches};

/// The key of a run's sketches, below its prefix.
const SKETCHES: &str = "merged/profile/sketches.json";

/// Records, and for each column its type, nulls, invalid values, extremes, sum, mean, standard
/// deviation and lengths; and, from sketches, distinct values, quantiles, a histogram and the most
/// frequent values.
///
/// Counts, extremes and sums of integers and decimals are exact. Sums of floats, and the squares
/// behind standard deviations, carry twice the precision of a double until they are rounded for the
/// report: another chunk size changes at most their last bit. Numbers of distinct values depend on
/// the values alone; quantiles, histograms and counts of frequent values are as close as they say.
///
/// The run's sketches are stored in `merged/profile/sketches.json`, each as the bytes that Apache
/// DataSketches reads in other languages, so that those of several runs can be merged. They are
/// smaller for more than 100 columns. There are none for more than 1,000.
pub(crate) struct Profile {
    name: &'static str,
    sketches: bool,
}

/// The profile with its sketches.
pub(crate) const PROFILE: Profile = Profile { name: "profile", sketches: true };

/// The exact figures alone, in about a quarter of the time.
pub(crate) const EXACT: Profile = Profile { name: "exact_profile", sketches: false };

impl OutputKind for Profile {
    fn name(&self) -> &'static str {
        self.name
    }

    fn start(&self, chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        let mut found = Found::new(&chunk.schema);
        if let Some(sizes) = Sizes::of(found.columns.len()).filter(|_| self.sketches) {
            for column in &mut found.columns {
                column.sketches = Some(Sketches::new(sizes).map_err(|source| self.failed(source))?);
            }
        }
        Ok(Box::new(ChunkProfile { name: self.name, chunk: chunk.index, found, scratch: Scratch::default() }))
    }

    fn merge(&self, run: &RunContext) -> Box<dyn Merge> {
        Box::new(RunProfile { name: self.name, found: Found::new(&run.schema), schema: run.schema.clone() })
    }
}

impl Profile {
    fn failed(&self, source: Error) -> OutputError {
        OutputError::Encode { output: self.name, source: Box::new(source) }
    }
}

/// The partial.
#[derive(Serialize, Deserialize)]
struct Found {
    records: u64,
    columns: Vec<ColumnProfile>,
    #[serde(default, skip_serializing_if = "Sample::is_empty")]
    sample: Sample,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sketches: Option<Packed>,
}

impl Found {
    fn new(schema: &Schema) -> Self {
        let columns = vec![ColumnProfile::default(); schema.columns.len()];
        Self { records: 0, columns, sample: Sample::default(), sketches: None }
    }

    /// Packs the sketches of the columns.
    fn pack(&mut self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let sketches: Option<Vec<_>> = self.columns.iter().map(|column| column.sketches.as_ref()).collect();
        if let Some(sketches) = sketches {
            let bytes = sketches.into_iter().map(Sketches::to_bytes).collect::<Result<Vec<_>, _>>()?;
            self.sketches = Some(Packed::of(&bytes)?);
        }
        Ok(())
    }
}

struct ChunkProfile {
    name: &'static str,
    chunk: u64,
    found: Found,
    scratch: Scratch,
}

/// Buffers that are filled for each batch anew, with the values that aren't null.
#[derive(Default)]
struct Scratch {
    feed: Feed,
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
        self.found.sample.take(rows, self.chunk);
        let scratch = &mut self.scratch;
        for (index, profile) in self.found.columns.iter_mut().enumerate() {
            if let Some(sketches) = &mut profile.sketches {
                scratch
                    .feed
                    .column(sketches, rows, index)
                    .map_err(|source| OutputError::Encode { output: self.name, source: Box::new(source) })?;
            }
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
                Column::Text => profile.texts(rows.texts(index)),
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

    async fn finish(mut self: Box<Self>) -> Result<Finished, OutputError> {
        self.found.pack().map_err(|source| OutputError::Encode { output: self.name, source })?;
        Ok(Finished { partial: partial(self.name, &self.found)?, parts: Vec::new() })
    }
}

/// A column of the stored sketches.
#[derive(Serialize)]
struct StoredColumn<'s> {
    name: &'s str,
    #[serde(rename = "type")]
    column_type: ColumnType,
    sketches: &'s Sketches,
}

/// Columns from which on a second thread merges half of them.
const MANY_COLUMNS: usize = 64;

/// Merges columns and their sketches, of which there may be none.
fn merge_columns(
    columns: &mut [ColumnProfile],
    others: &[ColumnProfile],
    sketches: &[SketchBytes],
) -> Result<(), Error> {
    if columns.len() >= MANY_COLUMNS && columns.len() == others.len() {
        let half = columns.len() / 2;
        let (left, right) = columns.split_at_mut(half);
        let (sketches_left, sketches_right) = sketches.split_at(half.min(sketches.len()));
        return std::thread::scope(|scope| {
            let other = scope.spawn(|| merge_each(right, &others[half..], sketches_right));
            let done = merge_each(left, &others[..half], sketches_left);
            done.and(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
    }
    merge_each(columns, others, sketches)
}

fn merge_each(columns: &mut [ColumnProfile], others: &[ColumnProfile], sketches: &[SketchBytes]) -> Result<(), Error> {
    for (column, other) in columns.iter_mut().zip(others) {
        column.merge(other.clone())?;
    }
    columns.iter_mut().zip(sketches).try_for_each(|(column, bytes)| column.merge_sketches(bytes))
}

struct RunProfile {
    name: &'static str,
    found: Found,
    schema: Arc<Schema>,
}

impl Merge for RunProfile {
    fn add(&mut self, partial: &RawValue) -> Result<(), OutputError> {
        let output = self.name;
        let failed = |source| OutputError::Encode { output, source };
        let other: Found = read_partial(output, partial)?;
        self.found.records += other.records;
        self.found.sample.merge(other.sample);
        let sketches =
            other.sketches.map(|packed| packed.unpack()).transpose().map_err(|error| failed(error.into()))?;
        let sketches = sketches.unwrap_or_default();
        merge_columns(&mut self.found.columns, &other.columns, &sketches).map_err(|error| failed(error.into()))
    }

    fn finish(self: Box<Self>) -> Result<Section, OutputError> {
        let columns = || self.found.columns.iter().zip(&self.schema.columns);
        let failed = |source: Error| OutputError::Encode { output: self.name, source: Box::new(source) };
        let reports = columns().map(|(found, schema)| found.report(schema)).collect::<Result<Vec<_>, _>>();
        let reports = reports.map_err(failed)?;
        let stored: Vec<_> = columns()
            .zip(&reports)
            .filter_map(|((found, schema), report)| {
                let sketches = found.sketches.as_ref()?;
                Some(StoredColumn { name: &schema.name, column_type: report.column_type, sketches })
            })
            .collect();
        let mut files = Vec::new();
        if !stored.is_empty() {
            let fail = |source| OutputError::Partial { output: self.name, source };
            files.push((SKETCHES.to_owned(), serde_json::to_vec(&json!({ "columns": stored })).map_err(fail)?));
        }
        let sample = self.found.sample.into_records();
        Ok(Section { records: self.found.records, columns: reports, sample, files, ..Section::default() })
    }
}
