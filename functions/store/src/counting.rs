//! A store that counts the requests that S3 charges for.

use fanout_core::Location;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use async_trait::async_trait;
use bytes::Bytes;

use crate::s3::PART;
use crate::{ObjectWriter, OpenObject, Read, Select, Store, StoreError};

/// Requests that S3 charges for. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Requests(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    gets: AtomicU64,
    puts: AtomicU64,
}

impl Requests {
    /// Objects, or ranges of them, that were asked for.
    pub fn gets(&self) -> u64 {
        self.0.gets.load(Relaxed)
    }

    /// Objects, or parts of them, that were written, in as many requests as S3 takes.
    pub fn puts(&self) -> u64 {
        self.0.puts.load(Relaxed)
    }
}

/// Another store, whose requests are counted. Deleting is free.
pub struct CountingStore<S> {
    store: S,
    requests: Requests,
}

impl<S> CountingStore<S> {
    /// A store in front of `store` that counts its requests.
    pub fn new(store: S, requests: Requests) -> Self {
        Self { store, requests }
    }
}

#[async_trait]
impl<S> Store for CountingStore<S>
where
    S: Deref + Send + Sync,
    S::Target: Store,
{
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        let reading = self.store.read(read).await;
        self.requests.0.gets.fetch_add(reading.as_ref().map_or(1, |reading| reading.requests), Relaxed);
        reading
    }

    async fn put(&self, at: &Location, body: Bytes) -> Result<(), StoreError> {
        self.requests.0.puts.fetch_add(1, Relaxed);
        self.store.put(at, body).await
    }

    async fn create(&self, at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError> {
        let upload = self.store.create(at).await?;
        Ok(Box::new(CountingWriter { upload, bytes: 0, requests: self.requests.clone() }))
    }

    async fn delete(&self, at: &Location) -> Result<(), StoreError> {
        self.store.delete(at).await
    }

    /// The filtering store, whose requests are not counted: S3 Select is charged by bytes.
    fn filtering(&self) -> Option<&dyn Select> {
        self.store.filtering()
    }
}

struct CountingWriter {
    upload: Box<dyn ObjectWriter>,
    bytes: u64,
    requests: Requests,
}

#[async_trait]
impl ObjectWriter for CountingWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.bytes += bytes.len() as u64;
        self.upload.write(bytes).await
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        self.requests.0.puts.fetch_add(puts(self.bytes), Relaxed);
        self.upload.finish().await
    }

    async fn abort(self: Box<Self>) -> Result<(), StoreError> {
        self.upload.abort().await
    }
}

/// Requests for an object of so many bytes: one, or its parts between a beginning and an end.
fn puts(bytes: u64) -> u64 {
    if bytes < PART as u64 { 1 } else { 2 + bytes.div_ceil(PART as u64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_objects_are_written_in_parts() {
        let part = PART as u64;
        assert_eq!([0, 1, part - 1, part, part + 1, 10 * part].map(puts), [1, 1, 1, 3, 4, 12]);
    }
}
