//! A store whose bytes are counted as they come, for a progress bar.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::Location;
use fanout_store::{ObjectWriter, OpenObject, Read, Select, Store, StoreError};
use futures::StreamExt;

/// Another store, whose bodies are counted. Bytes that are read twice count twice.
pub(crate) struct Watched {
    store: Arc<dyn Store>,
    bytes: Arc<AtomicU64>,
}

impl Watched {
    /// A store in front of `store` that adds the bytes of bodies to `bytes`.
    pub(crate) fn new(store: Arc<dyn Store>, bytes: Arc<AtomicU64>) -> Self {
        Self { store, bytes }
    }
}

#[async_trait]
impl Store for Watched {
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        let OpenObject { object, range, body, requests } = self.store.read(read).await?;
        let bytes = self.bytes.clone();
        let body = body.inspect(move |piece| {
            if let Ok(piece) = piece {
                bytes.fetch_add(piece.len() as u64, Relaxed);
            }
        });
        Ok(OpenObject { object, range, body: body.boxed(), requests })
    }

    async fn put(&self, at: &Location, body: Bytes) -> Result<(), StoreError> {
        self.store.put(at, body).await
    }

    async fn create(&self, at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError> {
        self.store.create(at).await
    }

    async fn delete(&self, at: &Location) -> Result<(), StoreError> {
        self.store.delete(at).await
    }

    /// The filtering store, whose answers are not counted.
    fn filtering(&self) -> Option<&dyn Select> {
        self.store.filtering()
    }
}
