use std::collections::BTreeMap;

use fanout_core::message::{
    Chunk, ChunkResult, CoverageReport, MessageError, OutputReport, Part, Plan, ReduceRequest, ReduceResponse, Report,
    Status, VERSION, from_json, manifest, to_json, to_json_pretty,
};
use fanout_core::{Coverage, INLINE_CHUNKS, verify};
use fanout_outputs::find;
use fanout_store::{Store, StoreError, get};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::ReduceError;

/// The name of the list of all parts.
const PARTS: &str = "parts.json";

/// Results that are read at once.
const READS: usize = 64;

/// Handles one event of the state machine: see [`reduce`].
pub async fn handle(event: &RawValue, results: &dyn Store) -> Result<ReduceResponse, ReduceError> {
    reduce(&from_json("reduce request", event.get().as_bytes())?, results).await
}

/// Verifies and merges what the processors left, and writes the report; or says what to repair.
pub async fn reduce(request: &ReduceRequest, results: &dyn Store) -> Result<ReduceResponse, ReduceError> {
    let plan = &request.plan;
    let started: Timestamp = request.started_at.parse().map_err(|error| MessageError {
        what: "reduce request".into(),
        reason: format!("started_at {:?}: {error}", request.started_at),
    })?;
    let found = read_results(plan, results).await?;
    match verify(plan, &found)? {
        Coverage::Repair(chunks) => {
            let plan = repair_plan(plan, chunks, results).await?;
            Ok(ReduceResponse::Repair { plan: Box::new(plan) })
        }
        Coverage::Proven(coverage) => {
            let found: Vec<ChunkResult> = found.into_iter().flatten().collect();
            let mut report = merge(plan, &found, coverage)?;
            let parts = parts_by_output(&found);
            results.put(&plan.results.join(PARTS), to_json("list of parts", &parts)?.into()).await?;
            report.elapsed_ms =
                u64::try_from(Timestamp::now().as_millisecond() - started.as_millisecond()).unwrap_or(0);
            let location = plan.report_location();
            results.put(&location, to_json_pretty("report", &report)?.into()).await?;
            Ok(ReduceResponse::Done { report: Box::new(report.summary(location)) })
        }
    }
}

/// Every chunk's result in chunk order, `None` where there is none.
async fn read_results(plan: &Plan, results: &dyn Store) -> Result<Vec<Option<ChunkResult>>, ReduceError> {
    stream::iter(0..plan.chunk_count)
        .map(|index| async move {
            let place = plan.result_location(index);
            match get(results, &place).await {
                Ok(bytes) => Ok(Some(from_json(&place.to_string(), &bytes)?)),
                Err(StoreError::NoSuchObject { .. }) => Ok(None),
                Err(error) => Err(ReduceError::Store(error)),
            }
        })
        .buffered(READS)
        .try_collect()
        .await
}

/// The plan of the next round: few chunks in it, many in a manifest.
async fn repair_plan(plan: &Plan, chunks: Vec<Chunk>, results: &dyn Store) -> Result<Plan, ReduceError> {
    let mut next = Plan { round: plan.round + 1, chunks: None, manifest: None, ..plan.clone() };
    if chunks.len() as u64 <= INLINE_CHUNKS {
        next.chunks = Some(chunks);
        return Ok(next);
    }
    let place = next.manifest_location();
    results.put(&place, manifest(chunks)?.into()).await?;
    next.manifest = Some(place);
    Ok(next)
}

/// Merges the partials in chunk order.
fn merge(plan: &Plan, found: &[ChunkResult], coverage: CoverageReport) -> Result<Report, ReduceError> {
    let records = found.iter().map(|result| result.records).sum();
    let rejects = found.iter().map(|result| result.rejects).sum();
    check_rejects(plan, records, rejects)?;
    let schema = plan.schema();
    let mut report = Report {
        version: VERSION,
        status: if rejects == 0 { Status::Succeeded } else { Status::SucceededWithRejects },
        run_id: plan.run_id.clone(),
        object: plan.object.clone(),
        dataset: plan.dataset_name.clone(),
        reader: plan.reader,
        format: plan.format,
        compression: plan.compression,
        not_split: plan.not_split(),
        records,
        rejects,
        chunks: plan.chunk_count,
        coverage,
        columns: Vec::new(),
        outputs: Vec::new(),
        bytes_read: found.iter().map(|result| result.bytes_read).sum(),
        results: plan.results.clone(),
        elapsed_ms: 0,
    };
    for name in &plan.outputs {
        let mut merge = find(name)?.merge(&schema);
        for result in found {
            let no_partial = || ReduceError::NoPartial { index: result.chunk.index, output: name.clone() };
            merge.add(result.partial.get(name).ok_or_else(no_partial)?)?;
        }
        let section = merge.finish();
        let parts = || found.iter().flat_map(|result| &result.parts).filter(|part| part.output == *name);
        report.columns.extend(section.columns);
        report.outputs.push(OutputReport {
            name: name.clone(),
            parts: parts().count() as u64,
            records: section.records,
            bytes: parts().map(|part| part.bytes).sum(),
            section: section.section,
        });
    }
    Ok(report)
}

fn check_rejects(plan: &Plan, records: u64, rejects: u64) -> Result<(), ReduceError> {
    match plan.dataset.max_reject_ratio {
        Some(allowed) if rejects as f64 > allowed * (records + rejects) as f64 => {
            let place = plan.results.join("rejects/").to_string();
            Err(ReduceError::TooManyRejects { records, rejects, allowed, place })
        }
        _ => Ok(()),
    }
}

/// Each output's parts in chunk order: the list by which readers find them.
fn parts_by_output(found: &[ChunkResult]) -> BTreeMap<&str, Vec<&Part>> {
    let mut parts = BTreeMap::<&str, Vec<&Part>>::new();
    for part in found.iter().flat_map(|result| &result.parts) {
        parts.entry(&part.output).or_default().push(part);
    }
    parts
}
