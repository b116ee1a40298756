//! The parts that a chunk's outputs write. Unfinished ones are aborted where the chunk fails.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::Location;
use fanout_outputs::{OutputError, PartStore, PartWriter};
use fanout_store::{ObjectWriter, OpenWriters, Store, StoreError};

/// The parts of a run, below its prefix in the results store.
pub(crate) struct RunParts {
    store: Arc<dyn Store>,
    results: Location,
    open: OpenWriters,
}

struct Writer {
    part: Box<dyn ObjectWriter>,
    at: Location,
    bytes: u64,
}

fn part(error: StoreError) -> OutputError {
    OutputError::Part(Box::new(error))
}

impl RunParts {
    pub(crate) fn new(store: Arc<dyn Store>, results: Location) -> Self {
        Self { store, results, open: OpenWriters::default() }
    }

    /// Gives up every part that isn't finished; returns when nothing of them is left.
    pub(crate) async fn abort(&self) -> Result<(), StoreError> {
        self.open.abort().await
    }
}

#[async_trait]
impl PartStore for RunParts {
    async fn create(&self, key: &str) -> Result<Box<dyn PartWriter>, OutputError> {
        let at = self.results.join(key);
        let writer = self.open.create(&*self.store, &at).await.map_err(part)?;
        Ok(Box::new(Writer { part: writer, at, bytes: 0 }))
    }
}

#[async_trait]
impl PartWriter for Writer {
    async fn write(&mut self, bytes: Bytes) -> Result<(), OutputError> {
        self.bytes += bytes.len() as u64;
        self.part.write(bytes).await.map_err(part)
    }

    async fn finish(self: Box<Self>) -> Result<(), OutputError> {
        self.part.finish().await.map_err(part)?;
        tracing::debug!(part = %self.at, bytes = self.bytes, "part written");
        Ok(())
    }
}
