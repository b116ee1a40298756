//! The output `parquet`: one file for each chunk that has a record. One row group at a time is in memory; with more
//! than one core two of them, of which one is filled while the other is encoded.

use std::future::ready;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use fanout_core::message::{OutputOptions, Part as WrittenPart};
use fanout_core::{Rows, Schema};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::task::{JoinError, spawn_blocking};

use crate::count::RecordCount;
use crate::{
    ChunkContext, Finished, Merge, Output, OutputError, OutputKind, PartBuffer, RunContext, Section, read_options,
};

mod column;
mod extremes;
mod tables;

use column::ColumnBuffer;

const NAME: &str = "parquet";

/// Bytes of values that are held before they become a row group. Their encoded pages are held beside
/// them for a moment. Together they stay far below 256 MiB, whatever the chunk's size.
const ROW_GROUP_BYTES: usize = 32 << 20;

/// Rows of a row group at most, as many as DuckDB writes: readers can share out the row groups, and few narrow columns stay
/// in the processor's cache until they are encoded.
const ROW_GROUP_ROWS: usize = 120 << 10;

/// Bytes of a page of values at most, or one value more. The encoder takes memory for each page anew: memory of this size
/// stays with the process, that of larger pages goes back to the system each time.
const PAGE_BYTES: usize = 128 << 10;

/// Of so many row groups one is compressed even in columns that compression hardly makes smaller.
const TRIES: usize = 8;

/// Every record as a row of Parquet, columns in header order, one part a chunk; a chunk without a
/// record has no part, and a run without one has a part with the schema alone. `merged/parquet/` has
/// the statements that make the parts a table of DuckDB and of Athena.
///
/// All parts of a run have one schema. `int64`, `float64`, `boolean` and `date` are the types of
/// these names; `decimal(p,s)` is exact; `timestamp` is in microseconds and UTC; `string` and columns
/// without a type are UTF-8 strings. An empty field is null; in a string column one in quotes is an empty string. Pages are compressed with Snappy, or as the option `compression` says
/// (`none`, `snappy`, `zstd`), but for columns that it hardly makes smaller. Each column of a row group has its extremes and its number of nulls in
/// the footer.
pub(crate) struct Parquet;

/// The options of this output.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    compression: PageCompression,
}

/// The compression of pages.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PageCompression {
    None,
    #[default]
    Snappy,
    Zstd,
}

impl From<PageCompression> for Compression {
    fn from(compression: PageCompression) -> Self {
        match compression {
            PageCompression::None => Compression::UNCOMPRESSED,
            PageCompression::Snappy => Compression::SNAPPY,
            PageCompression::Zstd => Compression::ZSTD(ZstdLevel::default()),
        }
    }
}

impl OutputKind for Parquet {
    fn name(&self) -> &'static str {
        NAME
    }

    fn validate(&self, _schema: &Schema, options: &OutputOptions) -> Result<(), OutputError> {
        read_options::<Options>(NAME, options).map(|_| ())
    }

    fn start(&self, chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        let options: Options = read_options(NAME, &chunk.options)?;
        let schema = Arc::new(column::schema(&chunk.schema).map_err(failed)?);
        let columns = || chunk.schema.columns.iter().map(ColumnBuffer::new).collect();
        let encoder = Encoder { file: None, schema, compression: options.compression, rows: 0 };
        Ok(Box::new(Part {
            encoding: Box::pin(ready(Ok((encoder, columns())))),
            aside: chunk.cores > 1,
            columns: columns(),
            rows: 0,
            part: PartBuffer::new(chunk.parts.clone(), NAME, part_key(chunk.index)),
        }))
    }

    fn merge(&self, run: &RunContext) -> Box<dyn Merge> {
        Box::new(Run { context: run.clone(), count: RecordCount::new(NAME) })
    }
}

/// The merge of a run's parts.
struct Run {
    context: RunContext,
    count: RecordCount,
}

impl Merge for Run {
    fn add(&mut self, partial: &RawValue) -> Result<(), OutputError> {
        self.count.add(partial)
    }

