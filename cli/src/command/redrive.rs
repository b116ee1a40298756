//! `fanout redrive`: what failed of a run of the deployed stack, again.

use fanout_cli::deployed::Deployment;
use fanout_core::message::to_json_pretty;

use super::watch::follow;
use crate::args::RedriveArgs;
use crate::ending::{Ended, Ending};
use crate::left::Left;
use crate::terminal::print;

/// Redrives a run, and follows it where that is asked for.
pub(crate) async fn redrive(args: &RedriveArgs, left: &Left) -> Ended {
    let deployment = Deployment::of_run(&args.run, &args.target.target()).await?;
    let redriven = deployment.redrive(&args.run).await?;
    if args.watch {
        return follow(&deployment, &redriven.run, (args.json, args.strict), left).await;
    }
    if args.json {
        print(&to_json_pretty("run", &redriven)?)?;
    } else {
        print(redriven.run.as_bytes())?;
        eprintln!("it runs again; follow it: {}", deployment.command("watch", &redriven.run));
    }
    Ok(Ending::Succeeded)
}
