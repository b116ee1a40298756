use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Buf, Bytes};
use fanout_core::Compression;
use fanout_core::message::{Location, Plan};
use fanout_store::{Decompress, Store, StoreError};
use futures::stream;

use crate::reader::ChunkReader;

/// The text of a chunk: its bytes as they are, or what they decompress to.
pub(crate) enum Text<'s> {
    /// Of an object that isn't compressed.
    Plain(ChunkReader<'s>),
    /// Of one that is: a chunk that is all of it, and the nanoseconds for which its bytes were waited for.
    Compressed(Box<Decompress<'s>>, Arc<AtomicU64>),
}

impl<'s> Text<'s> {
    /// The text of the whole object.
    pub(crate) fn compressed(store: &'s dyn Store, plan: &'s Plan, compression: Compression) -> Self {
        let object = &plan.object;
        let at = Location { bucket: object.bucket.clone(), key: object.key.clone() };
        let reader = ChunkReader::new(store, object, 0, object.size);
        let waited = Arc::new(AtomicU64::new(0));
        let pieces = stream::unfold((reader, waited.clone()), |(mut reader, waited)| async {
            let piece = reader.next().await.transpose();
            waited.store(reader.read_time().as_nanos() as u64, Ordering::Relaxed);
            piece.map(|piece| (piece, (reader, waited)))
        });
        Text::Compressed(Box::new(Decompress::new(&at, compression, pieces)), waited)
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        match self {
            Text::Plain(reader) => reader.next().await,
            Text::Compressed(text, _) => text.next().await,
        }
    }

    /// Passes over this many bytes; returns those that were read with them.
    pub(crate) async fn skip(&mut self, bytes: u64) -> Result<Bytes, StoreError> {
        let mut left = bytes;
        while left > 0 {
            let Some(mut piece) = self.next().await? else { break };
            let passed = left.min(piece.len() as u64);
            left -= passed;
            piece.advance(passed as usize);
            if !piece.is_empty() {
                return Ok(piece);
            }
        }
        Ok(Bytes::new())
    }

    /// Bytes of the object fetched so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        match self {
            Text::Plain(reader) => reader.bytes_read(),
            Text::Compressed(text, _) => text.taken(),
        }
    }

    /// How long they were waited for.
    pub(crate) fn read_time(&self) -> Duration {
        match self {
            Text::Plain(reader) => reader.read_time(),
            Text::Compressed(_, waited) => Duration::from_nanos(waited.load(Ordering::Relaxed)),
        }
    }
}
