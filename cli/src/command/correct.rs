//! `fanout correct`: corrected records become a part of the run that refused them.

use std::path::Path;

use fanout_cli::{EndedRun, Source, argument};
use fanout_core::message::to_json_pretty;
use fanout_render::{corrected_line, corrected_sum};

use super::diff::report_file;
use crate::args::CorrectArgs;
use crate::ending::{Ended, Ending};
use crate::outputs::OUTPUTS;
use crate::terminal::{link, print, shown};

/// Processes a file of corrected records, and prints what became of them.
pub(crate) async fn correct(args: &CorrectArgs) -> Ended {
    let report = report_file(&args.run);
    let folder = report.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let run = EndedRun::open(folder).await?;
    let name = args.with.to_string_lossy();
    if name.starts_with("s3://") {
        return Err(argument(&format!("--with {name}"), "expected a file on this machine"));
    }
    let done = run.correct(Source::open(&name).await?, OUTPUTS).await?;
    let report = done.as_ref().unwrap_or(run.report());
    if args.json {
        print(&to_json_pretty("report", report)?)?;
        return Ok(Ending::Succeeded);
    }
    if done.is_none() {
        print(b"nothing to do: this file is a part of the run already")?;
    }
    if let Some(corrected) = &report.corrected {
        print(format!("{}\n{}", corrected_line(corrected), corrected_sum(corrected)).as_bytes())?;
    }
    let folder = shown(&report.results.to_string());
    let page = link(&format!("{}/report.html", folder.trim_end_matches('/')));
    print(format!("results: {}\nreport:  {page}", link(&folder)).as_bytes())?;
    Ok(Ending::Succeeded)
}
