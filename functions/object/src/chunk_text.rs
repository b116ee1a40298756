//! The text of a chunk: the object's bytes, or what a compressed object decompresses to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Buf, Bytes};
use fanout_core::{Compression, ObjectVersion};
use fanout_store::{Store, StoreError};
use futures::stream;

use crate::chunk_reader::ChunkReader;
use crate::decompress::Decompress;

/// The text of a chunk: its bytes as they are, or what they decompress to.
pub struct ChunkText<'s>(Kind<'s>);

enum Kind<'s> {
    Plain(ChunkReader<'s>),
    /// A chunk that is the whole object, with the nanoseconds spent waiting for its bytes.
    Compressed(Box<Decompress<'s>>, Arc<AtomicU64>),
}

impl<'s> ChunkText<'s> {
    /// The text of an object that is not compressed: the bytes of `reader`.
    pub fn plain(reader: ChunkReader<'s>) -> Self {
        ChunkText(Kind::Plain(reader))
    }

    /// The text of the whole object.
    pub fn compressed(store: &'s dyn Store, object: &'s ObjectVersion, compression: Compression) -> Self {
        let reader = ChunkReader::new(store, object, 0, object.size);
        let waited = Arc::new(AtomicU64::new(0));
        let pieces = stream::unfold((reader, waited.clone()), |(mut reader, waited)| async {
            let piece = reader.next().await.transpose();
            waited.store(reader.read_time().as_nanos() as u64, Ordering::Relaxed);
            piece.map(|piece| (piece, (reader, waited)))
        });
        ChunkText(Kind::Compressed(Box::new(Decompress::new(&object.location(), compression, pieces)), waited))
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// As [`ChunkReader::next`], and [`StoreError::Corrupt`] where a compressed stream is damaged or
    /// truncated.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        match &mut self.0 {
            Kind::Plain(reader) => reader.next().await,
            Kind::Compressed(text, _) => text.next().await,
        }
    }

    /// Passes over this many bytes of text. Returns the bytes that were read beyond them.
    ///
    /// # Errors
    ///
    /// As [`ChunkText::next`].
    pub async fn skip(&mut self, bytes: u64) -> Result<Bytes, StoreError> {
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
    pub fn bytes_read(&self) -> u64 {
        match &self.0 {
            Kind::Plain(reader) => reader.bytes_read(),
            Kind::Compressed(text, _) => text.taken(),
        }
    }

    /// Returns the time spent waiting for bytes of the object.
    pub fn read_time(&self) -> Duration {
        match &self.0 {
            Kind::Plain(reader) => reader.read_time(),
            Kind::Compressed(_, waited) => Duration::from_nanos(waited.load(Ordering::Relaxed)),
        }
    }
}
