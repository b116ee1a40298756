//! Several inputs of `fanout run`: a run each, one after another, and one summary.

use fanout_cli::CliError;
use fanout_core::message::{Dataset, Report, to_json_pretty};
use fanout_render::{count, counted, run_line};
use serde::Serialize;

use super::run::{folder, process};
use crate::args::RunArgs;
use crate::ending::{Ended, Ending, Told, exit_code, tell_error, worse};
use crate::left::{Left, Remains};
use crate::terminal::{link, print};

/// Several runs, for a program.
#[derive(Serialize)]
struct Runs {
    succeeded: u64,
    failed: u64,
    runs: Vec<Run>,
}

/// One of them.
#[derive(Serialize)]
struct Run {
    input: String,
    #[serde(flatten)]
    end: End,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum End {
    Report(Box<Report>),
    Error(Told),
}

/// The counts of several runs.
#[derive(Default)]
struct Sums {
    code: u8,
    succeeded: u64,
    failed: u64,
    records: u64,
    rejects: u64,
}

/// Runs inputs one after another. One that fails does not keep the others from running.
pub(super) async fn run_several(args: &RunArgs, inputs: &[String], dataset: &Dataset, left: &Left) -> Ended {
    let mut sums = Sums::default();
    let mut runs = Vec::new();
    for input in inputs {
        match process(args, input, dataset.clone(), left).await {
            Ok(report) => {
                sums.add(&report, args.strict);
                if args.job.json {
                    runs.push(Run { input: input.clone(), end: End::Report(Box::new(report)) });
                } else {
                    let folder = folder(&report);
                    let page = link(&format!("{folder}/report.html"));
                    let line = if args.quiet { folder } else { format!("{}\n  {page}", run_line(input, &report)) };
                    print(line.as_bytes())?;
                }
            }
            Err(error) => {
                sums.fail(&error);
                if args.job.json {
                    runs.push(Run { input: input.clone(), end: End::Error(Told::of(&error)) });
                } else {
                    tell_error(&Told::of(&error), false);
                    left.tell_after(&error);
                }
                left.set(Remains::Nothing);
            }
        }
    }
    if args.job.json {
        let runs = Runs { succeeded: sums.succeeded, failed: sums.failed, runs };
        print(&to_json_pretty("reports", &runs)?)?;
    } else if !args.quiet {
        print(sums.line().as_bytes())?;
    }
    Ok(if sums.code == 0 { Ending::Succeeded } else { Ending::Failed(sums.code) })
}

impl Sums {
    fn add(&mut self, report: &Report, strict: bool) {
        self.code = worse(self.code, Ending::of(report, strict).code());
        self.succeeded += 1;
        self.records += report.records;
        self.rejects += report.rejects;
    }

    fn fail(&mut self, error: &CliError) {
        self.code = worse(self.code, exit_code(error));
        self.failed += 1;
    }

    fn line(&self) -> String {
        format!(
            "{}: {} succeeded, {} failed; {}, {}",
            counted(self.succeeded + self.failed, "run"),
            count(self.succeeded),
            count(self.failed),
            counted(self.records, "record"),
            counted(self.rejects, "reject"),
        )
    }
}
