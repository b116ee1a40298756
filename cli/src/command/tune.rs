//! `fanout tune`: how many chunks of a running run are processed at once.

use fanout_cli::deployed::Deployment;
use fanout_core::message::to_json_pretty;
use serde_json::json;

use crate::args::TuneArgs;
use crate::ending::{Ended, Ending};
use crate::terminal::print;

/// Changes the concurrency of a run.
pub(crate) async fn tune(args: &TuneArgs) -> Ended {
    let deployment = Deployment::of_run(&args.run, &args.target.target()).await?;
    let before = deployment.tune(&args.run, args.concurrency).await?;
    if args.json {
        let told = json!({ "run": args.run, "concurrency": args.concurrency, "before": before });
        print(&to_json_pretty("tuned", &told)?)?;
    } else {
        print(format!("{}: {} chunks at once, {before} before", args.run, args.concurrency).as_bytes())?;
    }
    Ok(Ending::Succeeded)
}
