//! The processing of one chunk, up to its stored result. Doing it twice leaves the same.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fanout_core::message::{
    ChunkResult, DataBytes, Failure, Part, ProcessRequest, ProcessResponse, Reader, SelectStats, Usage, VERSION,
    from_json, to_json,
};
use fanout_core::{cores, error_chain};
use fanout_log::{caught, chunk_processed, failed};
use fanout_outputs::OutputKinds;
use fanout_store::{CountingStore, Requests, Store, StoreError, get, whole_plan};
use tracing::Instrument;

use crate::Context;
use crate::error::{Cause, ProcessError};
use crate::feed::{Fed, Feed, Made};
use crate::parts::RunParts;
use crate::range::read_range;
use crate::select::read_select;

/// A chunk as its reader found it, without the outputs' results.
#[derive(Default)]
pub(crate) struct ReadChunk {
    pub(crate) first_record: Option<u64>,
    pub(crate) next_record: Option<u64>,
    /// Bytes of no record: see [`fanout_core::Scanner::skipped`].
    pub(crate) skipped: u64,
    /// Line breaks from the first record to the next one.
    pub(crate) lines: u64,
    /// Bytes fetched.
    pub(crate) bytes_read: u64,
    /// Time spent waiting for them.
    pub(crate) read_time: Duration,
    pub(crate) select: Option<SelectStats>,
    pub(crate) failure: Option<Failure>,
}

/// Processes one chunk, and stores its result where the response says.
///
/// A failure that another attempt would meet again is part of the result, and ends the run: that the object is
/// another one, gone or damaged, or that a record is too long for S3 Select.
///
/// Outputs use the cores that come with the function's memory.
///
/// # Errors
///
/// [`ProcessError`] with the chunk's number, where the store or an output fails.
pub async fn process(request: &ProcessRequest, context: &Context) -> Result<ProcessResponse, ProcessError> {
    process_on(request, context, cores(context.memory_mb)).await
}

/// Processes one chunk as [`process`] does, on up to so many cores.
///
/// # Errors
///
/// As [`process`].
pub async fn process_on(
    request: &ProcessRequest,
    context: &Context,
    cores: usize,
) -> Result<ProcessResponse, ProcessError> {
    let index = request.chunk.index;
    let span = tracing::error_span!("chunk", run = request.plan.run_id, chunk = index, round = request.plan.round);
    let work = async {
        let done = caught(process_and_store(request, context, cores)).await;
        match done.map_err(|source| ProcessError::Chunk { index, source }) {
            Ok(response) => Ok(response),
            Err(error) => {
                failed(&error, false);
                keep_failure(request, &error, context).await;
                Err(error)
            }
        }
    };
    work.instrument(span).await
}

async fn process_and_store(
    request: &ProcessRequest,
    context: &Context,
    cores: usize,
) -> Result<ProcessResponse, Cause> {
    let (started, clock) = (SystemTime::now(), Instant::now());
    let requests = Requests::default();
    let source = &CountingStore::new(context.source.clone(), requests.clone());
    let results: Arc<dyn Store> = Arc::new(CountingStore::new(context.results.clone(), requests.clone()));
    let plan = whole_plan::<Cause>(&request.plan, &*results).await?;
    let request = &ProcessRequest { plan: plan.into_owned(), chunk: request.chunk };
    let ProcessRequest { plan, chunk } = request;
    let location = plan.result_location(chunk.index);
    // A repair replaces what an earlier round wrote.
    let (earlier, used) = if plan.round > 0 { of_earlier_round(&*results, request).await? } else { Default::default() };
    let (read, fed, made) = match process_chunk(request, source, results.clone(), context.outputs, cores).await {
        Err(Cause::Object(error)) if Failure::of(&error).ends_the_run() => {
            let failure = Some(Failure::of(&error));
            (ReadChunk { failure, ..ReadChunk::default() }, Fed::default(), Made::default())
        }
        done => done?,
    };
    let written: HashSet<&str> = made.parts.iter().map(|part| part.key.as_str()).collect();
    for part in earlier.iter().filter(|part| !written.contains(part.key.as_str())) {
        results.delete(&plan.results.join(&part.key)).await?;
    }
    let elapsed_ms = clock.elapsed().as_millis() as u64;
    let mut usage = Usage::invocation(elapsed_ms.max(1), context.memory_mb);
    // The result itself is yet to be written.
    (usage.gets, usage.puts) = (requests.gets(), requests.puts() + 1);
    usage += used;
    let result = ChunkResult {
        version: VERSION,
        run_id: plan.run_id.clone(),
        etag: plan.object.etag.clone(),
        chunk: *chunk,
        first_record: read.first_record,
        next_record: read.next_record,
        records: fed.records,
        rejects: fed.rejects,
        no_records: fed.no_records,
        // Those of S3 Select are bytes of the answer, not of the object.
        bytes: match read.select {
            Some(_) => DataBytes::default(),
            None => DataBytes { skipped: read.skipped + fed.bytes.skipped, ..fed.bytes },
        },
        types: fed.types,
        late_keys: fed.late_keys,
        unfit: fed.unfit,
        gave_up: fed.gave_up,
        round: plan.round,
        lines: read.lines,
        seen: fed.seen,
        marks: fed.marks,
        bytes_read: read.bytes_read,
        started_ms: started.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64),
        elapsed_ms,
        read_ms: read.read_time.as_millis() as u64,
        usage,
        select: read.select,
        failure: read.failure,
        parts: made.parts,
        partial: made.partial,
    };
    results.put(&location, to_json("chunk result", &result)?.into()).await?;
    tell(&result);
    Ok(ProcessResponse { index: chunk.index, result: location.key })
}

