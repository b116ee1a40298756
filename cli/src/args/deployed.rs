//! The arguments of the commands over the deployed stack. Their doc comments are its help text.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fanout_cli::deployed::{RunStatus, Target};
use fanout_core::message::Reader;

use super::outputs::outputs;
use super::{EXIT_CODES, Outputs, ReadingArgs, reader};
use crate::quantity::{age, count, positive, size};

/// The stack, or its state machine.
#[derive(Debug, Args)]
#[command(next_help_heading = "The deployment")]
pub(crate) struct TargetArgs {
    /// The stack, by its name [default: fanout]
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
    /// The state machine in place of a stack, by its ARN
    #[arg(long, value_name = "ARN", conflicts_with = "stack")]
    state_machine: Option<String>,
}

impl TargetArgs {
    /// Returns the stack or the state machine.
    pub(crate) fn target(&self) -> Target {
        Target::of(self.stack.as_deref(), self.state_machine.as_deref())
    }
}

/// The stack, where its results bucket or its log groups must be known.
#[derive(Debug, Args)]
#[command(next_help_heading = "The deployment")]
pub(crate) struct StackArgs {
    /// The stack, by its name [default: fanout]
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
}

impl StackArgs {
    /// Returns the stack.
    pub(crate) fn target(&self) -> Target {
        Target::of(self.stack.as_deref(), None)
    }
}

#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// The object, as s3://bucket/key: of the upload bucket, or of those that the stack may read
    #[arg(value_name = "s3://…")]
    pub(crate) object: String,
    /// The version of the object [default: the current one]
    #[arg(long, value_name = "ID")]
    pub(crate) version_id: Option<String>,
    /// The name of the run [default: the object's name and the time]
    #[arg(long, value_name = "RUN")]
    pub(crate) name: Option<String>,
    /// Reader of the object: range; select (S3 Select); or auto, select where it can
    #[arg(long, default_value = "range", value_name = "READER", value_parser = reader)]
    pub(crate) reader: Reader,
    /// Size of a chunk: 64MB, 64MiB, 1000000 [default: automatic, 8MiB to 512MiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) chunk_size: Option<u64>,
    /// Outputs, separated by commas: profile, exact_profile, parquet, rejects, jsonl, or those of the stack's own; or with
    /// options, as JSON: '[{"name": "parquet", "compression": "zstd"}, "rejects"]' [default: the dataset's, else
    /// profile,parquet,rejects]
    #[arg(long, value_name = "LIST", value_parser = outputs)]
    pub(crate) outputs: Option<Outputs>,
    /// SQL over the records: see `fanout query` [default: the dataset's]
    #[arg(long, value_name = "SQL")]
    pub(crate) query: Option<String>,
    /// Follow the run to its end, as `fanout watch` does
    #[arg(long)]
    pub(crate) watch: bool,
    /// Exit with 3 if records were refused
    #[arg(long, requires = "watch")]
    pub(crate) strict: bool,
    /// Print JSON and nothing else: the run, or with --watch its report, on standard output, an error on standard error
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// The run, by its name or the ARN of its execution
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Exit with 3 if records were refused
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print JSON and nothing else: the report on standard output, an error on standard error
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Number of runs: the newest ones
    #[arg(long, default_value = "20", value_name = "N", value_parser = positive)]
    pub(crate) limit: usize,
    /// Those of one status: running, succeeded, failed, timed_out, aborted
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub(crate) status: Option<RunStatus>,
    /// Print an array of runs as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The run, by its name or the ARN of its execution
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Open the page in the browser
    #[arg(long)]
    pub(crate) open: bool,
    /// Save the page, or the report where the name ends in .json; of a run that failed what is known of it
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, requires = "save")]
    pub(crate) force: bool,
    /// Exit with 3 if records were refused
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print the report as JSON, and nothing else, on standard output
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RedriveArgs {
    /// The run, by its name or the ARN of its execution
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Follow the run to its end, as `fanout watch` does
    #[arg(long)]
    pub(crate) watch: bool,
    /// Exit with 3 if records were refused
    #[arg(long, requires = "watch")]
    pub(crate) strict: bool,
    /// Print JSON and nothing else: the run, or with --watch its report, on standard output, an error on standard error
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// The run, by its name or the ARN of its execution
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// The lines of one chunk, by its number
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) chunk: Option<u64>,
    /// Print an array of lines as JSON, each with its fields
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) target: StackArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TuneArgs {
    /// The run, by its name or the ARN of its execution
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Chunks at once: 1 to 10000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) concurrency: u64,
    /// Print JSON and nothing else
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DatasetsCommand {
    /// Store a dataset, which jobs then name, and uploads by their folder
    Push(PushArgs),
    /// List the datasets that are stored
    List(StoredArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PushArgs {
    /// The dataset, as `fanout infer` writes one
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Its name: uploads under incoming/NAME/ use it [default: the file's, without .json]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Replace the dataset if it is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Print JSON and nothing else
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) target: StackArgs,
}

#[derive(Debug, Args)]
pub(crate) struct StoredArgs {
    /// Print an array of datasets as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) target: StackArgs,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct CleanArgs {
    /// The age of a run's newest result from which on it is old: 30d, 12h, 2w
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(crate) older_than: u64,
    /// Remove the runs; without it they are listed alone
    #[arg(long)]
    pub(crate) delete: bool,
    /// Print JSON and nothing else
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) target: StackArgs,
}

fn status(text: &str) -> Result<RunStatus, String> {
    RunStatus::named(text)
        .ok_or_else(|| format!("{text:?} is none of running, succeeded, failed, timed_out, aborted, pending_redrive"))
}
