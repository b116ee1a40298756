//! The work that benchmarks measure: a generated file in memory, scanned, decoded and fed to an output.

use std::hint::black_box;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::{ColumnRule, Dataset, OutputOptions};
use fanout_core::{
    Batch, ColumnType, DEFAULT_MAX_RECORD, Decoder, Dialect, Encoding, Format, Samples, Scanner, Schema, SchemaColumn,
    Start, resolve,
};
use fanout_outputs::{BUILT_IN, ChunkContext, Output, OutputError, PartStore, PartWriter, find};
use futures::executor::block_on;

// The file that `fanout sample` writes, without the SDK that the command line is built with.
#[path = "../../../../cli/src/sample.rs"]
#[allow(unreachable_pub, unused_imports)] // It is written for a library, and has tests.
mod sample;

const PIECE: usize = 256 << 10;

/// A file of about so many bytes.
pub(crate) fn text(bytes: u64) -> Vec<u8> {
    let mut text = Vec::new();
    sample::write(bytes / 58, &mut text, |_| ()).unwrap();
    text
}

/// The records of a file.
pub(crate) fn records(text: &[u8]) -> &[u8] {
    &text[sample::HEADER.len()..]
}

/// The seven columns with their types, declared.
pub(crate) fn typed() -> Schema {
    declared([
        ColumnType::Int64,
        ColumnType::String,
        ColumnType::Int64,
        ColumnType::Float64,
        ColumnType::Float64,
        ColumnType::Float64,
        ColumnType::Boolean,
    ])
}

/// The seven columns with the types that the first MiB shows, which the records then prove.
pub(crate) fn inferred(data: &[u8]) -> Schema {
    let first = [sample::HEADER.as_bytes(), &data[..data.len().min(1 << 20)]].concat();
    let size = sample::HEADER.len() + data.len();
    let samples = Samples { first: &first, whole: first.len() == size, windows: &[] };
    let resolved = resolve(&samples, size as u64, &Dataset::default()).unwrap().unwrap();
    let mut schema = resolved.dataset.schema(&names());
    for column in resolved.sampled.inferred() {
        let place = &mut schema.columns[column.column as usize];
        *place = SchemaColumn::inferred(&place.name, column.candidates, b',');
    }
    schema
}

/// The seven columns as texts.
pub(crate) fn texts() -> Schema {
    declared([ColumnType::String; 7])
}

fn declared(types: [ColumnType; 7]) -> Schema {
    let columns = names().into_iter().zip(types.map(ColumnRule::of)).collect();
    Dataset { columns, ..Dataset::default() }.schema(&names())
}

fn names() -> Vec<String> {
    sample::HEADER.trim_end().split(',').map(str::to_owned).collect()
}

/// Hands all records on, batch by batch.
pub(crate) fn scan(data: &[u8], mut each: impl FnMut(&Batch<'_>)) {
    let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, DEFAULT_MAX_RECORD);
    for piece in data.chunks(PIECE) {
        scanner.push(piece);
        while let Some(batch) = scanner.next_batch() {
            each(&batch);
        }
    }
}

/// Decodes all records; returns their number.
pub(crate) fn decode(data: &[u8], schema: Schema) -> u64 {
    let mut decoder = Decoder::new(schema);
    let mut records = 0;
    scan(data, |batch| {
        decoder.decode(batch);
        records += decoder.rows(*batch).len() as u64;
    });
    records
}

/// Feeds all records to an output; returns their number.
pub(crate) fn feed(output: &str, data: &[u8], schema: Schema) -> u64 {
    let context = ChunkContext {
        schema: Arc::new(schema.clone()),
        format: Format::Csv,
        encoding: Encoding::UTF_8,
        options: OutputOptions::new(),
        run_id: "run".into(),
        index: 0,
        parts: Arc::new(Discard),
        cores: 1,
    };
    let mut output: Box<dyn Output> = find(BUILT_IN, output).unwrap().start(&context).unwrap();
    let mut decoder = Decoder::new(schema);
    let mut records = 0;
    scan(data, |batch| {
        decoder.decode(batch);
        block_on(output.write(&decoder.rows(*batch))).unwrap();
        records += batch.len() as u64;
    });
    black_box(block_on(output.finish()).unwrap().partial);
    records
}

/// Parts that are written nowhere.
struct Discard;

#[async_trait]
impl PartStore for Discard {
    async fn create(&self, _key: &str) -> Result<Box<dyn PartWriter>, OutputError> {
        Ok(Box::new(Discard))
    }
}

#[async_trait]
impl PartWriter for Discard {
    async fn write(&mut self, bytes: Bytes) -> Result<(), OutputError> {
        black_box(bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), OutputError> {
        Ok(())
    }
}