/// Keeps the error of a chunk beside the results, for the record of a run that fails. Where that fails as well, the
/// error of the chunk is the one to tell.
async fn keep_failure(request: &ProcessRequest, error: &ProcessError, context: &Context) {
    let at = request.plan.failure_location(request.chunk.index);
    let kept = match to_json("failure", &Failure::of(error)) {
        Ok(json) => context.results.put(&at, json.into()).await.map_err(|error| error_chain(&error)),
        Err(error) => Err(error_chain(&error)),
    };
    if let Err(error) = kept {
        tracing::warn!(error, "error of the chunk not kept");
    }
}

/// Logs a result: the one line that each chunk has in the log, and its duration as a metric.
fn tell(result: &ChunkResult) {
    let ChunkResult { first_record, next_record, records, rejects, bytes_read, elapsed_ms, read_ms, unfit, .. } =
        *result;
    let (gets, puts, parts) = (result.usage.gets, result.usage.puts, result.parts.len());
    let failure = result.failure.as_ref().map(|failure| failure.code.as_str());
    tracing::info!(
        first_record,
        next_record,
        records,
        rejects,
        bytes_read,
        elapsed_ms,
        read_ms,
        gets,
        puts,
        parts,
        unfit,
        failure,
        "chunk processed"
    );
    chunk_processed(elapsed_ms);
}

/// Reads one chunk and feeds its records to the plan's outputs. Where it fails, nothing is left of the
/// parts that were not finished.
async fn process_chunk(
    request: &ProcessRequest,
    source: &dyn Store,
    results: Arc<dyn Store>,
    outputs: OutputKinds,
    cores: usize,
) -> Result<(ReadChunk, Fed, Made), Cause> {
    let parts = Arc::new(RunParts::new(results, request.plan.results.clone()));
    let done = read_and_feed(request, source, outputs, parts.clone(), cores).await;
    match (done, parts.abort().await) {
        (Ok(_), Err(error)) => Err(error.into()),
        // The first error is the one to tell; the bucket's lifecycle rule removes what is left.
        (done, _) => done,
    }
}

async fn read_and_feed(
    request: &ProcessRequest,
    source: &dyn Store,
    outputs: OutputKinds,
    parts: Arc<RunParts>,
    cores: usize,
) -> Result<(ReadChunk, Fed, Made), Cause> {
    let ProcessRequest { plan, chunk } = request;
    let mut feed = Feed::start(plan, chunk, outputs, parts, cores)?;
    let read = match plan.reader {
        Reader::Select => read_select(plan, chunk, source, &mut feed).await?,
        Reader::Range | Reader::Auto => read_range(plan, chunk, source, &mut feed).await?,
    };
    let fed = feed.fed();
    // After a failure outputs are dropped unfinished: what they wrote is discarded with them.
    let made = if read.failure.is_none() { feed.finish().await? } else { Made::default() };
    Ok((read, fed, made))
}

/// Returns the parts that the stored result lists, and its usage; nothing where there is no result.
async fn of_earlier_round(results: &dyn Store, request: &ProcessRequest) -> Result<(Vec<Part>, Usage), Cause> {
    let location = request.plan.result_location(request.chunk.index);
    match get(results, &location).await {
        Ok(bytes) => {
            let result: ChunkResult = from_json(&location.to_string(), &bytes)?;
            Ok((result.parts, result.usage))
        }
        Err(StoreError::NoSuchObject { .. }) => Ok(Default::default()),
        Err(error) => Err(error.into()),
    }
}
