//! `fanout`: process one very large file in byte ranges, each record exactly once, with proof.

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use fanout_cli::{CliError, LocalRun, Progress, Source, infer, sample};
use fanout_core::message::{
    Dataset, DatasetRef, Evidence, Job, OutputChoice, Reader, VERSION, from_json, to_json_pretty,
};
use fanout_core::{Coded, Inferred, Prices, check_reject_ratio, chunks};
use fanout_outputs::BUILT_IN;
use fanout_render::{check_table, detected_line, plan_table, report_table};
use indicatif::{ProgressBar, ProgressStyle};

use args::{CheckArgs, Cli, Command, InferArgs, ReadingArgs, RunArgs};

mod args;
mod diff;

/// The exit code where two runs differ.
const DIFFERENT: u8 = 3;

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Diff(args) => match diff::diff(&args) {
            Ok(false) => return ExitCode::from(DIFFERENT),
            done => done.map(|_| ()),
        },
        Command::Run(args) => run(&args).await,
        Command::Plan(args) => plan(&args).await,
        Command::Infer(args) => write_dataset(&args).await,
        Command::Check(args) => check(&args).await,
        Command::Sample { rows, out } => write_sample(rows, &out),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}: {error}", error.code());
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &RunArgs) -> Result<(), CliError> {
    let (local, job) = prepare(args).await?;
    let plan = local.plan(&job).await?;
    tell(&plan.evidence, args.quiet || args.json);
    local.claim(&plan)?;
    let bar = if args.quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
    let done = local.run(plan, |progress| show(&bar, progress)).await;
    bar.finish_and_clear();
    let report = done?;
    if args.json {
        print(&to_json_pretty("report", &report)?)
    } else if args.quiet {
        Ok(())
    } else {
        print(report_table(&report).as_bytes())
    }
}

async fn plan(args: &RunArgs) -> Result<(), CliError> {
    let (local, job) = prepare(args).await?;
    let mut plan = local.plan(&job).await?;
    if args.json {
        plan.chunks = Some(chunks(plan.data(), plan.chunk_size).collect());
        print(&to_json_pretty("plan", &plan)?)
    } else {
        print(plan_table(&plan).as_bytes())
    }
}

async fn write_dataset(args: &InferArgs) -> Result<(), CliError> {
    let source = Source::open(&args.object).await?;
    let said = read_dataset(&args.reading)?;
    let Inferred { dataset, evidence } = infer(&source, &said).await?;
    let dataset = to_json_pretty("dataset", &dataset)?;
    // Beside the dataset, which may go to a file or another program.
    evidence.iter().for_each(|evidence| eprintln!("detected {evidence}"));
    let Some(path) = &args.out else { return print(&dataset) };
    let fail = |source: std::io::Error| CliError::Write { path: path.display().to_string(), source };
    let mut file = File::create_new(path).map_err(fail)?;
    file.write_all(&dataset).and_then(|()| file.write_all(b"\n")).map_err(fail)?;
    eprintln!("dataset written to {}", path.display());
    Ok(())
}

async fn check(args: &CheckArgs) -> Result<(), CliError> {
    let mut dataset = read_dataset(&args.reading)?;
    // What would be refused is told however much it is.
    let allowed = dataset.max_reject_ratio.replace(1.0);
    let source = Source::open(&args.object).await?;
    let job = job(&source, dataset, Reader::Range, None, Some(vec![OutputChoice::named("rejects")]));
    let local = LocalRun::without_results(source, concurrency(args.concurrency)?, Prices::built_in()?, BUILT_IN);
    let plan = local.plan(&job).await?;
    tell(&plan.evidence, args.json);
    let report = local.run(plan, |_| ()).await?;
    if args.json {
        print(&to_json_pretty("report", &report)?)?;
    } else {
        print(check_table(&report).as_bytes())?;
    }
    Ok(check_reject_ratio(allowed, report.records, report.rejects)?)
}

/// Chunks at once: as many as asked for, or as there are cores.
fn concurrency(asked: Option<usize>) -> Result<usize, CliError> {
    match asked {
        Some(0) => {
            let reason = "is 0, expected at least 1 chunk at once";
            Err(CliError::Argument { argument: "--concurrency".to_owned(), reason })
        }
        Some(asked) => Ok(asked),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

fn job(
    source: &Source,
    dataset: Dataset,
    reader: Reader,
    chunk_size: Option<u64>,
    outputs: Option<Vec<OutputChoice>>,
) -> Job {
    Job {
        version: VERSION,
        bucket: source.bucket.clone(),
        key: source.key.clone(),
        version_id: None,
        dataset: Some(DatasetRef::Inline(Box::new(dataset))),
        reader,
        chunk_size,
        outputs,
        run_id: None,
    }
}

/// The run and the job that the arguments ask for.
async fn prepare(args: &RunArgs) -> Result<(LocalRun, Job), CliError> {
    let concurrency = concurrency(args.concurrency)?;
    let dataset = read_dataset(&args.reading)?;
    let source = Source::open(&args.object).await?;
    let outputs = args.outputs.as_ref().map(|names| names.iter().map(|name| OutputChoice::named(name)).collect());
    let job = job(&source, dataset, args.reader, args.chunk_size, outputs);
    let prices = match &args.prices {
        Some(path) => Prices::with(&format!("prices {}", path.display()), &read(path)?)?,
        None => Prices::built_in()?,
    };
    Ok((LocalRun::new(source, &args.out, concurrency, prices, BUILT_IN), job))
}

/// Returns the bytes of a file that an argument names.
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|source| CliError::Read { path: path.display().to_string(), source })
}

/// Returns the dataset of the arguments, with their own words over it.
fn read_dataset(reading: &ReadingArgs) -> Result<Dataset, CliError> {
    let (what, mut dataset) = match &reading.dataset {
        Some(path) => {
            let what = format!("dataset {}", path.display());
            let dataset: Dataset = from_json(&what, &read(path)?)?;
            (what, dataset)
        }
        None => ("arguments".to_owned(), Dataset::default()),
    };
    dataset.validate(&what)?;
    reading.apply(&mut dataset);
    dataset.validate("arguments")?;
    Ok(dataset)
}

/// Says on standard error what was detected.
fn tell(evidence: &[Evidence], quiet: bool) {
    if !quiet && !evidence.is_empty() {
        eprintln!("{}", detected_line(evidence));
    }
}

fn show(bar: &ProgressBar, progress: Progress) {
    match progress {
        Progress::Round { round, chunks, bytes } => {
            let what = if round == 0 { "processing".to_owned() } else { format!("repair {round}") };
            let style = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
            bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(format!("{what} {chunks} chunks"));
            bar.reset();
            bar.set_length(bytes);
        }
        Progress::Chunk { bytes } => bar.inc(bytes),
    }
}

/// Prints to standard output; a reader that went away, as `head` does, is no error.
fn print(text: &[u8]) -> Result<(), CliError> {
    let mut out = stdout().lock();
    match out.write_all(text).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::Write { path: "standard output".into(), source: error })
        }
        _ => Ok(()),
    }
}

fn write_sample(rows: u64, path: &Path) -> Result<(), CliError> {
    let fail = |source: std::io::Error| CliError::Write { path: path.display().to_string(), source };
    let mut file = BufWriter::new(File::create(path).map_err(fail)?);
    sample::write(rows, &mut file).and_then(|()| file.flush()).map_err(fail)
}
