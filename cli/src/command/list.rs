//! `fanout list`: the runs of the deployed stack.

use fanout_cli::deployed::{Deployment, ListedRun};
use fanout_core::message::to_json_pretty;
use fanout_render::{RunRow, runs_table};

use crate::args::ListArgs;
use crate::ending::{Ended, Ending};
use crate::terminal::{print, width};

/// Prints the newest runs.
pub(crate) async fn list(args: &ListArgs) -> Ended {
    let deployment = Deployment::find(&args.target.target()).await?;
    let runs = deployment.runs(args.status, args.limit as u64).await?;
    if args.json {
        print(&to_json_pretty("runs", &runs)?)?;
    } else if runs.is_empty() {
        print(b"no runs")?;
        eprintln!("an upload starts one some seconds later; `fanout start s3://\u{2026}` starts one now");
    } else {
        let rows: Vec<RunRow> = runs.iter().map(row).collect();
        print(runs_table(&rows, width()).as_bytes())?;
    }
    Ok(Ending::Succeeded)
}

fn row(run: &ListedRun) -> RunRow {
    RunRow {
        name: run.name.clone(),
        status: run.code.clone().unwrap_or_else(|| run.status.as_str().to_owned()),
        records: run.records,
        rejects: run.rejects,
        // To the minute: a time is read, and the report has it whole.
        started: run.started_at.chars().take(16).collect::<String>().replace('T', " "),
        elapsed_ms: run.elapsed_ms,
        object: run.object.as_ref().map_or_else(String::new, |object| format!("s3://{object}")),
    }
}
