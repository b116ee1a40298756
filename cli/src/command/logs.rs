//! `fanout logs`: what the functions logged about a run.

use fanout_cli::deployed::Deployment;
use fanout_core::message::to_json_pretty;

use crate::args::LogsArgs;
use crate::ending::{Ended, Ending};
use crate::terminal::print;

/// Prints the log lines of a run.
pub(crate) async fn logs(args: &LogsArgs) -> Ended {
    let deployment = Deployment::of_run(&args.run, &args.target.target()).await?;
    let lines = deployment.logs(&args.run, args.chunk).await?;
    if args.json {
        print(&to_json_pretty("lines", &lines)?)?;
    } else if lines.is_empty() {
        eprintln!(
            "no lines: the functions log little of a run without faults, and a line comes some seconds after its time"
        );
    } else {
        let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
        print(text.join("\n").as_bytes())?;
    }
    Ok(Ending::Succeeded)
}
