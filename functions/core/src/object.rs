//! The identity of an object: where it is, and in which state.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An object in one state, which `If-Match` asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectVersion {
    /// The object's bucket; for a local file its folder.
    pub bucket: String,
    /// The object's key; for a local file its name.
    pub key: String,
    /// The version id, where the bucket has versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// The ETag without quotes; for a local file its size and time of change.
    pub etag: String,
    /// The size in bytes.
    pub size: u64,
}

impl ObjectVersion {
    /// Returns the location of the object, whatever its version.
    pub fn location(&self) -> Location {
        Location::new(&self.bucket, &self.key)
    }
}

impl fmt::Display for ObjectVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bucket, self.key)
    }
}

/// A key, or a prefix, in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// The bucket; for local results a folder.
    pub bucket: String,
    /// The key or prefix.
    pub key: String,
}

impl Location {
    /// Names the object `key` of `bucket`, or the prefix `key`.
    pub fn new(bucket: &str, key: &str) -> Self {
        Location { bucket: bucket.to_owned(), key: key.to_owned() }
    }

    /// Tells whether this is a file on this machine: its folder is an absolute path, which no bucket's name is.
    pub fn is_file(&self) -> bool {
        std::path::Path::new(&self.bucket).is_absolute()
    }

    /// Returns the word for it: `file` or `object`.
    pub fn noun(&self) -> &'static str {
        if self.is_file() { "file" } else { "object" }
    }

    /// Returns the location of `name` under this prefix.
    pub fn join(&self, name: &str) -> Location {
        Location { bucket: self.bucket.clone(), key: format!("{}{name}", self.key) }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bucket, self.key)
    }
}
