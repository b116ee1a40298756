//! `fanout report`: the report of a run of the deployed stack, on the terminal, as a file, in the browser.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use fanout_cli::deployed::{DeployedError, Deployment};
use fanout_cli::{CliError, argument};
use fanout_core::Location;
use fanout_store::get;

use super::watch::show;
use crate::args::ReportArgs;
use crate::ending::{Ended, Ending};

/// The end of a page's name, and that of the document beside it.
const PAGE: &str = ".html";
const DOCUMENT: &str = ".json";

/// The program that opens a page with what the person has chosen for that.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Prints a report, or saves or opens its page; of a run that failed that of the failure, if it is there.
pub(crate) async fn report(args: &ReportArgs) -> Ended {
    let deployment = Deployment::of_run(&args.run, &args.target.target()).await?;
    let ended = deployment.report(&args.run).await;
    let (run, page) = match &ended {
        Ok(ended) => (&ended.run, Some(named(&ended.at, PAGE))),
        Err(CliError::Deployed(DeployedError::Failed(failure))) => (&failure.run, failure.page.clone()),
        Err(_) => (&args.run, None),
    };
    if let Some(page) = page {
        if let Some(path) = &args.save {
            save(&deployment, &page, path, args.force).await?;
        }
        if args.open {
            open(&deployment, &page, run).await?;
        }
    }
    let ended = ended?;
    if args.save.is_some() || args.open {
        return Ok(Ending::of(&ended.report, args.strict));
    }
    show(&deployment, &ended, (args.json, args.strict))
}

/// The location of a page or a document by that of the other.
fn named(at: &Location, end: &str) -> Location {
    let name = at.key.trim_end_matches(PAGE).trim_end_matches(DOCUMENT);
    Location::new(&at.bucket, &format!("{name}{end}"))
}

async fn save(deployment: &Deployment, page: &Location, path: &Path, replace: bool) -> Result<(), CliError> {
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let from = if is_json { named(page, DOCUMENT) } else { page.clone() };
    let bytes = get(deployment.store(), &from).await?;
    let name = path.display().to_string();
    let opened = if replace { File::create(path) } else { File::create_new(path) };
    let mut file = opened.map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => CliError::Exists { path: name.clone() },
        _ => CliError::Write { path: name.clone(), source },
    })?;
    file.write_all(&bytes).map_err(|source| CliError::Write { path: name.clone(), source })?;
    eprintln!("saved {name}");
    Ok(())
}

/// Opens a page from a folder that stays, as the browser reads it later.
async fn open(deployment: &Deployment, page: &Location, run: &str) -> Result<(), CliError> {
    let bytes = get(deployment.store(), page).await?;
    let fail = |source| CliError::Write { path: std::env::temp_dir().display().to_string(), source };
    let folder = tempfile::Builder::new().prefix("fanout-").tempdir().map_err(fail)?.keep();
    let path = folder.join(format!("{run}{PAGE}"));
    std::fs::write(&path, bytes).map_err(|source| CliError::Write { path: path.display().to_string(), source })?;
    eprintln!("opening {}", path.display());
    let opened = Command::new(OPENER).arg(&path).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match opened {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(argument("--open", &format!("{OPENER} ended with {status}; the page is {}", path.display()))),
        Err(error) => Err(argument("--open", &format!("{OPENER}: {error}; the page is {}", path.display()))),
    }
}
