//! The chunk size of a plan and its estimate, by the work that its outputs are for a function of the stack.

use fanout_core::message::{Job, MessageError, Plan, Work};
use fanout_core::{Compression, RunSize, UsualRecord, chunk_size_for, estimate, validate_chunk_size, work};

use crate::{PlanConfig, PlannerError};

/// Cuts a plan into chunks and estimates it. `record_bytes` are those of the object's usual record.
pub(crate) fn set_size(plan: &mut Plan, job: &Job, record_bytes: f64, config: &PlanConfig) -> Result<(), PlannerError> {
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
    // On the command line the stack is not what the run is cut for.
    let stack_chunk = match (compression, job.chunk_size) {
        (None, None) => automatic(plan, &work, config, config.stack.parallelism),
        _ => plan.chunk_size,
    };
    let size = RunSize::new(object, compression, object.div_ceil(stack_chunk));
    check_time(plan, compression, work.chunk_seconds(&config.stack, &size), config)?;
    plan.estimate = estimate(&config.prices, &config.stack, &work, &size, !plan.inferred.is_empty());
    Ok(())
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
