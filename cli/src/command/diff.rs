//! `fanout diff`: the reports of two runs, compared.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use fanout_cli::CliError;
use fanout_core::message::{Report, from_json, to_json_pretty};
use fanout_render::{compare, comparison_page, comparison_text};

use super::datasets::read;
use crate::args::DiffArgs;
use crate::ending::{Ended, Ending};
use crate::terminal::print;

/// The name of a report in a run's folder, and the folder in which runs are by default.
const REPORT: &str = "report.json";
const RUNS: &str = "runs";

/// Prints the differences of two runs.
pub(crate) fn diff(args: &DiffArgs) -> Ended {
    let comparison = compare(&report(&args.before)?, &report(&args.after)?);
    if let Some(path) = &args.html {
        let fail = |source: std::io::Error| CliError::Write { path: path.display().to_string(), source };
        let mut file = File::create_new(path).map_err(fail)?;
        file.write_all(comparison_page(&comparison).as_bytes()).map_err(fail)?;
    }
    if args.json {
        print(&to_json_pretty("comparison", &comparison)?)?;
    } else {
        print(comparison_text(&comparison).as_bytes())?;
    }
    Ok(if comparison.equal { Ending::Succeeded } else { Ending::Different })
}

/// Reads the report of a run.
fn report(run: &Path) -> Result<Report, CliError> {
    let path = report_file(run);
    from_json(&path.display().to_string(), &read(&path)?).map_err(CliError::from)
}

/// Returns the file of a report: the one that is named, that of the folder, or that of the run of this id in `runs`.
pub(crate) fn report_file(run: &Path) -> PathBuf {
    let below = Path::new(RUNS).join(run);
    match (run.is_file(), run.exists() || !below.is_dir()) {
        (true, _) => run.to_owned(),
        (false, true) => run.join(REPORT),
        (false, false) => below.join(REPORT),
    }
}
