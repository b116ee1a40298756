//! `fanout run`: files on this machine, a run each; or an interrupted run.

use std::path::Path;

use fanout_cli::{CliError, Interrupted, Progress};
use fanout_core::message::{Dataset, Plan, Report, to_json_pretty};
use fanout_render::report_table;

use super::datasets::read_dataset;
use super::jobs::{asked, local};
use super::several::run_several;
use crate::args::RunArgs;
use crate::ending::{Ended, Ending};
use crate::input::{expanded, open};
use crate::left::{Left, Remains};
use crate::meter::{Meter, Shown};
use crate::terminal::{link, print, shown, tell, width};

/// Runs what the arguments name.
pub(crate) async fn run(args: &RunArgs, left: &Left) -> Ended {
    if let Some(run) = &args.resume {
        let report = resume(args, run, left).await?;
        return show(args, &report);
    }
    let dataset = read_dataset(&args.job.reading)?;
    match expanded(&args.objects)?.as_slice() {
        [input] => show(args, &process(args, input, dataset, left).await?),
        inputs => run_several(args, inputs, &dataset, left).await,
    }
}

/// Prints the report of one run.
fn show(args: &RunArgs, report: &Report) -> Ended {
    let folder = folder(report);
    if args.job.json {
        print(&to_json_pretty("report", report)?)?;
    } else if args.quiet {
        print(folder.as_bytes())?;
    } else {
        let page = link(&format!("{folder}/report.html"));
        let table = report_table(report, &shown(&report.object.to_string()), width());
        print(format!("{table}\nresults: {}\nreport:  {page}", link(&folder)).as_bytes())?;
    }
    Ok(Ending::of(report, args.strict))
}

/// The folder of a run's results.
pub(super) fn folder(report: &Report) -> String {
    shown(report.results.to_string().trim_end_matches('/'))
}

/// Runs one input to its report.
pub(super) async fn process(args: &RunArgs, input: &str, dataset: Dataset, left: &Left) -> Result<Report, CliError> {
    let quiet = args.quiet || args.job.json;
    let mut meter = Meter::start(Shown::on_standard_error(quiet), input);
    let source = open(input, &meter).await?;
    let resumable = !source.is_spooled();
    let job = asked(&args.job, &source, dataset);
    let local = local(&args.job, source)?;
    let plan = local.plan(&job).await?;
    meter.aside(|| tell(&plan.evidence, quiet));
    if input.starts_with("s3://") {
        meter.note(&format!("{input} is read to this machine; `fanout start {input}` processes it where it is"));
    }
    let plan = local.claim(plan)?;
    left.set(remains(&plan, resumable));
    let report = local.run(plan, |progress| watch(progress, &meter, left)).await?;
    left.set(Remains::Nothing);
    meter.end();
    Ok(report)
}

/// Goes on with a run that was interrupted.
async fn resume(args: &RunArgs, run: &Path, left: &Left) -> Result<Report, CliError> {
    let below = Path::new(&args.job.out).join(run);
    let folder = if !run.exists() && below.exists() { &below } else { run };
    let interrupted = Interrupted::open(folder).await?;
    let mut meter = Meter::start(Shown::on_standard_error(args.quiet || args.job.json), &interrupted.plan().object.key);
    let source = interrupted.source().await.watched(meter.counter());
    let local = local(&args.job, source)?;
    left.set(remains(interrupted.plan(), true));
    let report = local.resume(interrupted, |progress| watch(progress, &meter, left)).await?;
    left.set(Remains::Nothing);
    meter.end();
    Ok(report)
}

/// The files left of a run that has no report yet.
fn remains(plan: &Plan, resumable: bool) -> Remains {
    let folder = shown(plan.results.to_string().trim_end_matches('/'));
    Remains::Run { folder, chunks: (0, plan.chunk_count), resumable }
}

fn watch(progress: Progress, meter: &Meter, left: &Left) {
    match progress {
        Progress::Round { chunks, .. } => left.chunks_to_do(chunks),
        Progress::Chunk { .. } => left.chunk_finished(),
        Progress::Merge => {}
    }
    meter.show(progress);
}
