//! One piece of work, named by the first argument, done once over a small file: for
//! `tests/bench/instructions.py`, which counts its instructions. Without an argument: the names.
#![allow(clippy::unwrap_used)] // A benchmark may stop.

use std::hint::black_box;

mod work;

use work::{decode, feed, inferred, records, scan, text, texts, typed};

/// Bytes of the file: some batches.
const BYTES: u64 = 1_000_000;

/// Its name, and what it does with a file of records.
const WORK: [(&str, fn(&[u8])); 14] = [
    // Of no interest: the others are counted without it.
    ("file", |data| {
        black_box(data.len());
    }),
    // Likewise for work with inferred types, which the planner infers once for an object.
    ("inference", |data| {
        black_box(inferred(data));
    }),
    ("scan", |data| {
        scan(data, |batch| {
            black_box(batch.len());
        })
    }),
    ("decode, typed", |data| {
        black_box(decode(data, typed()));
    }),
    ("decode, inferred", |data| {
        black_box(decode(data, inferred(data)));
    }),
    ("exact_profile, typed", |data| {
        black_box(feed("exact_profile", data, typed()));
    }),
    ("exact_profile, inferred", |data| {
        black_box(feed("exact_profile", data, inferred(data)));
    }),
    ("exact_profile, texts", |data| {
        black_box(feed("exact_profile", data, texts()));
    }),
    ("profile, typed", |data| {
        black_box(feed("profile", data, typed()));
    }),
    ("profile, inferred", |data| {
        black_box(feed("profile", data, inferred(data)));
    }),
    ("profile, texts", |data| {
        black_box(feed("profile", data, texts()));
    }),
    ("parquet, typed", |data| {
        black_box(feed("parquet", data, typed()));
    }),
    ("parquet, inferred", |data| {
        black_box(feed("parquet", data, inferred(data)));
    }),
    ("parquet, texts", |data| {
        black_box(feed("parquet", data, texts()));
    }),
];

fn main() {
    // Cargo adds `--bench`.
    let name = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let Some(name) = name else {
        WORK.iter().for_each(|(name, _)| println!("{name}"));
        return;
    };
    let (_, work) = WORK.iter().find(|(other, _)| *other == name).unwrap();
    work(records(&text(BYTES)));
}
