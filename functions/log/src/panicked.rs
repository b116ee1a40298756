//! A panic, as an error: whoever reads the end of a run then finds a code and a message.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use fanout_core::{Code, Coded};
use futures::FutureExt;
use thiserror::Error;

/// A panic: a bug in fanout, or in an output.
#[derive(Debug, Error)]
#[error("a panic: {0}")]
pub struct Panicked(String);

impl Coded for Panicked {
    fn code(&self) -> Code {
        Code::Internal
    }
}

impl Panicked {
    fn of(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self(text.unwrap_or("without a message").to_owned())
    }
}

/// Does some work, whose panic is an error. The panic is printed as any other.
///
/// # Errors
///
/// The error of the work, or [`Panicked`].
pub async fn caught<T, E: From<Panicked>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    // It is dropped after a panic, so nobody sees what the panic left half done.
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| Err(Panicked::of(&*panic).into()))
}
