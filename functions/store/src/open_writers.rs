//! Objects that are being written, held so that a failure can give all of them up.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::Location;

use crate::{ObjectWriter, Store, StoreError};

/// Holds the objects that are being written: whoever writes one can drop its writer without waiting for anything, and
/// [`OpenWriters::abort`] gives up what is left of it.
#[derive(Default)]
pub struct OpenWriters(Mutex<Vec<Arc<Slot>>>);

/// A writer that is neither finished nor aborted.
type Slot = tokio::sync::Mutex<Option<Box<dyn ObjectWriter>>>;

impl OpenWriters {
    /// Begins an object, as [`Store::create`] does.
    ///
    /// # Errors
    ///
    /// As [`Store::create`].
    pub async fn create(&self, store: &dyn Store, at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError> {
        let slot = Arc::new(Slot::new(Some(store.create(at).await?)));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(slot.clone());
        Ok(Box::new(Held { slot, at: at.clone() }))
    }

    /// Gives up every object that isn't finished; returns when nothing of them is left.
    ///
    /// # Errors
    ///
    /// The first one of [`ObjectWriter::abort`]; the others are given up nevertheless.
    pub async fn abort(&self) -> Result<(), StoreError> {
        let open = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut aborted = Ok(());
        for slot in open {
            if let Some(writer) = slot.lock().await.take() {
                aborted = aborted.and(writer.abort().await);
            }
        }
        aborted
    }
}

struct Held {
    slot: Arc<Slot>,
    at: Location,
}

impl Held {
    fn given_up(&self) -> StoreError {
        StoreError::Unwritable { at: self.at.clone(), reason: "it was given up".into() }
    }
}

#[async_trait]
impl ObjectWriter for Held {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        match &mut *self.slot.lock().await {
            Some(writer) => writer.write(bytes).await,
            None => Err(self.given_up()),
        }
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        match self.slot.lock().await.take() {
            Some(writer) => writer.finish().await,
            None => Err(self.given_up()),
        }
    }

    async fn abort(self: Box<Self>) -> Result<(), StoreError> {
        match self.slot.lock().await.take() {
            Some(writer) => writer.abort().await,
            None => Ok(()),
        }
    }
}
