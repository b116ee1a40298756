//! The events of a reduction: chunks to repair, corrections of the plan, the report.

use fanout_core::SchemaColumn;
use fanout_core::message::{Chunk, Plan, Report};
use fanout_log::{RunMetrics, run_succeeded};

/// Chunks, or columns, that have an event of their own at most: a run of many has few lines all the same.
const TOLD: usize = 20;

/// Tells which chunks began at a wrong byte, or left no result.
pub(crate) fn tell_repairs(chunks: &[Chunk]) {
    tracing::warn!(chunks = chunks.len(), "chunks to repair");
    for chunk in chunks.iter().take(TOLD) {
        let Chunk { index, start, end, first_record } = *chunk;
        tracing::warn!(repair = index, start, end, first_record, "chunk to repair");
    }
}

/// Tells what the whole object disproved of a plan.
pub(crate) fn tell_corrections(plan: &Plan, corrected: &Plan, chunks: usize) {
    if corrected.encoding != plan.encoding {
        let (planned, found) = (plan.encoding.name(), corrected.encoding.name());
        tracing::warn!(planned, found, chunks, "encoding disproved");
    }
    if corrected.all_rejects != plan.all_rejects {
        tracing::info!(chunks, "rejects to write");
    }
    let (before, after) = (plan.schema(), corrected.schema());
    let keys = after.columns.len().saturating_sub(before.columns.len());
    if keys > 0 {
        tracing::info!(keys, chunks, "keys became columns");
    }
    // A name may be a value where an object has no header: a column is told by its number.
    let columns = before.columns.iter().zip(&after.columns).enumerate();
    let widened = columns.filter(|(_, (before, after))| before.column_type != after.column_type);
    for (index, (before, after)) in widened.take(TOLD) {
        let (column, from, to) = (index + 1, name(before), name(after));
        tracing::info!(column, from, to, chunks, "types widened");
    }
}

/// The name of a column's type; text has none of its own.
fn name(column: &SchemaColumn) -> String {
    column.column_type.as_ref().map_or_else(|| "string".to_owned(), ToString::to_string)
}

/// Tells that a run has its report, and counts it.
pub(crate) fn tell_report(report: &Report) {
    let (records, rejects, chunks, elapsed_ms) = (report.records, report.rejects, report.chunks, report.elapsed_ms);
    let usd = report.cost.as_ref().map_or(0.0, |cost| cost.usd);
    let (repaired, bytes) = (report.coverage.repaired, report.object.size);
    tracing::info!(records, rejects, chunks, repaired, bytes, elapsed_ms, usd, "report written");
    run_succeeded(&RunMetrics { records, rejects, bytes, elapsed_ms, usd });
}
