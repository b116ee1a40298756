//! The account of the functions: the invocations of Lambda that it has at once.

use async_trait::async_trait;
use thiserror::Error;

/// An account.
#[async_trait]
pub trait Account: Send + Sync {
    /// Returns the invocations at once that the account has for functions without a reservation, in the region.
    ///
    /// # Errors
    ///
    /// [`UnknownConcurrency`] where the account does not say so, or not in time.
    async fn concurrency(&self) -> Result<u64, UnknownConcurrency>;
}

/// A concurrency that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("lambda:GetAccountSettings: {reason}")]
pub struct UnknownConcurrency {
    /// The code of the refusal, or the fault that was seen.
    pub reason: String,
}
