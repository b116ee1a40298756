use fanout_core::message::Dataset;
use fanout_core::{Code, Coded, Location};
use fanout_object::ObjectStart;
use fanout_store::StoreError;
use thiserror::Error;

use crate::{CliError, Source};

/// A sample from which no dataset can be inferred.
#[derive(Debug, Error)]
#[error("{at}: {source}")]
pub struct InferError {
    at: Location,
    source: fanout_core::HeaderError,
}

impl Coded for InferError {
    fn code(&self) -> Code {
        self.source.code()
    }
}

/// Infers a dataset from the first `bytes` bytes of an object, or of its text where it is compressed.
///
/// # Errors
///
/// [`CliError`] where the object cannot be read, or is nothing that fanout reads.
pub async fn infer(source: &Source, bytes: u64) -> Result<Dataset, CliError> {
    let at = Location::new(&source.bucket, &source.key);
    let most_text = usize::try_from(bytes).unwrap_or(usize::MAX);
    let infer =
        |text: &[u8], size| fanout_core::infer(text, size).map_err(|source| InferError { at: at.clone(), source });
    match ObjectStart::read(&*source.store, at.clone(), None, bytes, most_text).await {
        Ok(start) => Ok(infer(start.text(), start.text_size())?),
        Err(StoreError::OutOfRange { .. }) => Ok(infer(b"", 0)?),
        Err(error) => Err(error.into()),
    }
}
