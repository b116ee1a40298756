//! `fanout query`: SQL over the records of one file, its rows printed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fanout_cli::{CliError, LocalRun};
use fanout_core::Prices;
use fanout_core::message::{OutputChoice, QueryReport, Reader, Report, from_json};
use fanout_render::{counted, query_table};
use serde_json::Value;

use super::datasets::{read, read_dataset};
use super::jobs::{concurrency, job};
use crate::args::{QueryArgs, RowFormat};
use crate::ending::{Ended, Ending};
use crate::input::open;
use crate::left::{Left, Remains};
use crate::meter::{Meter, Shown};
use crate::outputs::OUTPUTS;
use crate::terminal::{print, tell, width};

/// The output that runs queries.
const SQL: &str = "sql";

/// Runs a query, and prints its rows or writes them to a file.
pub(crate) async fn query(args: &QueryArgs, left: &Left) -> Ended {
    let query = text(&args.query)?;
    let format = format(args)?;
    if let Some(path) = args.out.as_ref().filter(|path| path.exists() && !args.force) {
        return Err(CliError::Exists { path: path.display().to_string() });
    }
    let dataset = read_dataset(&args.reading)?;
    let mut meter = Meter::start(Shown::on_standard_error(args.quiet), &args.object);
    let source = open(&args.object, &meter).await?;
    let mut job = job(&source, dataset, Reader::Range, args.chunk_size, Some(vec![output(format)]));
    job.query = Some(query);
    let folder = tempfile::tempdir().map_err(|source| write_failed(&std::env::temp_dir(), source))?;
    left.set(Remains::Query { folder: folder.path().to_owned(), file: None });
    let runs = folder.path().to_string_lossy().into_owned();
    let local = LocalRun::new(source, &runs, concurrency(args.concurrency), Prices::built_in()?, OUTPUTS);
    let plan = local.plan(&job).await?;
    meter.aside(|| tell(&plan.evidence, args.quiet));
    let plan = local.claim(plan)?;
    let report = local.run(plan, |progress| meter.show(progress)).await?;
    meter.end();
    if format == RowFormat::Table {
        show(&report)?;
    } else {
        let result = folder.path().join(&report.run_id).join(format!("sql/result.{}", extension(format)));
        hand_over(&result, args.out.as_deref(), folder.path(), left)?;
    }
    left.set(Remains::Nothing);
    if report.rejects > 0 && !args.quiet {
        eprintln!("{} refused: fanout check says why", counted(report.rejects, "record"));
    }
    Ok(Ending::of(&report, args.strict))
}

/// The query itself: the argument, or the content of the file that it names.
fn text(argument: &str) -> Result<String, CliError> {
    match argument.strip_prefix('@') {
        Some(path) => Ok(String::from_utf8_lossy(&read(Path::new(path))?).into_owned()),
        None => Ok(argument.to_owned()),
    }
}

/// The format of the rows: the one asked for, or that of the file's name.
fn format(args: &QueryArgs) -> Result<RowFormat, CliError> {
    let named = args.out.as_ref().and_then(|path| path.extension()).and_then(|end| match end.to_str()? {
        "csv" => Some(RowFormat::Csv),
        "jsonl" | "ndjson" => Some(RowFormat::Jsonl),
        "parquet" => Some(RowFormat::Parquet),
        _ => None,
    });
    match (args.format.or(named), &args.out) {
        (None | Some(RowFormat::Table), Some(path)) => Err(CliError::Argument {
            argument: format!("--out {}", path.display()),
            reason: "the rows of a file are csv, jsonl or parquet, by its name or by --format".to_owned(),
        }),
        (found, _) => Ok(found.unwrap_or(RowFormat::Table)),
    }
}

fn extension(format: RowFormat) -> &'static str {
    match format {
        RowFormat::Csv => "csv",
        RowFormat::Jsonl => "jsonl",
        RowFormat::Table | RowFormat::Parquet => "parquet",
    }
}

/// The output that makes one file of the rows; for a table its first rows are in the report.
fn output(format: RowFormat) -> OutputChoice {
    let mut output = OutputChoice::named(SQL);
    output.options.insert("format".to_owned(), Value::from(extension(format)));
    output.options.insert("single".to_owned(), Value::from(format != RowFormat::Table));
    output
}

/// Prints the first rows as a table.
fn show(report: &Report) -> Result<(), CliError> {
    let output = report.outputs.iter().find(|output| output.name == SQL);
    let section = output.and_then(|output| output.section.as_ref());
    let missing = || CliError::Internal("the report has no result of the query".to_owned());
    let found: QueryReport = from_json("result of the query", section.ok_or_else(missing)?.to_string().as_bytes())?;
    print(query_table(&found, width()).as_bytes())
}

/// Moves the rows to the file, or copies them to standard output.
fn hand_over(result: &Path, out: Option<&Path>, folder: &Path, left: &Left) -> Result<(), CliError> {
    let mut rows =
        File::open(result).map_err(|source| CliError::Read { path: result.display().to_string(), source })?;
    let Some(path) = out else {
        let mut stream = io::stdout().lock();
        return match io::copy(&mut rows, &mut stream).and_then(|_| stream.flush()) {
            // A reader that went away, as `head` does, is no error.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(write_failed(Path::new("standard output"), error))
            }
            _ => Ok(()),
        };
    };
    // The file gets its name when it is complete.
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    let partial = PathBuf::from(name);
    left.set(Remains::Query { folder: folder.to_owned(), file: Some(partial.clone()) });
    let written = File::create(&partial).and_then(|mut file| io::copy(&mut rows, &mut file));
    let written = written.and_then(|_| fs::rename(&partial, path));
    if let Err(error) = written {
        left.clean_up();
        return Err(write_failed(path, error));
    }
    Ok(())
}

fn write_failed(path: &Path, source: io::Error) -> CliError {
    CliError::Write { path: path.display().to_string(), source }
}
