//! `fanout clean`: old runs of the deployed stack, listed or removed.

use fanout_cli::deployed::{Deployment, OldRun};
use fanout_core::message::to_json_pretty;
use fanout_render::{bytes, counted};
use jiff::Timestamp;
use serde::Serialize;

use crate::args::CleanArgs;
use crate::ending::{Ended, Ending};
use crate::terminal::print;

/// Old runs, for a program.
#[derive(Serialize)]
struct Cleaned {
    deleted: bool,
    objects: u64,
    bytes: u64,
    runs: Vec<OldRun>,
}

/// Lists old runs, and removes them where that is asked for.
pub(crate) async fn clean(args: &CleanArgs) -> Ended {
    let deployment = Deployment::find(&args.target.target()).await?;
    let age = i64::try_from(args.older_than).unwrap_or(i64::MAX);
    let runs = deployment.old_runs(Timestamp::now().as_second().saturating_sub(age)).await?;
    for run in &runs {
        if !args.json {
            print(line(run).as_bytes())?;
        }
        if args.delete {
            deployment.remove_run(&run.name).await?;
        }
    }
    let objects = runs.iter().map(|run| run.objects).sum();
    let size = runs.iter().map(|run| run.bytes).sum();
    if args.json {
        print(&to_json_pretty("cleaned", &Cleaned { deleted: args.delete, objects, bytes: size, runs })?)?;
        return Ok(Ending::Succeeded);
    }
    let sum = format!("{}, {}, {}", counted(runs.len() as u64, "run"), counted(objects, "object"), bytes(size));
    let done = match (runs.is_empty(), args.delete) {
        (true, _) => "no runs are that old".to_owned(),
        (_, true) => format!("removed: {sum}"),
        (_, false) => format!("{sum}; nothing is removed without --delete"),
    };
    print(done.as_bytes())?;
    Ok(Ending::Succeeded)
}

fn line(run: &OldRun) -> String {
    let day: String = Timestamp::from_second(run.modified).unwrap_or_default().to_string().chars().take(10).collect();
    let report = if run.report { "" } else { ", without a report" };
    format!("{}: {day}, {}, {}{report}", run.name, counted(run.objects, "object"), bytes(run.bytes))
}
