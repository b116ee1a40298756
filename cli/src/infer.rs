use fanout_core::message::{Dataset, Location};
use fanout_core::{Coded, Compression, ScanRange};
use fanout_store::{Read, StoreError, text_of_prefix};
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

/// The dataset that the first `bytes` of an object suggest, or their text where they are compressed.
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
    let infer =
        |text: &[u8], size| fanout_core::infer(text, size).map_err(|source| InferError { at: at.clone(), source });
    let Some(compression) = Compression::of(&sample) else { return Ok(infer(&sample, size)?) };
    let whole = sample.len() as u64 >= size;
    let (text, whole) = text_of_prefix(&at, compression, sample, whole, bytes as usize).await?;
    Ok(infer(&text, if whole { text.len() as u64 } else { u64::MAX })?)
}
