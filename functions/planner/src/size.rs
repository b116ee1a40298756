//! The chunk size of a plan and its estimate, by the work that its outputs are for a function of the stack.

use fanout_core::message::{Job, MessageError, Plan, Work};
use fanout_core::{Compression, RunSize, Stack, UsualRecord, chunk_size_for, estimate, validate_chunk_size, work};

use crate::{PlanConfig, PlannerError};

/// Cuts a plan into chunks; returns the work that they are. `record_bytes` are those of the object's usual record.
pub(crate) fn set_size(
    plan: &mut Plan,
    job: &Job,
    record_bytes: f64,
    config: &PlanConfig,
) -> Result<Work, PlannerError> {
    let (object, compression) = (plan.data().len(), plan.compression);
    let work = work_of(plan, record_bytes)?;
    plan.chunk_size = match (compression, job.chunk_size) {
        (Some(_), _) => object,
        (None, Some(asked)) => plan.encoding.whole_units(asked),
        (None, None) => automatic(plan, &work, config, config.parallelism),
    };
    if compression.is_none() {
        validate_chunk_size(plan.chunk_size, object)?;
    }
    plan.chunk_count = object.div_ceil(plan.chunk_size);
    let seconds = work.chunk_seconds(&config.stack, &size_in_stack(plan, job, &work, config));
    check_time(plan, compression, seconds, config)?;
    Ok(work)
}

/// Estimates a plan in the stack, whose Map is no wider than the account lets it be.
pub(crate) fn set_estimate(plan: &mut Plan, job: &Job, work: &Work, config: &PlanConfig) {
    let size = size_in_stack(plan, job, work, config);
    let available = plan.concurrency.as_ref().and_then(|concurrency| concurrency.available);
    let parallelism = config.stack.parallelism.min(available.unwrap_or(u64::MAX));
    let stack = Stack { parallelism, ..config.stack };
    plan.estimate = estimate(&config.prices, &stack, work, &size, !plan.inferred.is_empty());
}

/// The run as the stack would cut it: on the command line that is not what the run is cut for.
fn size_in_stack(plan: &Plan, job: &Job, work: &Work, config: &PlanConfig) -> RunSize {
    let object = plan.data().len();
    let chunk = match (plan.compression, job.chunk_size) {
        (None, None) => automatic(plan, work, config, config.stack.parallelism),
        _ => plan.chunk_size,
    };
    RunSize::new(object, plan.compression, object.div_ceil(chunk))
}

fn work_of(plan: &Plan, record_bytes: f64) -> Result<Work, MessageError> {
    let record = UsualRecord::new(&plan.schema(), record_bytes);
    work(plan.outputs.iter().map(|output| output.name.as_str()), &record, plan.compression)
}

fn automatic(plan: &Plan, work: &Work, config: &PlanConfig, parallelism: u64) -> u64 {
    plan.encoding.whole_units(chunk_size_for(plan.data().len(), parallelism, work.longest_chunk(&config.stack)))
}

/// Refuses a compressed object, which is one chunk, if a function hasn't the time for it.
fn check_time(
    plan: &Plan,
    compression: Option<Compression>,
    seconds: f64,
    config: &PlanConfig,
) -> Result<(), PlannerError> {
    match (compression, config.chunk_seconds) {
        (Some(compression), Some(limit)) if seconds > limit as f64 => {
            let seconds = (seconds * 10.0).round() / 10.0;
            Err(PlannerError::TooLong { object: plan.object.location(), compression, seconds, limit })
        }
        _ => Ok(()),
    }
}
