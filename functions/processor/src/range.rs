//! The reader `range`: a chunk's bytes, aligned to records and scanned.

use bytes::{Bytes, BytesMut};
use fanout_core::message::{Chunk, Plan};
use fanout_core::{Alignment, LOOK_BACK, Scanner, Start, align, align_utf16, utf16_position};
use fanout_object::{ChunkReader, ChunkText};
use fanout_store::{Store, StoreError};

use crate::error::Cause;
use crate::feed::Feed;
use crate::process::ReadChunk;

/// Bytes after a chunk's start by which its alignment is first judged, and the most that are
/// looked at where they don't show a record's end.
const WINDOW: usize = 64 << 10;
const MAX_WINDOW: usize = 4 << 20;

/// Reads, aligns and scans one chunk, and feeds its records.
pub(crate) async fn read_range(
    plan: &Plan,
    chunk: &Chunk,
    source: &dyn Store,
    feed: &mut Feed,
) -> Result<ReadChunk, Cause> {
    let Beginning { mut text, first_record, bytes } = begin(plan, chunk, source).await.map_err(Cause::Object)?;
    let mut read = ReadChunk { first_record, ..ReadChunk::default() };
    if let Some(boundary) = first_record {
        // The text of a compressed object ends where it ends.
        let end = if plan.compression.is_some() { u64::MAX } else { chunk.end };
        let mut scanner = Scanner::new(&plan.dialect(), Start::Boundary, boundary, end, plan.max_record());
        if plan.encoding.is_utf16() {
            scanner = scanner.utf16();
        }
        scanner.push(&bytes);
        loop {
            feed.drain(&mut scanner).await?;
            if scanner.is_done() {
                break;
            }
            match text.next().await.map_err(Cause::Object)? {
                Some(bytes) => scanner.push(&bytes),
                None => scanner.finish(),
            }
        }
        read.next_record = scanner.next_boundary();
        (read.skipped, read.lines) = (scanner.skipped(), scanner.lines());
    }
    (read.bytes_read, read.read_time) = (text.bytes_read(), text.read_time());
    Ok(read)
}

/// The first record of a chunk, and the bytes from there on that were read to find it.
struct Beginning<'s> {
    text: ChunkText<'s>,
    first_record: Option<u64>,
    bytes: Bytes,
}

async fn begin<'s>(plan: &'s Plan, chunk: &Chunk, source: &'s dyn Store) -> Result<Beginning<'s>, StoreError> {
    if let Some(compression) = plan.compression {
        let mut text = ChunkText::compressed(source, &plan.object, compression).in_encoding(plan.encoding);
        let bytes = text.skip(plan.data_start).await?;
        return Ok(Beginning { text, first_record: Some(plan.data_start), bytes });
    }
    let known = chunk.first_record.or((chunk.start == plan.data_start).then_some(chunk.start));
    let Some(boundary) = known else { return guess(plan, chunk, source).await };
    let reader = if boundary >= chunk.end {
        ChunkReader::new(source, &plan.object, plan.object.size, plan.object.size)
    } else {
        ChunkReader::new(source, &plan.object, boundary, chunk.end)
    };
    let text = ChunkText::plain(reader).in_encoding(plan.encoding);
    Ok(Beginning { text, first_record: Some(boundary), bytes: Bytes::new() })
}

/// Finds the first boundary of a chunk whose start nobody has proven.
async fn guess<'s>(plan: &'s Plan, chunk: &Chunk, source: &'s dyn Store) -> Result<Beginning<'s>, StoreError> {
    let (dialect, width) = (plan.dialect(), plan.width());
    let utf16 = plan.encoding.is_utf16();
    let look_back = if utf16 { 2 * LOOK_BACK } else { LOOK_BACK };
    let align = if utf16 { align_utf16 } else { align };
    let back = look_back.min(chunk.start - plan.data_start);
    let from = chunk.start - back;
    let reader = ChunkReader::new(source, &plan.object, from, chunk.end);
    let mut text = ChunkText::plain(reader).in_encoding(plan.encoding);
    let mut window = BytesMut::new();
    let mut wanted = WINDOW;
    loop {
        let mut more = true;
        while more && window.len() < wanted {
            match text.next_of_range().await? {
                Some(piece) => window.extend_from_slice(&piece),
                None => more = false,
            }
        }
        // A piece may have brought more than is wanted.
        let looked_at = window.len().min(wanted);
        let more = more || looked_at < window.len();
        let ends = !more && text.ends_object();
        match align(&window[..looked_at], back, chunk.start, ends, &dialect, width) {
            Alignment::Boundary(boundary) => {
                let before = boundary - from;
                let position = if utf16 { utf16_position(&window, before) } else { before as usize };
                tracing::debug!(boundary, chunk_start = chunk.start, looked_at, "boundary guessed");
                let bytes = window.freeze().slice(position..);
                return Ok(Beginning { text, first_record: Some(boundary), bytes });
            }
            Alignment::Unseen if more && wanted < MAX_WINDOW => wanted *= 4,
            Alignment::Unseen => {
                tracing::debug!(chunk_start = chunk.start, looked_at, "no boundary seen");
                return Ok(Beginning { text, first_record: None, bytes: Bytes::new() });
            }
        }
    }
}
