//! The meaning of the SDK's errors for a store. They are sorted by kind, status and code, never by their
//! text, and stay the sources of the store's errors.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http::endpoint::ResolveEndpointError;
use fanout_core::{Location, error_chain};
use thiserror::Error;

use crate::{S3Store, StoreCause, StoreError};

/// An error of the SDK, with its meaning in short.
#[derive(Debug, Error)]
#[error("{text}")]
pub(super) struct S3Failure {
    text: String,
    source: StoreCause,
}

impl S3Failure {
    /// Keeps an error under a text.
    pub(super) fn with_text(text: String, error: impl Error + Send + Sync + 'static) -> StoreCause {
        Box::new(S3Failure { text, source: Box::new(error) })
    }

    /// Keeps an error under the texts of its causes, as its own says too little.
    pub(super) fn of(error: impl Error + Send + Sync + 'static) -> StoreCause {
        S3Failure::with_text(error_chain(&error), error)
    }
}

/// The reason why a request was not sent.
enum Unsent {
    /// The environment lacks something, or it is wrong.
    NotConfigured,
    /// The request is malformed, by its object's name for instance.
    Malformed,
}

impl S3Store {
    /// Sorts an error of the SDK into those of a store.
    pub(super) fn failure<E>(&self, at: &Location, writing: bool, error: SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let at = at.clone();
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code().map(str::to_owned);
        let text = match (&code, error.message(), status) {
            (Some(code), Some(message), _) => format!("{code}: {message}"),
            (Some(code), None, Some(status)) => format!("{code} (HTTP {status})"),
            (None, _, Some(status)) => format!("HTTP {status}"),
            _ => error_chain(&error),
        };
        let unsent = self.unsent(&at, &error);
        let reason = S3Failure::with_text(text, error);
        match (status, code.as_deref()) {
            (_, Some("SlowDown" | "Throttling" | "ThrottlingException" | "RequestLimitExceeded"))
            | (Some(429 | 503), _) => StoreError::Throttled { at, reason },
            (Some(404), _) if writing => StoreError::Unwritable { at, reason },
            (Some(404), _) => StoreError::NoSuchObject { at, reason },
            (Some(300..500), _) => StoreError::AccessDenied { at, reason },
            _ => match unsent {
                Some(Unsent::NotConfigured) => StoreError::NotConfigured { at, reason },
                Some(Unsent::Malformed) => StoreError::AccessDenied { at, reason },
                None => StoreError::Unavailable { at, reason },
            },
        }
    }

    /// The reason why the request was not sent; `None` where it may have been, or may be at another try.
    fn unsent<E: Error + 'static>(&self, at: &Location, error: &SdkError<E>) -> Option<Unsent> {
        match error {
            SdkError::ConstructionFailure(_) => return Some(Unsent::Malformed),
            // One with a kind is a connection that was closed before the answer.
            SdkError::DispatchFailure(failure) if failure.is_other() && failure.as_other().is_none() => {}
            _ => return None,
        }
        if let Some(error) = cause::<CredentialsError>(error) {
            // The other kinds are faults of a provider: it did not answer, or not in time.
            let missing =
                matches!(error, CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_));
            return missing.then_some(Unsent::NotConfigured);
        }
        if self.client.config().region().is_none() {
            return Some(Unsent::NotConfigured);
        }
        // An endpoint is made of the region, the endpoint's URL and the bucket. Only names of these forms
        // have parts that can be wrong.
        let has_parts = at.bucket.starts_with("arn:") || at.bucket.ends_with("-s3");
        cause::<ResolveEndpointError>(error).map(|_| if has_parts { Unsent::Malformed } else { Unsent::NotConfigured })
    }
}

/// The first cause of a type.
fn cause<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}
