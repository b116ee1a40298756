//! A file of results: Parquet, CSV or JSON lines, batch by batch.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::csv::WriterBuilder as CsvBuilder;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::json::WriterBuilder as JsonBuilder;
use datafusion::arrow::json::writer::LineDelimited;
use fanout_core::message::Part;
use fanout_outputs::{OutputError, PartBuffer, PartStore};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};

use crate::NAME;
use crate::error::encode;

/// Bytes of encoded columns that become a row group.
const ROW_GROUP_BYTES: usize = 32 << 20;

/// The format of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FileFormat {
    /// Parquet.
    #[default]
    Parquet,
    /// CSV with a header.
    Csv,
    /// A JSON object a line.
    Jsonl,
}

impl FileFormat {
    /// The end of a file's name.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            FileFormat::Parquet => "parquet",
            FileFormat::Csv => "csv",
            FileFormat::Jsonl => "jsonl",
        }
    }
}

/// A file being written.
pub(crate) struct Table {
    format: FileFormat,
    schema: SchemaRef,
    parquet: Option<ArrowWriter<Vec<u8>>>,
    rows: u64,
    part: PartBuffer,
}

/// A file that is complete.
pub(crate) enum Complete {
    /// A file with rows, in the store.
    Part(Part),
    /// A file without a row, yet to be stored.
    Empty(Vec<u8>),
}

impl Table {
    /// A file at `key` with these columns.
    pub(crate) fn new(store: Arc<dyn PartStore>, key: String, format: FileFormat, schema: SchemaRef) -> Self {
        Self { format, schema, parquet: None, rows: 0, part: PartBuffer::new(store, NAME, key) }
    }

    /// Appends a batch.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where it can't be encoded or written.
    pub(crate) async fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        let mut encoded = match self.format {
            FileFormat::Parquet => self.parquet(batch)?,
            FileFormat::Csv => csv(batch, self.rows == 0)?,
            FileFormat::Jsonl => jsonl(batch)?,
        };
        self.rows += batch.num_rows() as u64;
        self.part.buffer().append(&mut encoded);
        self.part.appended(batch.num_rows() as u64).await
    }

    fn begun(&mut self) -> Result<&mut ArrowWriter<Vec<u8>>, OutputError> {
        match &mut self.parquet {
            Some(writer) => Ok(writer),
            none => {
                let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
                let writer = ArrowWriter::try_new(Vec::new(), self.schema.clone(), Some(properties));
                Ok(none.insert(writer.map_err(encode)?))
            }
        }
    }

    /// Takes a batch, and returns what is encoded by now.
    fn parquet(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, OutputError> {
        let writer = self.begun()?;
        writer.write(batch).map_err(encode)?;
        if writer.memory_size() >= ROW_GROUP_BYTES {
            writer.flush().map_err(encode)?;
        }
        Ok(std::mem::take(writer.inner_mut()))
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where it can't be written.
    pub(crate) async fn finish(mut self) -> Result<Complete, OutputError> {
        let mut end = match self.format {
            FileFormat::Parquet => {
                let writer = self.begun()?;
                writer.finish().map_err(encode)?;
                std::mem::take(writer.inner_mut())
            }
            FileFormat::Csv if self.rows == 0 => csv(&RecordBatch::new_empty(self.schema.clone()), true)?,
            FileFormat::Csv | FileFormat::Jsonl => Vec::new(),
        };
        if self.rows == 0 {
            return Ok(Complete::Empty(end));
        }
        self.part.buffer().append(&mut end);
        Ok(match self.part.finish().await? {
            Some(part) => Complete::Part(part),
            None => Complete::Empty(Vec::new()),
        })
    }
}

fn csv(batch: &RecordBatch, header: bool) -> Result<Vec<u8>, OutputError> {
    let mut encoded = Vec::new();
    let mut writer = CsvBuilder::new().with_header(header).build(&mut encoded);
    writer.write(batch).map_err(encode)?;
    drop(writer);
    Ok(encoded)
}

fn jsonl(batch: &RecordBatch) -> Result<Vec<u8>, OutputError> {
    let mut writer = JsonBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(Vec::new());
    writer.write(batch).map_err(encode)?;
    writer.finish().map_err(encode)?;
    Ok(writer.into_inner())
}
