//! `fanout watch`: a run of the deployed stack, followed to its end.

use fanout_cli::CliError;
use fanout_cli::deployed::{ChunkFailure, Deployment, Ended as EndedRun, Follow, News};
use fanout_core::message::to_json_pretty;
use fanout_render::{concurrency_line, report_table};

use crate::args::WatchArgs;
use crate::ending::{Ended, Ending};
use crate::left::{Left, Remains};
use crate::meter::{Meter, Shown};
use crate::terminal::{print, width};

/// Follows a run, and prints its report.
pub(crate) async fn watch(args: &WatchArgs, left: &Left) -> Ended {
    let deployment = Deployment::of_run(&args.run, &args.target.target()).await?;
    follow(&deployment, &args.run, (args.json, args.strict), left).await
}

/// Follows a run of a deployment, and prints its report: as JSON, and strictly, where that is asked for.
pub(super) async fn follow(deployment: &Deployment, run: &str, (json, strict): (bool, bool), left: &Left) -> Ended {
    let mut followed = Follow::find(deployment, run).await?;
    let command = deployment.command("watch", followed.run());
    left.set(Remains::Deployed { follow: command, execution: followed.arn().to_owned() });
    let mut meter = Meter::asking(Shown::on_standard_error(json), &followed.key());
    let ended = followed.to_end(|news| tell(&meter, news)).await;
    meter.end();
    left.set(Remains::Nothing);
    show(deployment, &ended?, (json, strict))
}

/// Prints the report of a run.
pub(super) fn show(deployment: &Deployment, ended: &EndedRun, (json, strict): (bool, bool)) -> Ended {
    let EndedRun { run, report, .. } = ended;
    if json {
        print(&to_json_pretty("report", report)?)?;
    } else {
        let table = report_table(report, &format!("s3://{}", report.object), width());
        let open = deployment.command("report", run);
        print(format!("{table}\nresults: s3://{}\nreport:  {open} --open", report.results).as_bytes())?;
    }
    Ok(Ending::of(report, strict))
}

/// Tells a piece of news.
fn tell(meter: &Meter, news: News) {
    match news {
        News::Progress(followed) => meter.follow(followed),
        News::Planned(concurrency) => concurrency_line(&concurrency).iter().for_each(|line| meter.note(line)),
        News::Chunk(failure) => lines(&failure).iter().for_each(|line| meter.note(line)),
        News::Trouble(error) => meter.note(&format!("{}; asking again", CliError::from(error))),
    }
}

/// The lines of a chunk's failure: its error, and what the log says about it.
fn lines(failure: &ChunkFailure) -> Vec<String> {
    let first = format!("failed: {failure}");
    std::iter::once(first).chain(failure.log.iter().map(|line| format!("  {line}"))).collect()
}
