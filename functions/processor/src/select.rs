use std::sync::Arc;

use fanout_core::message::{Chunk, DataBytes, Failure, Location, Plan};
use fanout_core::{Code, Coded, DEFAULT_EXPRESSION, ScanRange, Scanner, SelectFormat, Start};
use fanout_store::{Query, Read, Selected, Store, StoreError};
use futures::StreamExt;

use crate::error::Cause;
use crate::parts::RunParts;
use crate::work::{Outputs, Reading, Work};

/// Lets S3 Select read one chunk, and feeds the records that it returns to the plan's outputs.
///
/// Their offsets are those in what was returned. An answer that breaks, falls silent or lacks its
/// end can't be gone on with, as nobody knows at which record: the chunk's own retry begins anew.
/// The object is looked at before and after, as a request of S3 Select can't ask for an ETag.
pub(crate) async fn select_into(
    plan: &Plan,
    chunk: &Chunk,
    source: &dyn Store,
    parts: Arc<RunParts>,
) -> Result<Work, Cause> {
    let mut outputs = Outputs::start(plan, chunk, Arc::new(plan.schema()), parts)?;
    let at = Location { bucket: plan.object.bucket.clone(), key: plan.object.key.clone() };
    let Some(filtering) = source.filtering() else {
        return Err(Cause::Object(StoreError::NoSelect { at, reason: "the store has none".into() }));
    };
    let first = chunk.start == plan.data_start;
    let seen = chunk.start - u64::from(!first);
    let byte = look(plan, &at, source, seen).await.map_err(Cause::Object)?;
    let format = SelectFormat::of(&plan.dataset, plan.format);
    let query = Query {
        at: &at,
        expression: plan.dataset.expression.as_deref().unwrap_or(DEFAULT_EXPRESSION),
        format,
        range: chunk.range(),
        before: byte.filter(|_| !first),
    };
    let mut answer = filtering.select(query).await.map_err(Cause::Object)?;
    let mut work = Work::default();
    let mut scanner = Scanner::new(&format.result(), Start::Place, 0, u64::MAX, plan.dataset.max_record());
    let mut reading = Reading::new(plan);
    while work.select.is_none() {
        match answer.next().await {
            Some(Ok(Selected::Records(bytes))) => {
                work.bytes_read += bytes.len() as u64;
                scanner.push(&bytes);
            }
            Some(Ok(Selected::Done(stats))) => {
                work.select = Some(stats);
                scanner.finish();
            }
            // The same again would be the same: a result, with which the run ends.
            Some(Err(error)) if error.code() == Code::RecordTooLarge => {
                work.failure = Some(Failure::of(&error));
                return Ok(work);
            }
            Some(Err(error)) => return Err(Cause::Object(error)),
            None => {
                let reason = "S3 Select: the answer ended without its end".to_owned();
                return Err(Cause::Object(StoreError::Unavailable { at, reason }));
            }
        }
        if let Some(error) = reading.drain(&mut scanner, &mut outputs, &mut work).await? {
            work.failure = Some(Failure::of(&error));
            return Ok(work);
        }
    }
    look(plan, &at, source, seen).await.map_err(Cause::Object)?;
    // They are bytes of the answer, not of the object.
    work.bytes = DataBytes::default();
    outputs.finish(&mut work).await?;
    Ok(work)
}

/// One byte of the object, if it is still the planned one.
async fn look(plan: &Plan, at: &Location, source: &dyn Store, offset: u64) -> Result<Option<u8>, StoreError> {
    let read = Read {
        at,
        // S3 Select reads the current version, so that is the one to look at.
        version_id: None,
        range: Some(ScanRange::new(offset, offset + 1)),
        if_match: Some(&plan.object.etag),
    };
    Ok(source.read(read).await?.bytes().await?.first().copied())
}
