//! A dataset from the beginning of an object.

use fanout_core::{Code, Coded, DetectError, Inferred, Location};
use fanout_object::ObjectStart;
use fanout_store::StoreError;
use thiserror::Error;

use crate::{CliError, Source};

/// A sample from which no dataset can be inferred.
#[derive(Debug, Error)]
#[error("{at}: {source}")]
pub struct InferError {
    at: Location,
    source: Box<fanout_core::InferError>,
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
/// [`CliError`] where the object cannot be read, or no dataset says what it is.
pub async fn infer(source: &Source, bytes: u64) -> Result<Inferred, CliError> {
    let at = Location::new(&source.bucket, &source.key);
    let most_text = usize::try_from(bytes).unwrap_or(usize::MAX);
    let refuse = |source| InferError { at: at.clone(), source: Box::new(source) };
    match ObjectStart::read(&*source.store, at.clone(), None, bytes, most_text).await {
        Ok(start) => Ok(fanout_core::infer(start.text(), start.text_size()).map_err(refuse)?),
        Err(StoreError::OutOfRange { .. }) => Err(refuse(DetectError::Empty.into()).into()),
        Err(error) => Err(error.into()),
    }
}
