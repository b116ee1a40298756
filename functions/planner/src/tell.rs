//! The events of planning: what was detected, and the plan.

use fanout_core::HeaderError;
use fanout_core::message::{Concurrency, Plan};
use fanout_object::HeaderReadError;

use crate::PlannerError;

/// Things detected that are told with their evidence: words of a fixed list and counts. Others name columns, or quote
/// values.
const WITHOUT_VALUES: [&str; 13] = [
    "encoding",
    "format",
    "delimiter",
    "quote",
    "escape",
    "comment",
    "terminator",
    "skip_lines",
    "header",
    "footer",
    "columns",
    "trailing delimiter",
    "trim",
];

/// Tells what was detected, and how the object is cut.
pub(crate) fn tell_plan(plan: &Plan) {
    let run = plan.run_id.as_str();
    for one in plan.evidence.iter().filter(|one| WITHOUT_VALUES.contains(&one.what.as_str())) {
        tracing::info!(run, what = one.what, value = one.value, evidence = one.sentence, "detected");
    }
    let (chunks, chunk_size, bytes, data_start) =
        (plan.chunk_count, plan.chunk_size, plan.object.size, plan.data_start);
    let (columns, inferred, reader) = (plan.header.len(), plan.inferred.len(), plan.reader.as_str());
    let (object, compression) = (plan.object.location(), plan.compression.map(|one| one.to_string()));
    let (seconds, usd) = (plan.estimate.seconds, plan.estimate.usd);
    tracing::info!(
        run, %object, bytes, compression, reader, data_start, columns, inferred, chunks, chunk_size,
        estimate_seconds = seconds, estimate_usd = usd, "planned"
    );
    if let Some(Concurrency { wanted, available, unknown }) = &plan.concurrency {
        match (available, unknown) {
            (_, Some(error)) => tracing::warn!(run, wanted, error, "concurrency unknown"),
            (Some(available), _) if available < wanted => {
                tracing::warn!(run, wanted, available, "concurrency exceeded");
            }
            _ => {}
        }
    }
}

impl PlannerError {
    /// Tells whether the error's text may have values of the data in it.
    pub(crate) fn quotes_data(&self) -> bool {
        match self {
            PlannerError::Samples { .. } => true,
            PlannerError::Header(HeaderReadError::Header { source, .. }) => {
                matches!(**source, HeaderError::Mismatch { .. } | HeaderError::Unreadable { .. })
            }
            _ => false,
        }
    }
}
