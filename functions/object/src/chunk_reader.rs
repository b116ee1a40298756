//! The reader of one chunk's bytes. A body that breaks is resumed, a bounded number of times.

use std::time::{Duration, Instant};

use bytes::Bytes;
use fanout_core::{Coded, LOOK_AHEAD, Location, ObjectVersion, ScanRange, backoff, error_chain};
use fanout_store::{Body, Read, Store, StoreError};
use futures::StreamExt;

/// Bytes of one further read at most, for a last record longer than the look-ahead.
const MAX_STEP: u64 = 8 << 20;

/// Broken bodies of a chunk that are resumed, at most. Each may have stalled for the
/// store's 15 seconds: together with the waits below half of the 5 minutes that a chunk has. The
/// chunk's own retry stands behind it.
const RESUMES: u32 = 8;

/// The bytes of one chunk, and those behind it that belong to its last record.
///
/// One read covers the chunk and the look-ahead; bytes behind them are read in steps that double.
/// After a body that breaks, stalls or is short, the next read goes on at the byte that didn't come,
/// after a wait and a limited number of times. A read that the store doesn't answer isn't tried again
/// here, as the store does so itself. Every read asks for the planned ETag: an object overwritten in
/// between is an error, never a mixture.
pub struct ChunkReader<'s> {
    store: &'s dyn Store,
    object: &'s ObjectVersion,
    at: Location,
    body: Option<Body>,
    /// The bytes of the read that are still to come.
    range: ScanRange,
    step: u64,
    bytes_read: u64,
    read_time: Duration,
    resumes: u32,
    /// Broken bodies since the last byte.
    failures: u32,
}

impl<'s> ChunkReader<'s> {
    /// A reader of `object` from `start`, whose chunk ends at `end`.
    pub fn new(store: &'s dyn Store, object: &'s ObjectVersion, start: u64, end: u64) -> Self {
        let at = object.location();
        let range = ScanRange::new(start, end.saturating_add(LOOK_AHEAD).min(object.size));
        Self {
            store,
            object,
            at,
            body: None,
            range,
            step: LOOK_AHEAD,
            bytes_read: 0,
            read_time: Duration::ZERO,
            resumes: 0,
            failures: 0,
        }
    }

    /// The next piece; `None` at the end of the object.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] where the object is another one by now, and the store's error where a
    /// read fails or a body broke too often.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        while let Some(piece) = self.next_of_range().await? {
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        if self.range.end >= self.object.size {
            return Ok(None);
        }
        self.step = (self.step * 2).min(MAX_STEP);
        let start = self.range.end;
        self.range = ScanRange::new(start, start.saturating_add(self.step).min(self.object.size));
        self.body = None;
        self.next_of_range().await
    }

    /// The next piece of the range that is being read; `None` at its end.
    ///
    /// # Errors
    ///
    /// As [`ChunkReader::next`].
    pub async fn next_of_range(&mut self) -> Result<Option<Bytes>, StoreError> {
        let clock = Instant::now();
        let piece = self.wait_for_piece().await;
        self.read_time += clock.elapsed();
        piece
    }

    async fn wait_for_piece(&mut self) -> Result<Option<Bytes>, StoreError> {
        while !self.range.is_empty() {
            let body = match &mut self.body {
                Some(body) => body,
                none => {
                    let read = Read {
                        at: &self.at,
                        version_id: self.object.version_id.as_deref(),
                        range: Some(self.range),
                        if_match: Some(&self.object.etag),
                    };
                    none.insert(self.store.read(read).await?.body)
                }
            };
            match body.next().await {
                Some(Ok(piece)) => {
                    self.range.start += piece.len() as u64;
                    self.bytes_read += piece.len() as u64;
                    self.failures = 0;
                    return Ok(Some(piece));
                }
                Some(Err(error)) if error.code().is_transient() && self.resumes < RESUMES => {
                    self.body = None;
                    self.resumes += 1;
                    self.failures += 1;
                    let (byte, code, resumes) = (self.range.start, error.code().as_str(), self.resumes);
                    tracing::warn!(byte, resumes, code, error = error_chain(&error), "get resumed");
                    tokio::time::sleep(backoff(self.failures, fastrand::f64())).await;
                }
                Some(Err(error)) => return Err(error),
                // Not before the last byte: a short body ends with an error.
                None => break,
            }
        }
        // A stream isn't asked again after its end.
        (self.body, self.range.start) = (None, self.range.end);
        Ok(None)
    }

    /// Tells whether the range that is being read is the last one of the object.
    pub fn ends_object(&self) -> bool {
        self.range.end >= self.object.size
    }

    /// Returns the time spent waiting for bytes.
    pub fn read_time(&self) -> Duration {
        self.read_time
    }

    /// Bytes fetched so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }
}
