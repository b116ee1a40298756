//! The traits of stores: ranged reads with an ETag, and writes that are visible only when finished.

use std::fmt;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use fanout_core::{Coded, Location, ObjectVersion, ScanRange, backoff};
use futures::stream::{BoxStream, StreamExt};

use crate::{Select, StoreError};

/// A place from which objects are read and to which results are written.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens an object, or a range of it. A range that runs past the object's end is cut there.
    ///
    /// # Errors
    ///
    /// [`StoreError::OutOfRange`] where the range begins at or after the object's end,
    /// [`StoreError::Changed`] where the ETag is another one, and other errors by their names.
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError>;

    /// Writes a small object in one piece, in place of one that is there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unwritable`] where the place does not exist, and other errors by their names.
    async fn put(&self, at: &Location, body: Bytes) -> Result<(), StoreError>;

    /// Begins a large object. Nobody sees it before [`ObjectWriter::finish`].
    ///
    /// # Errors
    ///
    /// As [`Store::put`]. Some stores find out only when bytes are written.
    async fn create(&self, at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError>;

    /// Removes an object; one that isn't there is no error.
    ///
    /// # Errors
    ///
    /// As [`Store::put`].
    async fn delete(&self, at: &Location) -> Result<(), StoreError>;

    /// The store as one that filters records itself; `None` where it doesn't.
    fn filtering(&self) -> Option<&dyn Select> {
        None
    }
}

/// A request to read an object.
#[derive(Debug, Clone, Copy)]
pub struct Read<'a> {
    /// The object.
    pub at: &'a Location,
    /// The object's version; `None` for the current one.
    pub version_id: Option<&'a str>,
    /// The bytes; `None` for all.
    pub range: Option<ScanRange>,
    /// The ETag that the object must have; with another one the error is [`StoreError::Changed`].
    pub if_match: Option<&'a str>,
}

impl<'a> Read<'a> {
    /// The whole of the current version.
    pub fn whole(at: &'a Location) -> Self {
        Read { at, version_id: None, range: None, if_match: None }
    }
}

/// A stream of pieces of any size.
pub type Body = BoxStream<'static, Result<Bytes, StoreError>>;

/// An object opened for reading.
pub struct OpenObject {
    /// The object as it is, its whole size included.
    pub object: ObjectVersion,
    /// The bytes that come.
    pub range: ScanRange,
    /// The stream of these bytes. It ends with an error where they are fewer than promised.
    pub body: Body,
    /// GETs that the body takes.
    pub requests: u64,
}

impl fmt::Debug for OpenObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenObject").field("object", &self.object).field("range", &self.range).finish_non_exhaustive()
    }
}

impl OpenObject {
    /// Wraps a raw body so that a short one is never taken for the end.
    pub fn new(object: ObjectVersion, range: ScanRange, body: Body) -> Self {
        let at = Location { bucket: object.bucket.clone(), key: object.key.clone() };
        let checked = futures::stream::unfold((body, range.start, false), move |(mut body, got, failed)| {
            let at = at.clone();
            async move {
                match body.next().await {
                    _ if failed => None,
                    Some(Ok(bytes)) => {
                        let got = got + bytes.len() as u64;
                        Some((Ok(bytes), (body, got, false)))
                    }
                    Some(Err(error)) => Some((Err(error), (body, got, true))),
                    None if got < range.end => Some((Err(StoreError::ShortBody { at, range, got }), (body, got, true))),
                    None => None,
                }
            }
        });
        OpenObject { object, range, body: checked.boxed(), requests: 1 }
    }

    /// All bytes at once.
    ///
    /// # Errors
    ///
    /// The body's error, [`StoreError::ShortBody`] among them.
    pub async fn bytes(mut self) -> Result<Bytes, StoreError> {
        let mut bytes = BytesMut::new();
        while let Some(piece) = self.body.next().await {
            bytes.extend_from_slice(&piece?);
        }
        Ok(bytes.freeze())
    }
}

/// Times that a small object's body is read, where it breaks.
const TRIES: u32 = 3;

/// A small object, whole. A body that breaks is read again from its start, as a store doesn't do that.
///
/// # Errors
///
/// As [`Store::read`], and the body's error after its last try.
pub async fn get(store: &dyn Store, at: &Location) -> Result<Bytes, StoreError> {
    let mut failures = 0;
    loop {
        match store.read(Read::whole(at)).await?.bytes().await {
            Err(error) if error.code().is_transient() && failures + 1 < TRIES => failures += 1,
            done => return done,
        }
        tokio::time::sleep(backoff(failures, fastrand::f64())).await;
    }
}

/// An object being written. Dropped before it is finished, it leaves nothing.
#[async_trait]
pub trait ObjectWriter: Send {
    /// Appends bytes.
    ///
    /// # Errors
    ///
    /// As [`Store::put`].
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError>;

    /// Makes the object visible, in place of one that is there.
    ///
    /// # Errors
    ///
    /// As [`Store::put`]. Then nothing is left; or, if only the answer was lost, the whole object.
    async fn finish(self: Box<Self>) -> Result<(), StoreError>;

    /// Gives the object up, and returns when nothing of it is left. A writer that has nothing to wait
    /// for can be dropped instead.
    ///
    /// # Errors
    ///
    /// As [`Store::delete`], where something is left.
    async fn abort(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}
