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

/// What to select.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The object; always its current version.
    pub at: &'a Location,
    /// The SQL expression.
    pub expression: &'a str,
    /// How records are read and returned.
    pub format: SelectFormat,
    /// Where records begin that count; not empty.
    pub range: ScanRange,
    /// The byte before the range.
    pub before: Option<u8>,
}

/// What comes back.
pub type Selecting = BoxStream<'static, Result<Selected, StoreError>>;

/// A piece of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// Bytes of records, cut anywhere.
    Records(Bytes),
    /// What it took. After it nothing comes: everything is there. A stream that ends without it ends
    /// with an error.
    Done(SelectStats),
}
