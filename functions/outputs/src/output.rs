//! The traits of an output: its kind, its work on one chunk, and the merge of its partials.

use std::sync::Arc;

use async_trait::async_trait;
use fanout_core::message::{ColumnReport, OutputOptions, Part};
use fanout_core::{Encoding, Format, Location, Reason, Record, Rows, Schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::{OutputError, PartStore, RunStore};

/// A kind of output. It starts an output for each chunk, and the merge of the chunks' partials.
pub trait OutputKind: Send + Sync {
    /// The name in jobs, datasets and reports.
    fn name(&self) -> &'static str;

    /// Checks that the output can work on these columns with these options. Called when the run is planned.
    ///
    /// # Errors
    ///
    /// [`OutputError::Unusable`]. The default accepts any columns and has no options.
    fn validate(&self, schema: &Schema, options: &OutputOptions) -> Result<(), OutputError> {
        let _ = schema;
        read_options::<NoOptions>(self.name(), options).map(|_| ())
    }

    /// A fresh output for one chunk.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where it cannot be made. The chunk fails with it.
    fn start(&self, chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError>;

    /// A fresh merge for one run.
    fn merge(&self, run: &RunContext) -> Box<dyn Merge>;
}

/// The context of an output at work on one chunk.
#[derive(Clone)]
pub struct ChunkContext {
    /// The columns with their types.
    pub schema: Arc<Schema>,
    /// The format of the object's text.
    pub format: Format,
    /// The encoding of the object's text. Fields are UTF-8 all the same; a record's own bytes aren't.
    pub encoding: Encoding,
    /// The output's options, which it has validated.
    pub options: OutputOptions,
    /// The run's id.
    pub run_id: String,
    /// The chunk's number.
    pub index: u64,
    /// The store of the run's parts.
    pub parts: Arc<dyn PartStore>,
    /// Cores that the work on this chunk has. One does everything but what an output hands to others.
    pub cores: usize,
}

/// The context of a merge.
#[derive(Debug, Clone)]
pub struct RunContext {
    /// The columns with their types.
    pub schema: Arc<Schema>,
    /// The output's options, which it has validated.
    pub options: OutputOptions,
    /// The run's id.
    pub run_id: String,
    /// The location of the run's results: a bucket (or folder) and a prefix.
    pub results: Location,
    /// The names of all outputs of the run.
    pub outputs: Vec<String>,
}

/// An output at work on one chunk.
///
/// An error says whether trying again may help: [`OutputError::Unavailable`] has the state machine (or
/// a local run) process the chunk again after a wait, [`OutputError::Failed`] ends the run.
///
/// A chunk may be processed more than once, by a retry or a repair. The effect of an output must be
/// the same however often it is done. That holds for parts, which are named after the chunk. An output
/// that writes elsewhere has to see to it (an upsert, a key made of the record's offset).
#[async_trait]
pub trait Output: Send {
    /// Rows that this output refuses, each by its number and the reason. Every output is asked before
    /// any of them gets the batch, so that all of them get the same records.
    fn refuse(&mut self, rows: &Rows<'_>) -> Vec<(usize, Reason)> {
        let _ = rows;
        Vec::new()
    }

    /// Takes the accepted records of one batch, in their order; none twice.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where they cannot be encoded or written. The chunk fails with it.
    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), OutputError>;

    /// Takes a refused record, with the reason. The default ignores it.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where it cannot be written. The chunk fails with it.
    async fn reject(&mut self, record: &Record<'_>, reason: &Reason) -> Result<(), OutputError> {
        let _ = (record, reason);
        Ok(())
    }

    /// Ends the output after the chunk's last record. A chunk that fails drops its outputs without
    /// this call.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where the last records or the partial cannot be written. The chunk fails with it.
    async fn finish(self: Box<Self>) -> Result<Finished, OutputError>;
}

/// The result of an output for one chunk: its partial and its parts.
pub struct Finished {
    /// The partial for [`Merge::add`]: small, whatever the chunk's size.
    pub partial: Box<RawValue>,
    /// The parts that it wrote.
    pub parts: Vec<Part>,
}

/// Merges the partials of a run.
#[async_trait]
pub trait Merge: Send {
    /// Takes the next chunk's partial; chunks come in their order, each once.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where it is no partial of this output.
    fn add(&mut self, partial: &RawValue) -> Result<(), OutputError>;

    /// Takes the next chunk's partial, as [`Merge::add`], with what stands in the object before the chunk. The default
    /// does not look at that.
    ///
    /// # Errors
    ///
    /// As [`Merge::add`].
    fn add_after(&mut self, before: &BeforeChunk, partial: &RawValue) -> Result<(), OutputError> {
        let _ = before;
        self.add(partial)
    }

    /// Returns the output's section of the report.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where the section cannot be made. The run fails with it.
    fn finish(self: Box<Self>) -> Result<Section, OutputError>;

    /// Returns the output's section of the report, as [`Merge::finish`], of an output that reads the parts of chunks
    /// and writes some of the run. The default reads and writes none.
    ///
    /// Called again by another attempt, over the same parts, it must leave the same.
    ///
    /// # Errors
    ///
    /// As [`Merge::finish`], and where a part can't be read or written.
    async fn finish_in(self: Box<Self>, store: Arc<dyn RunStore>) -> Result<Section, OutputError> {
        let _ = store;
        self.finish()
    }
}

/// The part of an object before a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BeforeChunk {
    /// The chunk's number.
    pub index: u64,
    /// Records before it, refused ones included.
    pub records: u64,
    /// Line breaks before it; unknown with S3 Select.
    pub lines: Option<u64>,
}

/// An output's section of the report.
#[derive(Debug, Default)]
pub struct Section {
    /// Records that the output saw, or wrote.
    pub records: u64,
    /// The report's columns; of the profile alone.
    pub columns: Vec<ColumnReport>,
    /// The first accepted records, a text for each column and `None` for null; of the profile alone.
    pub sample: Vec<Vec<Option<String>>>,
    /// Objects of the run as a whole, small ones: names below the run's prefix, which begin with
    /// `merged/`, or with `data/` where it is a part, and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// The parts of the run as a whole: those among these objects, and those written by [`Merge::finish_in`].
    pub parts: Vec<Part>,
    /// Tells that the parts of chunks went into those of the run, and are of no use to readers.
    pub parts_are_merged: bool,
    /// Further results of the output, as any JSON.
    pub section: Option<serde_json::Value>,
}

/// The options of an output that has none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoOptions {}

/// Reads an output's options as a type of its own, one field for each option.
///
/// # Errors
///
/// [`OutputError::Unusable`] with the name of an option that is unknown or has a wrong value.
pub fn read_options<T: DeserializeOwned>(output: &'static str, options: &OutputOptions) -> Result<T, OutputError> {
    serde_json::from_value(options.clone().into())
        .map_err(|error| OutputError::Unusable { output, reason: error.to_string() })
}

/// A partial from any type of one's own.
///
/// # Errors
///
/// [`OutputError::Partial`] where the value cannot be written as JSON.
pub fn partial<T: Serialize>(output: &'static str, value: &T) -> Result<Box<RawValue>, OutputError> {
    to_raw_value(value).map_err(|source| OutputError::Partial { output, source })
}

/// A partial as its own type again.
///
/// # Errors
///
/// [`OutputError::Partial`] where it is not JSON of that type.
pub fn read_partial<T: DeserializeOwned>(output: &'static str, partial: &RawValue) -> Result<T, OutputError> {
    serde_json::from_str(partial.get()).map_err(|source| OutputError::Partial { output, source })
}
