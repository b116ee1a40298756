//! The parts of chunks, which merges read, and those of the run, which they write. Unfinished ones are aborted where a
//! merge fails.

use fanout_core::Location;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use fanout_outputs::{OutputError, PartStore, PartWriter, RunStore};
use fanout_store::{ObjectWriter, Store, StoreError, get};

/// The parts of a run, below its prefix in the results store. It keeps hold of those being written,
/// as a merge that fails drops its own without waiting for anything.
pub(crate) struct RunParts {
    store: Arc<dyn Store>,
    results: Location,
    open: Mutex<Vec<Arc<Slot>>>,
}

/// An upload that is neither finished nor aborted.
type Slot = tokio::sync::Mutex<Option<Box<dyn ObjectWriter>>>;

struct Writer {
    slot: Arc<Slot>,
    at: Location,
}

fn part(error: StoreError) -> OutputError {
    OutputError::Part(Box::new(error))
}

impl RunParts {
    pub(crate) fn new(store: Arc<dyn Store>, results: Location) -> Self {
        Self { store, results, open: Mutex::default() }
    }

    /// Gives up every part that isn't finished; returns when nothing of them is left.
    pub(crate) async fn abort(&self) -> Result<(), StoreError> {
        let open = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        let mut aborted = Ok(());
        for slot in open {
            if let Some(upload) = slot.lock().await.take() {
                // One that can't be given up is no reason to keep the others.
                aborted = aborted.and(upload.abort().await);
            }
        }
        aborted
    }
}

#[async_trait]
impl PartStore for RunParts {
    async fn create(&self, key: &str) -> Result<Box<dyn PartWriter>, OutputError> {
        let at = self.results.join(key);
        let slot = Arc::new(Slot::new(Some(self.store.create(&at).await.map_err(part)?)));
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(slot.clone());
        Ok(Box::new(Writer { slot, at }))
    }
}

#[async_trait]
impl RunStore for RunParts {
    async fn read(&self, key: &str) -> Result<Bytes, OutputError> {
        get(&*self.store, &self.results.join(key)).await.map_err(part)
    }
}

impl Writer {
    fn given_up(&self) -> OutputError {
        part(StoreError::Unwritable { at: self.at.clone(), reason: "it was given up".into() })
    }
}

#[async_trait]
impl PartWriter for Writer {
    async fn write(&mut self, bytes: Bytes) -> Result<(), OutputError> {
        match &mut *self.slot.lock().await {
            Some(upload) => upload.write(bytes).await.map_err(part),
            None => Err(self.given_up()),
        }
    }

    async fn finish(self: Box<Self>) -> Result<(), OutputError> {
        match self.slot.lock().await.take() {
            Some(upload) => upload.finish().await.map_err(part),
            None => Err(self.given_up()),
        }
    }
}