    fn finish(self: Box<Self>) -> Result<Section, OutputError> {
        let Self { context, count } = *self;
        let mut section = Box::new(count).finish()?;
        if section.records == 0 {
            // A table without a row is a table.
            let bytes = empty_part(&context).map_err(failed)?;
            let key = part_key(0);
            let part = WrittenPart { output: NAME.to_owned(), key: key.clone(), records: 0, bytes: bytes.len() as u64 };
            section.files.push((key, bytes));
            section.parts.push(part);
        }
        let statements = [("duckdb", Some(tables::duckdb(&context))), ("athena", tables::athena(&context))];
        let statements = statements.into_iter().filter_map(|(engine, sql)| Some((engine, sql?)));
        let files = statements.clone().map(|(engine, sql)| (format!("merged/parquet/{engine}.sql"), sql.into_bytes()));
        section.files.extend(files);
        section.section =
            Some(Value::Object(statements.map(|(engine, sql)| (engine.to_owned(), sql.into())).collect()));
        Ok(section)
    }
}

fn part_key(index: u64) -> String {
    format!("data/part-{index:05}.parquet")
}

/// A file with the schema alone.
fn empty_part(run: &RunContext) -> Result<Vec<u8>, ParquetError> {
    let schema = Arc::new(column::schema(&run.schema)?);
    let mut file =
        SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties(PageCompression::default()).build()))?;
    file.finish()?;
    Ok(std::mem::take(file.inner_mut()))
}

fn properties(compression: PageCompression) -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(compression.into())
        .set_data_page_size_limit(PAGE_BYTES)
        // Of a page they would grow with the part: they are kept until its end.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_created_by(concat!("fanout ", env!("CARGO_PKG_VERSION")).to_owned())
}

/// A file that has begun.
struct File {
    writer: SerializedFileWriter<Vec<u8>>,
    columns: Vec<Encoding>,
    /// A buffer for the pages of one column.
    pages: Vec<u8>,
    row_groups: usize,
}

/// The way in which a column is encoded.
struct Encoding {
    properties: WriterPropertiesPtr,
    /// Tells whether compression took less than a twentieth off its pages.
    incompressible: bool,
}

impl File {
    /// Begins a file. The values of its first row group say which columns are written without a dictionary.
    fn begin(schema: &Arc<Type>, compression: PageCompression, columns: &[ColumnBuffer]) -> Result<Self, ParquetError> {
        let encoding = |column: &ColumnBuffer| {
            let statistics = if column.has_statistics() { EnabledStatistics::None } else { EnabledStatistics::Chunk };
            let properties = properties(compression).set_statistics_enabled(statistics);
            let properties = properties.set_dictionary_enabled(!column.is_distinct());
            Encoding { properties: Arc::new(properties.build()), incompressible: false }
        };
        Ok(Self {
            writer: SerializedFileWriter::new(Vec::new(), schema.clone(), Arc::new(properties(compression).build()))?,
            columns: columns.iter().map(encoding).collect(),
            pages: Vec::new(),
            row_groups: 0,
        })
    }

    /// Encodes a row group, and forgets its values.
    fn append(&mut self, columns: &mut [ColumnBuffer]) -> Result<(), ParquetError> {
        let schema = self.writer.schema_descr().clone();
        let mut group = self.writer.next_row_group()?;
        // Now and then compression is tried again.
        let tries = self.row_groups.is_multiple_of(TRIES);
        for (index, (column, encoding)) in columns.iter_mut().zip(&mut self.columns).enumerate() {
            let mut properties = encoding.properties.clone();
            if encoding.incompressible && !tries {
                let plain = properties.as_ref().clone().into_builder();
                properties = Arc::new(plain.set_compression(Compression::UNCOMPRESSED).build());
            }
            let (size, before) = column.write_to(&mut group, schema.column(index), properties, &mut self.pages)?;
            if tries {
                encoding.incompressible = size > before - before / 20;
            }
        }
        group.close()?;
        self.row_groups += 1;
        Ok(self.writer.flush()?)
    }
}

fn failed(source: ParquetError) -> OutputError {
    OutputError::Encode { output: NAME, source: Box::new(source) }
}

