//! The reader `select`: a chunk's records as S3 Select returns them.

use fanout_core::message::{Chunk, Failure, Plan};
use fanout_core::{Code, Coded, DEFAULT_EXPRESSION, ScanRange, Scanner, SelectFormat, Start};
use fanout_store::{Query, Read, Selected, Store, StoreError};
use futures::StreamExt;

use crate::error::Cause;
use crate::feed::Feed;
use crate::process::ReadChunk;

/// Feeds the records that S3 Select returns for one chunk.
///
/// The records are used only if the answer came to its end. The request has no `If-Match`: the object is looked
/// at before and after it, by one byte with the planned ETag.
pub(crate) async fn read_select(
    plan: &Plan,
    chunk: &Chunk,
    source: &dyn Store,
    feed: &mut Feed,
) -> Result<ReadChunk, Cause> {
    let at = plan.object.location();
    let Some(filtering) = source.filtering() else {
        return Err(Cause::Object(StoreError::NoSelect { at, reason: "the store has none".into() }));
    };
    let first = chunk.start == plan.data_start;
    let seen = chunk.start - u64::from(!first);
    let byte = look(plan, source, seen).await.map_err(Cause::Object)?;
    let format = SelectFormat::of(&plan.dataset, plan.format);
    let query = Query {
        at: &at,
        expression: plan.dataset.expression.as_deref().unwrap_or(DEFAULT_EXPRESSION),
        format,
        range: chunk.range(),
        before: byte.filter(|_| !first),
    };
    let mut answer = filtering.select(query).await.map_err(Cause::Object)?;
    let mut read = ReadChunk::default();
    let mut scanner = Scanner::new(&format.result(), Start::Boundary, 0, u64::MAX, plan.dataset.max_record());
    while read.select.is_none() {
        match answer.next().await {
            Some(Ok(Selected::Records(bytes))) => {
                read.bytes_read += bytes.len() as u64;
                scanner.push(&bytes);
            }
            Some(Ok(Selected::Done(stats))) => {
                read.select = Some(stats);
                scanner.finish();
            }
            // The same again would be the same: a result, with which the run ends.
            Some(Err(error)) if error.code() == Code::RecordTooLarge => {
                read.failure = Some(Failure::of(&error));
                return Ok(read);
            }
            Some(Err(error)) => return Err(Cause::Object(error)),
            None => {
                let reason = "S3 Select: the answer ended without its end".into();
                return Err(Cause::Object(StoreError::Unavailable { at, reason }));
            }
        }
        feed.drain(&mut scanner).await?;
    }
    look(plan, source, seen).await.map_err(Cause::Object)?;
    Ok(read)
}

/// Reads one byte of the object, if it is still the planned one.
async fn look(plan: &Plan, source: &dyn Store, offset: u64) -> Result<Option<u8>, StoreError> {
    let read = Read {
        at: &plan.object.location(),
        // S3 Select reads the current version, so that is the one to look at.
        version_id: None,
        range: Some(ScanRange::new(offset, offset + 1)),
        if_match: Some(&plan.object.etag),
    };
    Ok(source.read(read).await?.bytes().await?.first().copied())
}
