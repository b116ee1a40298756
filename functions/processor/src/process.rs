use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use fanout_core::message::{
    ChunkResult, Failure, Part, ProcessRequest, ProcessResponse, Usage, VERSION, from_json, to_json,
};
use fanout_store::{Counted, Requests, Store, StoreError, get, memory_mb};
use serde_json::value::RawValue;

use crate::error::{Cause, ProcessError};
use crate::work::{Work, work};

/// Handles one event of the state machine: see [`process`].
pub async fn handle(
    event: &RawValue,
    source: &dyn Store,
    results: Arc<dyn Store>,
) -> Result<ProcessResponse, ProcessError> {
    process(&from_json("process request", event.get().as_bytes())?, source, results).await
}

/// Processes one chunk, and stores its result where the response says.
///
/// `source` holds the object, `results` takes what the run makes. What another attempt would not
/// mend is part of the result, for the reducer to judge: that the object is another one or gone,
/// which ends the run, or an error in the data (a record too long, a quote that never closes), which
/// is one only if coverage proves where the chunk began.
pub async fn process(
    request: &ProcessRequest,
    source: &dyn Store,
    results: Arc<dyn Store>,
) -> Result<ProcessResponse, ProcessError> {
    let index = request.chunk.index;
    run(request, source, results).await.map_err(|source| ProcessError::Chunk { index, source })
}

async fn run(request: &ProcessRequest, source: &dyn Store, results: Arc<dyn Store>) -> Result<ProcessResponse, Cause> {
    let ProcessRequest { plan, chunk } = request;
    let (started, clock) = (SystemTime::now(), Instant::now());
    let requests = Requests::default();
    let source = &Counted::new(source, requests.clone());
    let results: Arc<dyn Store> = Arc::new(Counted::new(results, requests.clone()));
    let place = plan.result_location(chunk.index);
    // A repair replaces what an earlier round wrote.
    let (earlier, used) = if plan.round > 0 { of_earlier_round(&*results, request).await? } else { Default::default() };
    let Work {
        first_record,
        next_record,
        records,
        rejects,
        bytes,
        bytes_read,
        read_time,
        select,
        failure,
        parts,
        partial,
    } = match work(plan, chunk, source, results.clone()).await {
        Err(Cause::Object(error)) if Failure::of(&error).ends_the_run() => {
            Work { failure: Some(Failure::of(&error)), ..Work::default() }
        }
        work => work?,
    };
    let written: HashSet<&str> = parts.iter().map(|part| part.key.as_str()).collect();
    for part in earlier.iter().filter(|part| !written.contains(part.key.as_str())) {
        results.delete(&plan.results.join(&part.key)).await?;
    }
    let elapsed_ms = clock.elapsed().as_millis() as u64;
    let mut usage = Usage::invocation(elapsed_ms.max(1), memory_mb());
    // The result itself is yet to be written.
    (usage.gets, usage.puts) = (requests.gets(), requests.puts() + 1);
    usage += used;
    let result = ChunkResult {
        version: VERSION,
        run_id: plan.run_id.clone(),
        etag: plan.object.etag.clone(),
        chunk: *chunk,
        first_record,
        next_record,
        records,
        rejects,
        bytes,
        bytes_read,
        started_ms: started.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64),
        elapsed_ms,
        read_ms: read_time.as_millis() as u64,
        usage,
        select,
        failure,
        parts,
        partial,
    };
    results.put(&place, to_json("chunk result", &result)?.into()).await?;
    Ok(ProcessResponse { index: chunk.index, result: place.key })
}

/// The parts that the result that is there lists, and what it took; nothing where there is none.
async fn of_earlier_round(results: &dyn Store, request: &ProcessRequest) -> Result<(Vec<Part>, Usage), Cause> {
    let place = request.plan.result_location(request.chunk.index);
    match get(results, &place).await {
        Ok(bytes) => {
            let result: ChunkResult = from_json(&place.to_string(), &bytes)?;
            Ok((result.parts, result.usage))
        }
        Err(StoreError::NoSuchObject { .. }) => Ok(Default::default()),
        Err(error) => Err(error.into()),
    }
}
