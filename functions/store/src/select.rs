//! The trait of stores that filter records, as S3 Select does.

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::SelectStats;
use fanout_core::{Location, ScanRange, SelectFormat};
use futures::stream::BoxStream;

use crate::StoreError;

/// A store that filters records itself: S3 Select.
#[async_trait]
pub trait Select: Send + Sync {
    /// Begins to return the results of the expression for the records that begin in the range.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSelect`] where the store does not filter, [`StoreError::Unselectable`] where it
    /// refuses the expression, and as [`crate::Store::read`].
    async fn select(&self, query: Query<'_>) -> Result<Selecting, StoreError>;
}

/// A request of S3 Select.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The object; always its current version.
    pub at: &'a Location,
    /// The SQL expression.
    pub expression: &'a str,
    /// The form in which records are read and returned.
    pub format: SelectFormat,
    /// The range of the records: each begins in it. Not empty.
    pub range: ScanRange,
    /// The byte before the range.
    pub before: Option<u8>,
}

/// An answer: a stream of its pieces.
pub type Selecting = BoxStream<'static, Result<Selected, StoreError>>;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// Bytes of records, cut anywhere.
    Records(Bytes),
    /// The end of a complete answer, with the bytes that it took. A stream that ends without this piece
    /// ends with an error.
    Done(SelectStats),
}