struct Part {
    /// The encoder and the columns that it has emptied, when the row group before this one is encoded.
    encoding: Pending,
    /// Tells whether another core encodes a row group while the next one is filled.
    aside: bool,
    /// The row group that is being filled.
    columns: Vec<ColumnBuffer>,
    /// Rows of the row group.
    rows: usize,
    part: PartBuffer,
}

type Pending = Pin<Box<dyn Future<Output = Result<Encoded, OutputError>> + Send>>;
type Encoded = (Encoder, Vec<ColumnBuffer>);

/// The file of a part.
struct Encoder {
    /// `None` before the first row group.
    file: Option<File>,
    schema: Arc<Type>,
    compression: PageCompression,
    /// Rows that are encoded and not yet handed on.
    rows: u64,
}

impl Encoder {
    /// Encodes a row group, and forgets its values.
    fn encode(mut self, mut columns: Vec<ColumnBuffer>, rows: usize) -> Result<Encoded, OutputError> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::begin(&self.schema, self.compression, &columns).map_err(failed)?),
        };
        file.append(&mut columns).map_err(failed)?;
        self.rows += rows as u64;
        Ok((self, columns))
    }

    /// Moves what was encoded to the part.
    async fn drain(&mut self, part: &mut PartBuffer) -> Result<(), OutputError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let (encoded, buffer) = (file.writer.inner_mut(), part.buffer());
        if buffer.is_empty() {
            std::mem::swap(encoded, buffer);
        } else {
            buffer.append(encoded);
        }
        part.appended(std::mem::take(&mut self.rows)).await
    }
}

impl Part {
    /// Waits until the row group before is encoded, and hands it on.
    async fn encoded(&mut self) -> Result<Encoded, OutputError> {
        let (mut encoder, emptied) = (&mut self.encoding).await?;
        encoder.drain(&mut self.part).await?;
        Ok((encoder, emptied))
    }

    /// Encodes the row group, or begins to.
    async fn end_row_group(&mut self) -> Result<(), OutputError> {
        let rows = std::mem::take(&mut self.rows);
        let (encoder, emptied) = self.encoded().await?;
        let full = std::mem::replace(&mut self.columns, emptied);
        let encode = move || encoder.encode(full, rows);
        if self.aside {
            let task = spawn_blocking(encode);
            self.encoding = Box::pin(async { task.await.unwrap_or_else(lost) });
        } else {
            self.encoding = Box::pin(ready(encode()));
            let (encoder, emptied) = self.encoded().await?;
            // The memory of one row group is enough.
            let unused = std::mem::replace(&mut self.columns, emptied);
            self.encoding = Box::pin(ready(Ok((encoder, unused))));
        }
        Ok(())
    }
}

/// Goes on with the panic of a task.
fn lost(task: JoinError) -> Result<Encoded, OutputError> {
    match task.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(cancelled) => Err(OutputError::Encode { output: NAME, source: Box::new(cancelled) }),
    }
}

#[async_trait]
impl Output for Part {
    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), OutputError> {
        let mut from = 0;
        while from < rows.len() {
            // Cut at a row, wherever batches end: how the object came in pieces does not show.
            let to = rows.len().min(from + ROW_GROUP_ROWS - self.rows);
            let mut bytes = 0;
            for (index, column) in self.columns.iter_mut().enumerate() {
                bytes += column.extend(rows, from..to, index);
            }
            self.rows += to - from;
            if bytes >= ROW_GROUP_BYTES || self.rows == ROW_GROUP_ROWS {
                self.end_row_group().await?;
            }
            from = to;
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<Finished, OutputError> {
        if self.rows > 0 {
            self.end_row_group().await?;
        }
        let (mut encoder, _) = self.encoded().await?;
        if let Some(file) = &mut encoder.file {
            file.writer.finish().map_err(failed)?;
        }
        encoder.drain(&mut self.part).await?;
        let part = self.part.finish().await?;
        let records = part.as_ref().map_or(0, |part| part.records);
        Ok(Finished { partial: RecordCount::partial(NAME, records)?, parts: part.into_iter().collect() })
    }
}
