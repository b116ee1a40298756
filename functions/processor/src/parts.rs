use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::Location;
use fanout_outputs::{OutputError, PartStore, PartWriter};
use fanout_store::{Store, StoreError, Upload};

/// The parts of a run, below its prefix in the results store.
pub(crate) struct RunParts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) results: Location,
}

struct Writer(Box<dyn Upload>);

fn part(error: StoreError) -> OutputError {
    OutputError::Part(Box::new(error))
}

#[async_trait]
impl PartStore for RunParts {
    async fn create(&self, key: &str) -> Result<Box<dyn PartWriter>, OutputError> {
        let upload = self.store.create(&self.results.join(key)).await.map_err(part)?;
        Ok(Box::new(Writer(upload)))
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
