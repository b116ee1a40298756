//! The reduction of a run: verify coverage, merge partials, write the report or ask for repairs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use fanout_core::message::{
    Chunk, ChunkResult, ChunkTime, CoverageReport, MessageError, OutputReport, Part, Plan, Reader, ReduceRequest,
    ReduceResponse, Report, Status, Usage, VERSION, from_json, to_json, to_json_pretty,
};
use fanout_core::{ChunkList, Coverage, chunk_list, cost, take_body, verify};
use fanout_log::{caught, failed};
use fanout_outputs::{Section, find};
use fanout_render::page;
use fanout_store::{CountingStore, Requests, Store, StoreError, get, whole_plan};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use tracing::Instrument;

use crate::corrections::{check_rejects, corrected, evidence, tell_source};
use crate::failure::forget_failure;
use crate::merges::Merges;
use crate::run_parts::RunParts;
use crate::tell::{tell_corrections, tell_repairs, tell_report};
use crate::{Context, ReduceError};

/// The name of the list of all parts, and that of the report as a page.
pub(crate) const PARTS: &str = "parts.json";
pub(crate) const PAGE: &str = "report.html";

/// Results that are read at once.
const READS: usize = 64;

/// Verifies and merges what the processors left, and writes the report; or says what to repair.
///
/// Partials are merged as they are read, in chunk order, and not kept: memory doesn't grow with them.
/// The merged result is used only if coverage is proven.
///
/// # Errors
///
/// [`ReduceError`] where coverage cannot be proven or repaired, the data has an error, too many records
/// were refused, or the store or an output fails.
pub async fn reduce(request: &ReduceRequest, context: &Context) -> Result<ReduceResponse, ReduceError> {
    let span = tracing::error_span!("reduce", run = request.plan.run_id, round = request.plan.round);
    async { caught(verify_and_merge(request, context)).await.inspect_err(|error| failed(error, false)) }
        .instrument(span)
        .await
}

async fn verify_and_merge(request: &ReduceRequest, context: &Context) -> Result<ReduceResponse, ReduceError> {
    let clock = Instant::now();
    let requests = Requests::default();
    let store: Arc<dyn Store> = Arc::new(CountingStore::new(context.results.clone(), requests.clone()));
    let results: &dyn Store = &*store;
    let plan = &*whole_plan::<ReduceError>(&request.plan, results).await?;
    let started: Timestamp = request.started_at.parse().map_err(|error| MessageError {
        what: "reduce request".into(),
        reason: format!("started_at {:?}: {error}", request.started_at),
    })?;
    let mut merges = Merges::start(plan, context.outputs)?;
    let found = read_results(plan, results, &mut merges).await?;
    match verify(plan, &found)? {
        Coverage::Repair(chunks) => {
            tell_repairs(&chunks);
            // As it came, without its body.
            let plan = repair_plan(&request.plan, chunks, results).await?;
            Ok(ReduceResponse::Repair { plan: Box::new(plan) })
        }
        Coverage::Proven(coverage) => {
            let mut found: Vec<ChunkResult> = found.into_iter().flatten().collect();
            if let Some((corrected, chunks)) = corrected(plan, &found)? {
                check_outputs(&corrected, context)?;
                tell_corrections(plan, &corrected, chunks.len());
                let plan = repair_plan(&corrected, chunks, results).await?;
                return Ok(ReduceResponse::Repair { plan: Box::new(plan) });
            }
            let started_ms = u64::try_from(started.as_millisecond()).unwrap_or(0);
            let mut report = report(plan, &found, coverage, started_ms)?;
            let mut merged = Vec::new();
            for (name, mut section) in finish(merges, plan, store.clone()).await? {
                section.columns.iter_mut().for_each(|column| tell_source(plan, column));
                if section.parts_are_merged {
                    found.iter_mut().for_each(|result| result.parts.retain(|part| part.output != name));
                }
                let of_chunks = || found.iter().flat_map(|result| &result.parts).filter(|part| part.output == name);
                let parts = || of_chunks().chain(&section.parts);
                if report.columns.is_empty() {
                    (report.columns, report.sample) = (section.columns, section.sample);
                }
                report.outputs.push(OutputReport {
                    parts: parts().count() as u64,
                    records: section.records,
                    bytes: parts().map(|part| part.bytes).sum(),
                    section: section.section,
                    name,
                });
                for (name, bytes) in section.files {
                    results.put(&plan.results.join(&name), bytes.into()).await?;
                }
                merged.extend(section.parts);
            }
            let parts = parts_by_output(found.iter().flat_map(|result| &result.parts).chain(&merged));
            forget_failure(&plan.results, results).await?;
            results.put(&plan.results.join(PARTS), to_json("list of parts", &parts)?.into()).await?;
            let now = Timestamp::now();
            report.started_at = Some(started.to_string());
            report.elapsed_ms = u64::try_from(now.as_millisecond()).unwrap_or(0).saturating_sub(started_ms);
            let mut usage = Usage::invocation(clock.elapsed().as_millis().max(1) as u64, context.memory_mb);
            // The page and the report are yet to be written.
            (usage.gets, usage.puts) = (requests.gets(), requests.puts() + 2);
            report.cost = cost(&context.prices, plan.chunk_count, plan.round, used(&found), usage);
            results.put(&plan.results.join(PAGE), page(&report, &parts).into()).await?;
            let location = plan.report_location();
            results.put(&location, to_json_pretty("report", &report)?.into()).await?;
            tell_report(&report);
            Ok(ReduceResponse::Done { report: Box::new(report.summary(location)) })
        }
    }
}

