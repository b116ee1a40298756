//! The arguments of `fanout query`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ReadingArgs;
use crate::quantity::{positive, size};

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// A file's path, s3://bucket/key, or - for standard input
    #[arg(value_name = "FILE|s3://…|-")]
    pub(crate) object: String,
    /// The query, or @FILE for one in a file
    #[arg(value_name = "SQL|@FILE")]
    pub(crate) query: String,
    /// Format of the rows: a table of the first ones that fits the terminal, or all of them as csv, jsonl or parquet
    /// [default: that of the end of --out, else table]
    #[arg(long, value_name = "table|csv|jsonl|parquet")]
    pub(crate) format: Option<RowFormat>,
    /// The file for the rows [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// Size of a chunk: 64MB, 64MiB, 1000000 [default: automatic, 8MiB to 512MiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) chunk_size: Option<u64>,
    /// Chunks at once [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(crate) concurrency: Option<usize>,
    /// Exit with 3 if records were refused
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print nothing but the rows
    #[arg(long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// The format of printed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// A table for people, of the first rows
    Table,
    /// CSV with a header
    Csv,
    /// A JSON object a line
    Jsonl,
    /// Parquet
    Parquet,
}
