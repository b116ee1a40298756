//! A store for tests that fails on command.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::{Location, ScanRange};
use futures::stream::{self, StreamExt};

use crate::{ObjectWriter, OpenObject, Read, Store, StoreError};

/// The fault of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// A read answers 503.
    Unavailable,
    /// A read answers 503 SlowDown.
    Throttled,
    /// A read answers 412.
    Changed,
    /// The connection breaks after that many bytes.
    BreakAfter(u64),
    /// The body ends, without an error of its own, after that many bytes.
    ShortAfter(u64),
    /// The bytes come one by one, each that much later than the one before.
    Slow(Duration),
    /// A write (a put, or the beginning of an upload) is refused.
    Unwritable,
}

/// Another store, with faults: each call takes the next one from a list made beforehand. Clones share it.
#[derive(Clone)]
pub struct FailingStore {
    inner: Arc<dyn Store>,
    faults: Arc<Mutex<VecDeque<Fault>>>,
}

impl FailingStore {
    /// A store in front of `inner` whose first calls fail as the faults say, in their order.
    pub fn new(inner: Arc<dyn Store>, faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { inner, faults: Arc::new(Mutex::new(faults.into_iter().collect())) }
    }

    /// Takes the next fault, if `fits` accepts it for the call.
    fn next(&self, fits: impl Fn(&Fault) -> bool) -> Fault {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        match faults.front() {
            Some(fault) if *fault == Fault::None || fits(fault) => faults.pop_front().unwrap_or(Fault::None),
            _ => Fault::None,
        }
    }

    fn write_fault(&self, at: &Location) -> Result<(), StoreError> {
        match self.next(|fault| *fault == Fault::Unwritable) {
            Fault::Unwritable => Err(StoreError::Unwritable { at: at.clone(), reason: "a planned fault".into() }),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Store for FailingStore {
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        let fault = self.next(|fault| *fault != Fault::Unwritable);
        let (at, reason) = (read.at.clone(), "a planned fault".into());
        match fault {
            Fault::Unavailable => return Err(StoreError::Unavailable { at, reason }),
            Fault::Throttled => return Err(StoreError::Throttled { at, reason }),
            Fault::Changed => {
                let expected = read.if_match.unwrap_or_default().to_owned();
                return Err(StoreError::Changed { at, expected, found: "another".into() });
            }
            _ => {}
        }
        let OpenObject { object, range, body, .. } = self.inner.read(read).await?;
        let body = match fault {
            Fault::BreakAfter(bytes) => {
                let error = StoreError::Unavailable { at, reason };
                cut(body, range, bytes).chain(stream::iter([Err(error)])).boxed()
            }
            Fault::ShortAfter(bytes) => cut(body, range, bytes),
            Fault::Slow(delay) => body
                .flat_map(|piece| {
                    let bytes: Vec<_> = match piece {
                        Ok(piece) => (0..piece.len()).map(|i| Ok(piece.slice(i..=i))).collect(),
                        Err(error) => vec![Err(error)],
                    };
                    stream::iter(bytes)
                })
                .then(move |piece| async move {
                    tokio::time::sleep(delay).await;
                    piece
                })
                .boxed(),
            _ => body,
        };
        Ok(OpenObject::new(object, range, body))
    }

    async fn put(&self, at: &Location, body: Bytes) -> Result<(), StoreError> {
        self.write_fault(at)?;
        self.inner.put(at, body).await
    }

    async fn create(&self, at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError> {
        self.write_fault(at)?;
        self.inner.create(at).await
    }

    async fn delete(&self, at: &Location) -> Result<(), StoreError> {
        self.inner.delete(at).await
    }
}

/// The first `bytes` bytes of a body over `range`.
fn cut(body: crate::Body, range: ScanRange, bytes: u64) -> crate::Body {
    let left = bytes.min(range.len());
    body.scan(left, |left, piece| {
        let piece = piece.map(|piece| piece.slice(..piece.len().min(*left as usize)));
        *left -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
        let empty = matches!(&piece, Ok(piece) if piece.is_empty());
        futures::future::ready((!empty).then_some(piece))
    })
    .boxed()
}
