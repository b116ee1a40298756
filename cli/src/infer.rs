use fanout_core::message::{Dataset, Location};
use fanout_core::{Coded, ScanRange};
use fanout_store::{Read, StoreError};
use thiserror::Error;

use crate::{CliError, Source};

/// Why a sample says nothing.
#[derive(Debug, Error)]
#[error("{at}: {source}")]
pub struct InferError {
    at: Location,
    source: fanout_core::HeaderError,
}

impl Coded for InferError {
    fn code(&self) -> fanout_core::Code {
        self.source.code()
    }
}

/// The dataset that the first `bytes` of an object suggest.
pub async fn infer(source: &Source, bytes: u64) -> Result<Dataset, CliError> {
    let at = Location { bucket: source.bucket.clone(), key: source.key.clone() };
    let read = Read { at: &at, version_id: None, range: Some(ScanRange::new(0, bytes.max(1))), if_match: None };
    let (sample, size) = match source.store.read(read).await {
        Ok(reading) => {
            let size = reading.object.size;
            (reading.bytes().await?, size)
        }
        Err(StoreError::OutOfRange { .. }) => (bytes::Bytes::new(), 0),
        Err(error) => return Err(error.into()),
    };
    Ok(fanout_core::infer(&sample, size).map_err(|source| InferError { at, source })?)
}
