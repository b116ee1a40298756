//! The arguments of the command line. Their doc comments are its help text.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use fanout_core::message::{MessageError, Reader, from_json};

/// Process one very large file of CSV or JSON lines in byte ranges, each record exactly once, with proof.
#[derive(Debug, Parser)]
#[command(name = "fanout", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Process a file on this machine and report what is in it
    ///
    /// Results go to a folder of the run below --out: report.json, the parts of each output, and what each chunk
    /// found. Exits with 0 only if every record was processed and coverage is verified; rejected
    /// records are counted in the report and don't change that.
    Run(RunArgs),
    /// Show how a file would be processed; writes nothing
    Plan(RunArgs),
    /// Write a dataset from the beginning of a file: names, types, nulls and dialect, for a person to edit
    Infer(InferArgs),
    /// Say which records a run would refuse; writes nothing
    ///
    /// Exits with 0 if the run would succeed: if no more records would be refused than the dataset's
    /// max_reject_ratio allows.
    Check(CheckArgs),
    /// Write a people.csv to try things on, the same for the same number of rows
    Sample {
        /// Number of records
        #[arg(long, default_value_t = 1_000_000, value_name = "N")]
        rows: u64,
        /// The file to write
        #[arg(long, default_value = "people.csv", value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A file's path, or s3://bucket/key
    #[arg(value_name = "FILE|s3://…")]
    pub(crate) object: String,
    /// A JSON file that declares header, column types, dialect and outputs [default: any CSV or JSON lines, types observed]
    #[arg(long, value_name = "FILE")]
    pub(crate) dataset: Option<PathBuf>,
    /// Reader of the object: range; select (S3 Select, s3:// only); or auto, select where it can
    #[arg(long, default_value = "range", value_name = "READER", value_parser = reader)]
    pub(crate) reader: Reader,
    /// Bytes of a chunk [default: automatic, 8 to 512 MiB]
    #[arg(long, value_name = "BYTES")]
    pub(crate) chunk_size: Option<u64>,
    /// Chunks at once [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<usize>,
    /// Outputs, separated by commas: profile, exact_profile, parquet, rejects, jsonl [default: the dataset's, else profile,parquet,rejects]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) outputs: Option<Vec<String>>,
    /// The folder for results
    #[arg(long, default_value = "runs", value_name = "DIR")]
    pub(crate) out: String,
    /// A JSON file with prices of one's own for the plan's estimate, of those in functions/core/prices.json
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    /// Print the report (or the plan) as JSON, and nothing else, on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// No progress bar and no table
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// A reader by its name in a job.
fn reader(text: &str) -> Result<Reader, MessageError> {
    from_json("reader", format!("{text:?}").as_bytes())
}

#[derive(Debug, Args)]
pub(crate) struct InferArgs {
    /// A file's path, or s3://bucket/key
    #[arg(value_name = "FILE|s3://…")]
    pub(crate) object: String,
    /// Bytes from the file's beginning that are looked at
    #[arg(long, default_value_t = 8 << 20, value_name = "BYTES")]
    pub(crate) sample: u64,
    /// The file to write, which must not be there yet [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A file's path, or s3://bucket/key
    #[arg(value_name = "FILE|s3://…")]
    pub(crate) object: String,
    /// A JSON file that declares header, column types and dialect
    #[arg(long, value_name = "FILE")]
    pub(crate) dataset: Option<PathBuf>,
    /// Chunks at once [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<usize>,
    /// Print the report as JSON, and nothing else, on standard output
    #[arg(long)]
    pub(crate) json: bool,
}