/// Returns each output's section of the report. Where that fails, nothing is left of parts that were not finished.
pub(crate) async fn finish(
    merges: Merges,
    plan: &Plan,
    results: Arc<dyn Store>,
) -> Result<Vec<(String, Section)>, ReduceError> {
    let parts = Arc::new(RunParts::new(results, plan.results.clone()));
    let sections = merges.finish(parts.clone()).await;
    match (sections, parts.abort().await) {
        (Ok(_), Err(error)) => Err(error.into()),
        // The first error is the one to tell.
        (sections, _) => sections,
    }
}

/// Refuses types that an output of the run can't work on. The samples showed others.
fn check_outputs(plan: &Plan, context: &Context) -> Result<(), ReduceError> {
    for output in &plan.outputs {
        find(context.outputs, &output.name)?.validate(&plan.schema(), &output.options)?;
    }
    Ok(())
}

/// Every chunk's result in chunk order, without its partials, which go to `merges`; `None` where there
/// is none.
pub(crate) async fn read_results(
    plan: &Plan,
    results: &dyn Store,
    merges: &mut Merges,
) -> Result<Vec<Option<ChunkResult>>, ReduceError> {
    let mut found = Vec::new();
    let mut reading = stream::iter(0..plan.chunk_count)
        .map(|index| async move {
            let location = plan.result_location(index);
            match get(results, &location).await {
                Ok(bytes) => {
                    let result: ChunkResult = from_json(&location.to_string(), &bytes)?;
                    // Values of an earlier round's types are of no use.
                    let stale = result.round < plan.typed_round && (result.records > 0 || result.unfit);
                    Ok((!stale).then_some(result))
                }
                Err(StoreError::NoSuchObject { .. }) => Ok(None),
                Err(error) => Err(ReduceError::Store(error)),
            }
        })
        .buffered(READS);
    while let Some(mut result) = reading.try_next().await? {
        if let Some(result) = &mut result {
            merges.add(result);
        }
        found.push(result);
    }
    Ok(found)
}

/// Returns the plan of the next round: few chunks in it, many in a manifest, and what grows with the columns in an
/// object of its own where it is large.
async fn repair_plan(plan: &Plan, chunks: Vec<Chunk>, results: &dyn Store) -> Result<Plan, ReduceError> {
    let mut next = Plan { round: plan.round + 1, chunks: None, manifest: None, ..plan.clone() };
    match chunk_list(chunks.into_iter())? {
        ChunkList::Inline(chunks) => next.chunks = Some(chunks),
        ChunkList::Manifest(lines) => {
            let location = next.manifest_location();
            results.put(&location, lines.into()).await?;
            next.manifest = Some(location);
        }
    }
    if let Some(body) = take_body(&mut next)?
        && let Some(location) = &next.body
    {
        results.put(location, to_json("plan", &body)?.into()).await?;
    }
    Ok(next)
}

/// Returns the report without the outputs' sections.
fn report(
    plan: &Plan,
    found: &[ChunkResult],
    coverage: CoverageReport,
    started_ms: u64,
) -> Result<Report, ReduceError> {
    let records = found.iter().map(|result| result.records).sum();
    let rejects = found.iter().map(|result| result.rejects).sum();
    check_rejects(plan, found)?;
    Ok(Report {
        version: VERSION,
        status: if rejects == 0 { Status::Succeeded } else { Status::SucceededWithRejects },
        run_id: plan.run_id.clone(),
        object: plan.object.clone(),
        dataset: plan.dataset_name.clone(),
        reader: plan.reader,
        format: plan.format,
        compression: plan.compression,
        not_split: plan.not_split(),
        evidence: evidence(plan, found.iter().map(|result| result.marks).sum()),
        records,
        rejects,
        no_records: found.iter().map(|result| result.no_records).sum(),
        corrected: None,
        chunks: plan.chunk_count,
        concurrency: plan.concurrency.clone(),
        coverage,
        select: found.iter().map(|result| result.select).sum::<Option<_>>().filter(|_| plan.reader == Reader::Select),
        columns: Vec::new(),
        sample: Vec::new(),
        outputs: Vec::new(),
        bytes_read: found.iter().map(|result| result.bytes_read).sum(),
        results: plan.results.clone(),
        started_at: None,
        fanout: Some(env!("CARGO_PKG_VERSION").to_owned()),
        elapsed_ms: 0,
        timeline: found.iter().map(|result| time(result, started_ms)).collect(),
        cost: None,
    })
}

/// The times of a chunk. Clocks of different machines may disagree by a little.
fn time(result: &ChunkResult, started_ms: u64) -> ChunkTime {
    ChunkTime {
        index: result.chunk.index,
        queue_ms: result.started_ms.saturating_sub(started_ms),
        read_ms: result.read_ms,
        compute_ms: result.elapsed_ms.saturating_sub(result.read_ms),
    }
}

/// Adds up the usage of all chunks.
fn used(found: &[ChunkResult]) -> Usage {
    let mut all = Usage::default();
    found.iter().for_each(|result| all += result.usage);
    all
}

/// Each output's parts in chunk order: the list by which readers find them.
pub(crate) fn parts_by_output<'p>(all: impl Iterator<Item = &'p Part>) -> BTreeMap<&'p str, Vec<&'p Part>> {
    let mut parts = BTreeMap::<&str, Vec<&Part>>::new();
    for part in all {
        parts.entry(&part.output).or_default().push(part);
    }
    parts
}
