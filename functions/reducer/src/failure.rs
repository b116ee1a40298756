//! The record of a run that failed: how far it had come, read from what its chunks left, as a document and a page.

use fanout_core::message::{
    FailedChunk, FailedRun, Failure, FailureReport, Part, Plan, VERSION, from_json, to_json_pretty,
};
use fanout_core::{Location, Place, next_step};
use fanout_render::failure_page;
use fanout_store::{Store, StoreError, get};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;

use crate::ReduceError;

/// The names of the document and the page, among the results.
const DOCUMENT: &str = "failure.json";
const PAGE: &str = "failure.html";

/// Objects that are read at once.
const READS: usize = 64;

/// Chunks that failed, and parts with refused records, that are listed.
const LISTED: usize = 20;

/// The output whose parts are refused records.
const REJECTS: &str = "rejects";

/// The part of a chunk's result that is of interest. Fields that are not named here are passed over.
#[derive(Deserialize)]
struct Done {
    records: u64,
    rejects: u64,
    #[serde(default)]
    failure: Option<Failure>,
    #[serde(default)]
    parts: Vec<Part>,
}

/// Writes `failure.json` and `failure.html` of a run that failed, the document last.
///
/// `plan` is the run's, where it was planned; `results` the location of its results.
///
/// # Errors
///
/// [`ReduceError`] where the results cannot be read or written.
pub async fn record_failure(
    run: FailedRun,
    plan: Option<&Plan>,
    results: &Location,
    store: &dyn Store,
) -> Result<FailureReport, ReduceError> {
    let mut report = FailureReport {
        version: VERSION,
        status: run.status,
        run_id: run.run_id,
        place: Place::of_text(&run.message),
        next_step: String::new(),
        code: run.code,
        message: run.message,
        object: plan.map(|plan| plan.object.location()).or(run.object),
        chunks: plan.map(|plan| plan.chunk_count),
        chunks_done: 0,
        records: 0,
        rejects: 0,
        reject_parts: Vec::new(),
        failed_chunks: Vec::new(),
        results: results.clone(),
        execution: run.execution,
        failed_at: run.time,
        fanout: env!("CARGO_PKG_VERSION").to_owned(),
    };
    if let Some(plan) = plan {
        count(&mut report, plan, store).await?;
    }
    // The error of a Map says that chunks failed, and theirs says why.
    if report.code.starts_with("States.")
        && let Some(FailedChunk { failure, .. }) = report.failed_chunks.first()
    {
        (report.code, report.message) = (failure.code.as_str().to_owned(), failure.message.clone());
        report.place = Place::of_text(&report.message);
    }
    report.next_step = next_step(&report.code).to_owned();
    store.put(&results.join(PAGE), failure_page(&report).into()).await?;
    store.put(&results.join(DOCUMENT), to_json_pretty("failure", &report)?.into()).await?;
    Ok(report)
}

/// Removes the record of an earlier failure of a run that has its report.
pub(crate) async fn forget_failure(results: &Location, store: &dyn Store) -> Result<(), StoreError> {
    store.delete(&results.join(DOCUMENT)).await?;
    store.delete(&results.join(PAGE)).await
}

/// Counts what the chunks of a plan left.
async fn count(report: &mut FailureReport, plan: &Plan, store: &dyn Store) -> Result<(), ReduceError> {
    let mut reading = stream::iter(0..plan.chunk_count)
        .map(|index| async move { Ok::<_, ReduceError>((index, look(plan, index, store).await?)) })
        .buffered(READS);
    while let Some((index, found)) = reading.try_next().await? {
        let failure = match found {
            Found::Nothing => None,
            Found::Failed(failure) => Some(failure),
            Found::Done(done) => {
                report.chunks_done += u64::from(done.failure.is_none());
                report.records += done.records;
                report.rejects += done.rejects;
                let parts = done.parts.into_iter().filter(|part| part.output == REJECTS);
                let room = LISTED - report.reject_parts.len().min(LISTED);
                report.reject_parts.extend(parts.map(|part| part.key).take(room));
                done.failure
            }
        };
        if let Some(failure) = failure.filter(|_| report.failed_chunks.len() < LISTED) {
            report.failed_chunks.push(FailedChunk { index, failure });
        }
    }
    Ok(())
}

enum Found {
    Done(Done),
    Failed(Failure),
    Nothing,
}

/// The result of a chunk; where it has none, its last error.
async fn look(plan: &Plan, index: u64, store: &dyn Store) -> Result<Found, ReduceError> {
    let at = plan.result_location(index);
    match get(store, &at).await {
        Ok(bytes) => return Ok(Found::Done(from_json(&at.to_string(), &bytes)?)),
        Err(StoreError::NoSuchObject { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let at = plan.failure_location(index);
    match get(store, &at).await {
        Ok(bytes) => Ok(Found::Failed(from_json(&at.to_string(), &bytes)?)),
        Err(StoreError::NoSuchObject { .. }) => Ok(Found::Nothing),
        Err(error) => Err(error.into()),
    }
}
