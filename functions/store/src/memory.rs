//! A store in memory, for tests and for runs that leave nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use fanout_core::{Location, ObjectVersion, ScanRange};
use futures::stream::{self, StreamExt};

use crate::{ObjectWriter, OpenObject, Read, Store, StoreError};

/// Bytes of a piece that is read.
const PIECE: usize = 16 << 10;

/// Objects in memory. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryStore {
    objects: Arc<Mutex<Objects>>,
}

#[derive(Default)]
struct Objects {
    objects: HashMap<(String, String), (Bytes, u64)>,
    writes: u64,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Objects> {
        // A panic elsewhere can't leave the map half written.
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes an object.
    pub fn insert(&self, at: &Location, body: Bytes) {
        let mut objects = self.lock();
        objects.writes += 1;
        let etag = objects.writes;
        objects.objects.insert((at.bucket.clone(), at.key.clone()), (body, etag));
    }

    /// The keys of a bucket, sorted.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let objects = self.lock();
        let mut keys: Vec<_> =
            objects.objects.keys().filter(|(name, _)| name == bucket).map(|(_, key)| key.clone()).collect();
        keys.sort();
        keys
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        let key = (read.at.bucket.clone(), read.at.key.clone());
        let Some((bytes, etag)) = self.lock().objects.get(&key).cloned() else {
            return Err(StoreError::NoSuchObject { at: read.at.clone(), reason: "not in memory".into() });
        };
        let (etag, size) = (etag.to_string(), bytes.len() as u64);
        if let Some(expected) = read.if_match.filter(|expected| *expected != etag) {
            return Err(StoreError::Changed { at: read.at.clone(), expected: expected.into(), found: etag });
        }
        let range = match read.range {
            Some(range) if range.start >= size => return Err(StoreError::OutOfRange { at: read.at.clone(), range }),
            Some(range) => ScanRange::new(range.start, range.end.min(size)),
            None => ScanRange::new(0, size),
        };
        let part = bytes.slice(range.start as usize..range.end as usize);
        let pieces: Vec<_> =
            (0..part.len()).step_by(PIECE).map(|at| Ok(part.slice(at..part.len().min(at + PIECE)))).collect();
        let object = ObjectVersion { bucket: key.0, key: key.1, version_id: None, etag, size };
        Ok(OpenObject::new(object, range, stream::iter(pieces).boxed()))
    }

    async fn put(&self, at: &Location, body: Bytes) -> Result<(), StoreError> {
        self.insert(at, body);
        Ok(())
    }

    async fn create(&self, at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError> {
        Ok(Box::new(MemoryUpload { store: self.clone(), at: at.clone(), bytes: BytesMut::new() }))
    }

    async fn delete(&self, at: &Location) -> Result<(), StoreError> {
        self.lock().objects.remove(&(at.bucket.clone(), at.key.clone()));
        Ok(())
    }
}

struct MemoryUpload {
    store: MemoryStore,
    at: Location,
    bytes: BytesMut,
}

#[async_trait]
impl ObjectWriter for MemoryUpload {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        self.store.insert(&self.at, self.bytes.freeze());
        Ok(())
    }
}
