//! The arguments of the command line. Their doc comments are its help text.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use fanout_core::message::{Dataset, HeaderMatch, MessageError, Ragged, Reader, Types, from_json};

use crate::quantity::{count, positive, size};

mod deployed;
mod outputs;
mod query;

pub(crate) use deployed::{
    CleanArgs, DatasetsCommand, ListArgs, LogsArgs, PushArgs, RedriveArgs, ReportArgs, StartArgs, StoredArgs, TuneArgs,
    WatchArgs,
};
pub(crate) use outputs::Outputs;
pub(crate) use query::{QueryArgs, RowFormat};

/// The version; with commit and target where a release script says them.
const VERSION: &str = match option_env!("FANOUT_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// The exit codes, below the help of each command.
const EXIT_CODES: &str = "Exit codes: 0 success; 1 failed; 2 the command line, the dataset or the job cannot be used; \
    3 records were refused, with --strict, or two runs differ; 130 interrupted";

/// Process one very large file of CSV or JSON lines in byte ranges, each record exactly once, with proof.
#[derive(Debug, Parser)]
#[command(name = "fanout", version = VERSION, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Log on standard error what is detected, read, repaired and written; -vv tells more
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Process files on this machine and report what is in them
    ///
    /// Each file is a run of its own. Results go to a folder of the run below --out: report.html, report.json, the
    /// parts of each output, and what each chunk found. A run succeeds only if every record was processed and
    /// coverage is verified; rejected records are counted in the report, and change the exit code with --strict
    /// alone. A run that was interrupted can be resumed.
    #[command(after_help = EXIT_CODES)]
    Run(RunArgs),
    /// Show how a file would be processed; writes nothing
    Plan(PlanArgs),
    /// Run SQL over the records of a file, and print the rows
    ///
    /// The table is records, with the columns and types of the file: SELECT city, count(*) FROM records GROUP BY city.
    /// S3Object is another name of it, so that expressions of S3 Select run as they stand. Progress goes to standard error.
    #[command(after_help = EXIT_CODES)]
    Query(QueryArgs),
    /// Write the dataset that a run would use: what is detected in a file, with types, for a person to edit
    Infer(InferArgs),
    /// Say which records a run would refuse; writes nothing
    ///
    /// Exits as the run would: with 1 if more records would be refused than --max-reject-ratio allows.
    #[command(after_help = EXIT_CODES)]
    Check(CheckArgs),
    /// Process corrected records as a part of the run that refused them
    ///
    /// The file has one record for each that the run refused, as in the run's rejects/, with or without the header. Those
    /// that cannot be corrected stay as they were. The run's results and report then hold the corrected records, each
    /// once. The same file changes nothing, and another one replaces it.
    #[command(alias = "mend")]
    Correct(CorrectArgs),
    /// Compare two runs: records, rejects, columns, types, nulls and distributions
    ///
    /// Exits with 0 if the runs are equal, and with 3 if they differ. Times, names, chunks and costs are not compared, and
    /// estimates only as far as their errors allow: two runs over the same records are equal.
    #[command(after_help = EXIT_CODES)]
    Diff(DiffArgs),
    /// Write a people.csv to try things on, the same for the same number of rows
    Sample(SampleArgs),
    /// Start a run of the deployed stack over an object in S3
    ///
    /// Lambdas process the object where it is; this machine reads nothing of it. The run's name is printed, which the other
    /// commands take.
    #[command(after_help = EXIT_CODES)]
    Start(Box<StartArgs>),
    /// Follow a run of the deployed stack to its end, and print its report
    ///
    /// Shows chunks, bytes, records, rate, time left and cost so far, and the first chunks that fail with lines of their
    /// log. Ctrl-C leaves the run alone. Exits as `fanout run` does.
    #[command(after_help = EXIT_CODES)]
    Watch(WatchArgs),
    /// List the runs of the deployed stack, the newest ones first
    List(ListArgs),
    /// Print the report of a run of the deployed stack, save its page or open it
    #[command(after_help = EXIT_CODES)]
    Report(ReportArgs),
    /// Run again what failed of a run of the deployed stack: its failed chunks alone
    #[command(after_help = EXIT_CODES)]
    Redrive(RedriveArgs),
    /// Print what the functions logged about a run of the deployed stack
    Logs(LogsArgs),
    /// Change how many chunks of a running run are processed at once
    Tune(TuneArgs),
    /// Store datasets for the deployed stack, and list them
    #[command(subcommand)]
    Datasets(DatasetsCommand),
    /// List old runs of the deployed stack, or remove their results
    Clean(CleanArgs),
    /// Print the completions of a shell
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page, or write those of all commands
    Man {
        /// The folder to write into [default: standard output, the page of fanout itself]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

impl Command {
    /// Tells whether a program reads what is printed, errors included.
    pub(crate) fn is_json(&self) -> bool {
        match self {
            Command::Run(args) => args.job.json,
            Command::Plan(args) => args.job.json,
            Command::Check(args) => args.json,
            Command::Correct(args) => args.json,
            Command::Diff(args) => args.json,
            Command::Start(args) => args.json,
            Command::Watch(args) => args.json,
            Command::List(args) => args.json,
            Command::Report(args) => args.json,
            Command::Redrive(args) => args.json,
            Command::Logs(args) => args.json,
            Command::Tune(args) => args.json,
            Command::Datasets(DatasetsCommand::Push(args)) => args.json,
            Command::Datasets(DatasetsCommand::List(args)) => args.json,
            Command::Clean(args) => args.json,
            Command::Query(_)
            | Command::Infer(_)
            | Command::Sample(_)
            | Command::Completions { .. }
            | Command::Man { .. } => false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Files' paths or patterns such as 'data/*.csv', s3://bucket/key, or - for standard input
    #[arg(value_name = "FILE|s3://…|-", required_unless_present = "resume")]
    pub(crate) objects: Vec<String>,
    /// Go on with an interrupted run: its folder, or its name below --out. It is read as it was begun
    #[arg(long, value_name = "RUN", conflicts_with_all = ["objects", "reader", "chunk_size", "outputs", "ReadingArgs"])]
    pub(crate) resume: Option<PathBuf>,
    /// Exit with 3 if records were refused
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print nothing but the folder of the results
    #[arg(long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) job: JobArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// A file's path, s3://bucket/key, or - for standard input
    #[arg(value_name = "FILE|s3://…|-")]
    pub(crate) object: String,
    #[command(flatten)]
    pub(crate) job: JobArgs,
}

#[derive(Debug, Args)]
pub(crate) struct JobArgs {
    /// Reader of the object: range; select (S3 Select, s3:// only); or auto, select where it can
    #[arg(long, default_value = "range", value_name = "READER", value_parser = reader)]
    pub(crate) reader: Reader,
    /// Size of a chunk: 64MB, 64MiB, 1000000 [default: automatic, 8MiB to 512MiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) chunk_size: Option<u64>,
    /// Chunks at once [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(crate) concurrency: Option<usize>,
    /// Outputs, separated by commas: profile, exact_profile, parquet, rejects, jsonl; or with options, as JSON:
    /// '[{"name": "parquet", "compression": "zstd"}, "rejects"]' [default: the dataset's, else profile,parquet,rejects]
    #[arg(long, value_name = "LIST", value_parser = outputs::outputs)]
    pub(crate) outputs: Option<Outputs>,
    /// The folder for results
    #[arg(long, default_value = "runs", value_name = "DIR")]
    pub(crate) out: String,
    /// A JSON file with prices of one's own for the plan's estimate, of those in functions/core/prices.json
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    /// Print JSON and nothing else: the report or the plan on standard output, an error on standard error
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// The reading of a file: a dataset, and words on the command line that go before it. The rest is detected.
#[derive(Debug, Args)]
#[command(next_help_heading = "How the file is read")]
pub(crate) struct ReadingArgs {
    /// A JSON file that says what the files are: header, column types, dialect, outputs [default: all is detected]
    #[arg(long, value_name = "FILE")]
    pub(crate) dataset: Option<PathBuf>,
    /// The byte between fields: a character, tab or \t, or a byte as \x1f [default: detected, as all below]
    #[arg(long, value_name = "BYTE", value_parser = byte)]
    pub(crate) delimiter: Option<u8>,
    /// The byte that encloses fields, or none
    #[arg(long, value_name = "BYTE|none", value_parser = byte_or_none)]
    pub(crate) quote: Option<Byte>,
    /// The byte that makes the next one literal, or none
    #[arg(long, value_name = "BYTE|none", value_parser = byte_or_none)]
    pub(crate) escape: Option<Byte>,
    /// The byte that begins lines without a record, or none
    #[arg(long, value_name = "BYTE|none", value_parser = byte_or_none)]
    pub(crate) comment: Option<Byte>,
    /// The encoding, by a label of the Encoding Standard: utf-8, windows-1252, utf-16le, shift_jis, …
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// The first record is data: columns are named column_1, column_2, … or as the dataset's header says
    #[arg(long)]
    pub(crate) no_header: bool,
    /// Lines before the header, or before the first record
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) skip_lines: Option<u64>,
    /// Records with another number of fields than the header: refuse, or pad (missing fields at the end are null)
    #[arg(long, value_name = "refuse|pad", value_parser = ragged)]
    pub(crate) ragged: Option<Ragged>,
    /// Types of columns that the dataset does not declare: infer, or text (as they stand) [default: infer]
    #[arg(long, value_name = "infer|text", value_parser = types)]
    pub(crate) types: Option<Types>,
    /// Share of records, 0 to 1, that may be refused before the run fails [default: the dataset's, else 0.5]
    #[arg(long, value_name = "SHARE")]
    pub(crate) max_reject_ratio: Option<f64>,
}

/// A byte of the dialect, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Byte(pub(crate) Option<u8>);

impl ReadingArgs {
    /// Puts the words of the command line over those of a dataset.
    pub(crate) fn apply(&self, dataset: &mut Dataset) {
        let dialect = &mut dataset.dialect;
        dialect.delimiter = self.delimiter.or(dialect.delimiter);
        dialect.quote = self.quote.map(|byte| byte.0).or(dialect.quote);
        dialect.escape = self.escape.map(|byte| byte.0).or(dialect.escape);
        dialect.comment = self.comment.map(|byte| byte.0).or(dialect.comment);
        dataset.encoding = self.encoding.clone().or(dataset.encoding.take());
        dataset.skip_lines = self.skip_lines.or(dataset.skip_lines);
        dataset.ragged = self.ragged.or(dataset.ragged);
        dataset.types = self.types.or(dataset.types);
        dataset.max_reject_ratio = self.max_reject_ratio.or(dataset.max_reject_ratio);
        if self.no_header {
            dataset.header.get_or_insert_default().matches = HeaderMatch::None;
        }
    }
}

fn byte(text: &str) -> Result<u8, String> {
    let hex = |digits: &str| u8::from_str_radix(digits, 16).ok();
    let found = match text {
        "\\t" | "tab" => Some(b'\t'),
        _ => text.strip_prefix("\\x").and_then(hex).or(match text.as_bytes() {
            [byte] => Some(*byte),
            _ => None,
        }),
    };
    found.filter(u8::is_ascii).ok_or_else(|| format!("{text:?} is not one ASCII character, tab, or a byte as \\x1f"))
}

fn byte_or_none(text: &str) -> Result<Byte, String> {
    if text == "none" { Ok(Byte(None)) } else { byte(text).map(|byte| Byte(Some(byte))) }
}

fn ragged(text: &str) -> Result<Ragged, MessageError> {
    from_json("ragged", format!("{text:?}").as_bytes())
}

fn types(text: &str) -> Result<Types, MessageError> {
    from_json("types", format!("{text:?}").as_bytes())
}

/// A reader by its name in a job.
fn reader(text: &str) -> Result<Reader, MessageError> {
    from_json("reader", format!("{text:?}").as_bytes())
}

#[derive(Debug, Args)]
pub(crate) struct InferArgs {
    /// A file's path, s3://bucket/key, or - for standard input
    #[arg(value_name = "FILE|s3://…|-")]
    pub(crate) object: String,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A file's path, s3://bucket/key, or - for standard input
    #[arg(value_name = "FILE|s3://…|-")]
    pub(crate) object: String,
    /// Chunks at once [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(crate) concurrency: Option<usize>,
    /// Exit with 3 if records would be refused
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print JSON and nothing else: the report on standard output, an error on standard error
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The first run: its folder, its report.json, or its id below runs/
    #[arg(value_name = "RUN")]
    pub(crate) before: PathBuf,
    /// The second run
    #[arg(value_name = "RUN")]
    pub(crate) after: PathBuf,
    /// A page to write, which must not be there yet
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Print the differences as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SampleArgs {
    /// Number of records: 1000000, 1k, 10M
    #[arg(long, default_value = "1000000", value_name = "N", value_parser = count)]
    pub(crate) rows: u64,
    /// The file to write, or - for standard output
    #[arg(long, default_value = "people.csv", value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CorrectArgs {
    /// The run: its folder, its report.json, or its id below runs/
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// The file of corrected records
    #[arg(long, value_name = "FILE")]
    pub(crate) with: PathBuf,
    /// Print the report as JSON, and nothing else, on standard output
    #[arg(long)]
    pub(crate) json: bool,
}
