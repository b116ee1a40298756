//! The results store of a run that leaves nothing. It keeps all but the parts in memory.

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::Location;
use fanout_store::{MemoryStore, ObjectWriter, OpenObject, Read, Store, StoreError};

/// The results of a run that leaves none. Objects that the run itself reads again are kept in memory;
/// parts are dropped as they come.
#[derive(Default)]
pub(crate) struct Scratch(MemoryStore);

#[async_trait]
impl Store for Scratch {
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        self.0.read(read).await
    }

    async fn put(&self, at: &Location, body: Bytes) -> Result<(), StoreError> {
        self.0.put(at, body).await
    }

    async fn create(&self, _at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError> {
        Ok(Box::new(Dropped))
    }

    async fn delete(&self, at: &Location) -> Result<(), StoreError> {
        self.0.delete(at).await
    }
}

struct Dropped;

#[async_trait]
impl ObjectWriter for Dropped {
    async fn write(&mut self, _bytes: Bytes) -> Result<(), StoreError> {
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}
