//! `fanout check`: the records that a run would refuse.

use fanout_cli::LocalRun;
use fanout_core::message::{OutputChoice, Reader, to_json_pretty};
use fanout_core::{Prices, check_reject_ratio};
use fanout_render::check_table;

use super::datasets::read_dataset;
use super::jobs::{concurrency, job};
use crate::args::CheckArgs;
use crate::ending::{Ended, Ending};
use crate::input::open;
use crate::meter::{Meter, Shown};
use crate::outputs::OUTPUTS;
use crate::terminal::{print, tell, width};

/// Runs a file without results, and prints which records were refused.
pub(crate) async fn check(args: &CheckArgs) -> Ended {
    let mut dataset = read_dataset(&args.reading)?;
    // What would be refused is told however much it is.
    let allowed = dataset.max_reject_ratio.replace(1.0);
    let mut meter = Meter::start(Shown::on_standard_error(args.json), &args.object);
    let source = open(&args.object, &meter).await?;
    let job = job(&source, dataset, Reader::Range, None, Some(vec![OutputChoice::named("rejects")]));
    let local = LocalRun::without_results(source, concurrency(args.concurrency), Prices::built_in()?, OUTPUTS);
    let plan = local.plan(&job).await?;
    meter.aside(|| tell(&plan.evidence, args.json));
    let report = local.run(plan, |progress| meter.show(progress)).await?;
    meter.end();
    if args.json {
        print(&to_json_pretty("report", &report)?)?;
    } else {
        print(check_table(&report, width()).as_bytes())?;
    }
    check_reject_ratio(allowed, report.records, report.rejects.saturating_sub(report.no_records))?;
    Ok(Ending::of(&report, args.strict))
}
