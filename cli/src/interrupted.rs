//! A local run that was interrupted: its plan, which it keeps among its results, and the chunks that are finished.
//!
//! A chunk is finished where its result is of this run, this object and this round, and every part that it lists is
//! there in full. Parts and results get their names when they are complete, the result last.

use std::collections::HashSet;
use std::path::Path;

use fanout_core::message::{Chunk, ChunkResult, Evidence, Plan, from_json, to_json};
use fanout_core::{Location, ScanRange, take_body};
use fanout_render::{count, counted};
use fanout_store::{LocalStore, Read, Store, StoreError, get, whole_plan};
use jiff::{Timestamp, ToSpan};

use crate::round::chunks;
use crate::{CliError, Source, argument};

/// The name of the plan of the round at work, among the results.
const PLAN: &str = "plan.json";

/// The name of what the report says of a run that was taken up.
const RESUMED: &str = "resumed";

/// Stores the plan of a round before its chunks are processed.
pub(crate) async fn keep(plan: &Plan, results: &dyn Store) -> Result<(), CliError> {
    Ok(results.put(&plan.results.join(PLAN), to_json("plan", plan)?.into()).await?)
}

/// A local run without a report, which can be taken up again.
pub struct Interrupted {
    plan: Plan,
}

/// A run that is taken up.
pub(crate) struct TakenUp {
    pub(crate) plan: Plan,
    /// The numbers of the chunks that need no more work.
    pub(crate) finished: HashSet<u64>,
    /// The time at which the run would have begun, had it not been interrupted.
    pub(crate) started_at: Timestamp,
}

impl Interrupted {
    /// Reads the plan of a run's folder.
    ///
    /// # Errors
    ///
    /// [`CliError::Argument`] where the folder is none of a local run, or its run has ended or was moved;
    /// [`CliError::Store`] and [`CliError::Message`] where the plan cannot be read.
    pub async fn open(folder: &Path) -> Result<Self, CliError> {
        let invalid = |reason: &str| argument(&format!("--resume {}", folder.display()), reason);
        let Ok(place) = folder.canonicalize() else { return Err(invalid("there is no such folder")) };
        let location = Location::new(&place.to_string_lossy(), PLAN);
        let plan: Plan = match get(&LocalStore, &location).await {
            Ok(bytes) => from_json(&location.to_string(), &bytes)?,
            Err(StoreError::NoSuchObject { .. }) => {
                return Err(invalid("it has no plan.json: it is no folder of a run, or the run had not begun"));
            }
            Err(error) => return Err(error.into()),
        };
        let planned = Path::new(&plan.results.bucket).join(&plan.results.key);
        if planned.canonicalize().ok().as_ref() != Some(&place) {
            return Err(invalid(&format!("the run was moved: it began in {}", planned.display())));
        }
        if place.join("report.json").exists() {
            return Err(invalid("that run has ended: its report is there"));
        }
        Ok(Self { plan })
    }

    /// The object of the run.
    pub async fn source(&self) -> Source {
        Source::planned(&self.plan.object).await
    }

    /// The plan of the round that was interrupted.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Checks that the object is the planned one, and finds the chunks that are finished.
    pub(crate) async fn take_up(self, source: &dyn Store, results: &dyn Store) -> Result<TakenUp, CliError> {
        check_unchanged(&self.plan, source).await?;
        let chunks = chunks(&mut self.plan.clone(), results).await?;
        let mut finished = Vec::new();
        for chunk in &chunks {
            finished.extend(finished_chunk(&self.plan, chunk, results).await?);
        }
        // As if the work had gone on without a break.
        let began = finished.iter().map(|result| result.started_ms).min().unwrap_or(0);
        let ended = finished.iter().map(|result| result.started_ms + result.elapsed_ms).max().unwrap_or(0);
        let worked = i64::try_from(ended - began).unwrap_or(0).milliseconds();
        let now = Timestamp::now();
        let started_at = now.checked_sub(worked).unwrap_or(now);
        let plan = told(self.plan, finished.len() as u64, chunks.len() as u64, results).await?;
        let finished = finished.iter().map(|result| result.chunk.index).collect();
        Ok(TakenUp { plan, finished, started_at })
    }
}

/// Refuses an object that is not the planned one any more.
async fn check_unchanged(plan: &Plan, source: &dyn Store) -> Result<(), CliError> {
    let at = plan.object.location();
    let version_id = plan.object.version_id.as_deref();
    let read = Read { at: &at, version_id, range: Some(ScanRange::new(0, 1)), if_match: None };
    let found = match source.read(read).await {
        Ok(opened) => opened.object,
        Err(StoreError::OutOfRange { .. }) => {
            let (expected, found) = (plan.object.etag.clone(), "an empty one".to_owned());
            return Err(StoreError::Changed { at, expected, found }.into());
        }
        Err(error) => return Err(error.into()),
    };
    if (&found.etag, found.size) != (&plan.object.etag, plan.object.size) {
        let expected = plan.object.etag.clone();
        return Err(StoreError::Changed { at, expected, found: found.etag }.into());
    }
    Ok(())
}

/// Returns the result of a chunk that needs no more work.
async fn finished_chunk(plan: &Plan, chunk: &Chunk, results: &dyn Store) -> Result<Option<ChunkResult>, CliError> {
    let location = plan.result_location(chunk.index);
    let bytes = match get(results, &location).await {
        Ok(bytes) => bytes,
        Err(StoreError::NoSuchObject { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // What cannot be read, as after a loss of power, is made again.
    let Ok(result) = from_json::<ChunkResult>(&location.to_string(), &bytes) else { return Ok(None) };
    let planned = (&plan.run_id, &plan.object.etag, plan.round, chunk);
    if (&result.run_id, &result.etag, result.round, &result.chunk) != planned || result.failure.is_some() {
        return Ok(None);
    }
    for part in &result.parts {
        let at = plan.results.join(&part.key);
        let read = Read { range: Some(ScanRange::new(0, 1)), ..Read::whole(&at) };
        let size = match results.read(read).await {
            Ok(found) => Some(found.object.size),
            Err(StoreError::OutOfRange { .. }) => Some(0),
            Err(StoreError::NoSuchObject { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        if size != Some(part.bytes) {
            return Ok(None);
        }
    }
    Ok(Some(result))
}

/// Adds to the plan what its report says of the break: `finished` of the round's chunks were.
async fn told(plan: Plan, finished: u64, all: u64, results: &dyn Store) -> Result<Plan, CliError> {
    let mut whole = whole_plan::<CliError>(&plan, results).await?.into_owned();
    whole.evidence.retain(|one| one.what != RESUMED);
    let value = format!("{} of {}", count(finished), counted(all, "chunk"));
    let repair = if plan.round > 0 { format!(" in repair {}", plan.round) } else { String::new() };
    let sentence = format!("the run was interrupted{repair} and taken up again: {value} were finished before");
    whole.evidence.push(Evidence { what: RESUMED.to_owned(), value, sentence });
    if let Some(body) = take_body(&mut whole)?
        && let Some(location) = &whole.body
    {
        results.put(location, to_json("plan", &body)?.into()).await?;
    }
    Ok(whole)
}
