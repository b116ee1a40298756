//! MB/s on one thread over a generated file in memory, each the best of three passes, and peers
//! doing the like in the same run.
//!
//! `cargo bench -p fanout-outputs` takes 500 MB; `FANOUT_BENCH_MB=50` changes that.
#![allow(clippy::unwrap_used)] // A benchmark may stop.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::{ColumnRule, Dataset, OutputOptions};
use fanout_core::{ColumnType, DEFAULT_MAX_RECORD, Decoder, Dialect, Encoding, Format, Scanner, Start};
use fanout_outputs::{BUILT_IN, ChunkContext, Output, OutputError, PartStore, PartWriter, find};
use futures::executor::block_on;

// The file that `fanout sample` writes, without the SDK that the command line is built with.
#[path = "../../../cli/src/sample.rs"]
#[allow(unreachable_pub, unused_imports)] // It is written for a library, and has tests.
mod sample;

const PIECE: usize = 256 << 10;

fn main() {
    let megabytes: u64 = std::env::var("FANOUT_BENCH_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(500);
    let mut text = Vec::new();
    sample::write(megabytes * 1_000_000 / 58, &mut text).unwrap();
    let data = &text[sample::HEADER.len()..];
    println!("people.csv, {} MB, one thread, best of 3", text.len() / 1_000_000);

    let split = measure("split: simd-csv Splitter", &text, || {
        let mut splitter = simd_csv::Splitter::from_reader(&text[..]);
        splitter.count_records().unwrap()
    });
    let fields = measure("fields: csv crate", &text, || {
        let mut reader = csv::ReaderBuilder::new().from_reader(&text[..]);
        let mut record = csv::ByteRecord::new();
        let mut records = 0;
        while reader.read_byte_record(&mut record).unwrap() {
            records += 1;
        }
        records
    });
    let ours = measure("split: fanout", &text, || {
        let mut records = 0;
        scan(data, |batch| records += batch.len() as u64);
        records
    });
    let scanned = measure("scan: fanout, every field looked at", &text, || {
        let (mut records, mut bytes) = (0, 0);
        scan(data, |batch| {
            for record in batch.records() {
                records += 1;
                bytes += record.fields().map(|field| field.raw().len()).sum::<usize>();
            }
        });
        black_box(bytes);
        records
    });
    let outputs = [
        ("exact_profile: 7 typed columns", "exact_profile", typed()),
        ("exact_profile: types observed", "exact_profile", Dataset::default()),
        ("profile: with sketches, 7 typed columns", "profile", typed()),
        ("profile: with sketches, types observed", "profile", Dataset::default()),
        ("parquet: 7 typed columns", "parquet", typed()),
        ("parquet: 7 columns of strings", "parquet", Dataset::default()),
    ];
    for (name, output, dataset) in outputs {
        measure(name, &text, || feed(output, data, &dataset));
    }
    println!("split: {:.2} of simd-csv's; scan: {:.2} of the csv crate's", ours / split, scanned / fields);
}

/// Prints and returns the MB/s of the best of three passes.
fn measure(name: &str, text: &[u8], mut pass: impl FnMut() -> u64) -> f64 {
    let mut best = 0f64;
    let mut records = 0;
    for _ in 0..3 {
        let clock = Instant::now();
        records = pass();
        best = best.max(text.len() as f64 / 1e6 / clock.elapsed().as_secs_f64());
    }
    println!("{name:<40} {best:>7.0} MB/s   {records} records");
    best
}

fn scan(data: &[u8], mut each: impl FnMut(&fanout_core::Batch<'_>)) {
    let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, DEFAULT_MAX_RECORD);
    for piece in data.chunks(PIECE) {
        scanner.push(piece);
        while let Some(batch) = scanner.next_batch() {
            each(&batch);
        }
    }
}

fn typed() -> Dataset {
    let types = [
        ("id", ColumnType::Int64),
        ("name", ColumnType::String),
        ("age", ColumnType::Int64),
        ("latitude", ColumnType::Float64),
        ("longitude", ColumnType::Float64),
        ("monthly_income", ColumnType::Float64),
        ("experienced", ColumnType::Boolean),
    ];
    let rule = ColumnRule::of;
    let columns = types.map(|(name, column_type)| (name.to_owned(), rule(column_type))).into_iter().collect();
    Dataset { columns, ..Dataset::default() }
}

/// Feeds all records to an output.
fn feed(output: &str, data: &[u8], dataset: &Dataset) -> u64 {
    let header: Vec<String> = sample::HEADER.trim_end().split(',').map(str::to_owned).collect();
    let schema = dataset.schema(&header);
    let context = ChunkContext {
        schema: Arc::new(schema.clone()),
        format: Format::Csv,
        encoding: Encoding::UTF_8,
        options: OutputOptions::new(),
        run_id: "run".into(),
        index: 0,
        parts: Arc::new(Discard),
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
