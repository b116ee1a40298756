//! The record of one request, for tests to look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Op;

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The range that it asked for.
    pub op: Op,
    /// The key, or the prefix of a list.
    pub key: String,
    /// The bytes asked for, half-open, where a range was.
    pub range: Option<(u64, u64)>,
    /// The ETag asked for, without quotes.
    pub if_match: Option<String>,
    /// The version asked for.
    pub version_id: Option<String>,
    /// Tells whether the caller says that it pays.
    pub requester_pays: bool,
    pub(crate) sent: Arc<AtomicU64>,
}

impl Request {
    pub(crate) fn new(op: Op, key: &str) -> Self {
        Self {
            op,
            key: key.to_owned(),
            range: None,
            if_match: None,
            version_id: None,
            requester_pays: false,
            sent: Arc::default(),
        }
    }

    /// Bytes of the body that were handed to the connection.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }
}
