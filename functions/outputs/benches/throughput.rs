//! MB/s on one thread over a generated file in memory, each the best of three passes, and peers
//! doing the like in the same run.
//!
//! `cargo bench -p fanout-outputs` takes 500 MB; `FANOUT_BENCH_MB=50` changes that.
#![allow(clippy::unwrap_used)] // A benchmark may stop.

use std::hint::black_box;
use std::time::Instant;

mod work;

use work::{decode, feed, inferred, scan, texts, typed};

fn main() {
    let megabytes: u64 = std::env::var("FANOUT_BENCH_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(500);
    let text = work::text(megabytes * 1_000_000);
    let data = work::records(&text);
    println!("people.csv, {} MB, one thread, best of 3", text.len() / 1_000_000);

    let split = measure("split: simd-csv Splitter", &text, || {
        let mut splitter = simd_csv::Splitter::from_reader(&text[..]);
        let mut records = 0;
        while let Some(record) = splitter.split_record().unwrap() {
            black_box(record);
            records += 1;
        }
        records
    });
    let counted = measure("count: simd-csv Splitter", &text, || {
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
        scan(data, |batch| {
            for record in batch.records() {
                black_box(record.raw());
                records += 1;
            }
        });
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
    measure("decode: 7 typed columns", &text, || decode(data, typed()));
    measure("decode: 7 inferred columns", &text, || decode(data, inferred(data)));
    for output in ["exact_profile", "profile", "parquet"] {
        let columns = [("typed", typed()), ("inferred", inferred(data)), ("text", texts())];
        let [typed, inferred, _] = columns.map(|(kind, schema)| {
            measure(&format!("{output}: 7 {kind} columns"), &text, || feed(output, data, schema.clone()))
        });
        println!("{output}: inferred columns {:.2} of declared ones", inferred / typed);
    }
    println!(
        "split: {:.2} of simd-csv's, {:.2} of its count; scan: {:.2} of the csv crate's",
        ours / split,
        ours / counted,
        scanned / fields
    );
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
    println!("{name:<44} {best:>7.0} MB/s   {records} records");
    best
}
