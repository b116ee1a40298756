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
    /// Begins to return what the expression makes of the records that begin in the range.
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
    /// The range in which records begin that count; not empty.
    pub range: ScanRange,
    /// The byte before the range.
    pub before: Option<u8>,
}

/// A piece of the answer.
pub type Selecting = BoxStream<'static, Result<Selected, StoreError>>;

/// A piece of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// Bytes of records, cut anywhere.
    Records(Bytes),
    /// The end, with the bytes that it took: everything is there. A stream that ends without it ends
    /// with an error.
    Done(SelectStats),
}
