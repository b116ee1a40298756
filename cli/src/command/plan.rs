//! `fanout plan`: how a file would be processed.

use fanout_core::chunks;
use fanout_core::message::to_json_pretty;
use fanout_render::plan_table;

use super::datasets::read_dataset;
use super::jobs::{asked, local, prices};
use crate::args::PlanArgs;
use crate::ending::{Ended, Ending};
use crate::input::open;
use crate::meter::{Meter, Shown};
use crate::terminal::{print, width};

/// Prints the plan of a file.
pub(crate) async fn plan(args: &PlanArgs) -> Ended {
    let dataset = read_dataset(&args.job.reading)?;
    let mut meter = Meter::start(Shown::on_standard_error(args.job.json), &args.object);
    let source = open(&args.object, &meter).await?;
    let job = asked(&args.job, &source, dataset);
    let mut plan = local(&args.job, source)?.plan(&job).await?;
    let prices = prices(&args.job)?;
    meter.end();
    if args.job.json {
        plan.chunks = Some(chunks(plan.data(), plan.chunk_size).collect());
        print(&to_json_pretty("plan", &plan)?)?;
    } else {
        print(plan_table(&plan, &prices, width()).as_bytes())?;
    }
    Ok(Ending::Succeeded)
}
