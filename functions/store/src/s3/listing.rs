//! Objects of a bucket by prefix: listed, and removed many at a time.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use fanout_core::Location;

use crate::{S3Store, StoreError};

/// Keys that one request removes at most (AWS: DeleteObjects).
const AT_ONCE: usize = 1000;

/// An object as a listing has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// The size in bytes.
    pub size: u64,
    /// The time of its last change, in seconds since 1970-01-01T00:00:00Z.
    pub modified: i64,
}

impl S3Store {
    /// Hands over each object under a prefix, in the order of their keys.
    ///
    /// # Errors
    ///
    /// As [`Store::read`](crate::Store::read).
    pub async fn list(&self, under: &Location, mut each: impl FnMut(Listed)) -> Result<(), StoreError> {
        let mut next = None;
        loop {
            let list = self.client.list_objects_v2().bucket(&under.bucket).prefix(&under.key);
            let page = list.set_continuation_token(next).send().await;
            let page = page.map_err(|error| self.failure(under, false, error))?;
            for object in page.contents.unwrap_or_default() {
                each(Listed {
                    key: object.key.unwrap_or_default(),
                    size: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
                    modified: object.last_modified.map_or(0, |time| time.secs()),
                });
            }
            next = page.next_continuation_token;
            if next.is_none() {
                return Ok(());
            }
        }
    }

    /// Removes objects of a bucket by their keys.
    ///
    /// # Errors
    ///
    /// As [`Store::delete`](crate::Store::delete); [`StoreError::AccessDenied`] names the first object that stayed.
    pub async fn remove(&self, bucket: &str, keys: &[String]) -> Result<(), StoreError> {
        for keys in keys.chunks(AT_ONCE) {
            let at = Location::new(bucket, keys.first().map_or("", String::as_str));
            let malformed = |error| StoreError::Unwritable { at: at.clone(), reason: Box::new(error) };
            let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(key).build());
            let objects = objects.collect::<Result<_, _>>().map_err(malformed)?;
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(malformed)?;
            let answer = self.client.delete_objects().bucket(bucket).delete(delete).send().await;
            let answer = answer.map_err(|error| self.failure(&at, true, error))?;
            if let Some(error) = answer.errors().first() {
                let at = Location::new(bucket, error.key().unwrap_or_default());
                let reason = format!("{}: {}", error.code().unwrap_or("?"), error.message().unwrap_or("?"));
                return Err(StoreError::AccessDenied { at, reason: reason.into() });
            }
        }
        Ok(())
    }
}
