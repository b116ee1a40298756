//! The parts of chunks, which merges read, and those of the run, which they write. Unfinished ones are aborted where a
//! merge fails.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::Location;
use fanout_outputs::{OutputError, PartStore, PartWriter, RunStore};
use fanout_store::{ObjectWriter, OpenWriters, Store, StoreError, get};

/// The parts of a run, below its prefix in the results store.
pub(crate) struct RunParts {
    store: Arc<dyn Store>,
    results: Location,
    open: OpenWriters,
}

struct Writer(Box<dyn ObjectWriter>);

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
        let writer = self.open.create(&*self.store, &self.results.join(key)).await.map_err(part)?;
        Ok(Box::new(Writer(writer)))
    }
}

#[async_trait]
impl RunStore for RunParts {
    async fn read(&self, key: &str) -> Result<Bytes, OutputError> {
        get(&*self.store, &self.results.join(key)).await.map_err(part)
    }
}

#[async_trait]
impl PartWriter for Writer {
    async fn write(&mut self, bytes: Bytes) -> Result<(), OutputError> {
        self.0.write(bytes).await.map_err(part)
    }

    async fn finish(self: Box<Self>) -> Result<(), OutputError> {
        self.0.finish().await.map_err(part)
    }
}
