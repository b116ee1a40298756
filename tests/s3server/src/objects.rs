//! The objects, their versions and the open uploads.

use std::collections::BTreeMap;

use bytes::Bytes;
use s3s::{S3Result, s3_error};

/// Bytes of every part but the last, at least (AWS: "Amazon S3 multipart upload limits").
const MIN_PART: usize = 5 << 20;

type Place = (String, String);

/// One state of an object.
#[derive(Clone)]
pub(crate) struct Version {
    pub(crate) id: Option<String>,
    pub(crate) etag: String,
    pub(crate) body: Bytes,
}

struct Upload {
    at: Place,
    parts: BTreeMap<i32, (String, Bytes)>,
}

/// All objects, the last version of each last, and the uploads that are neither complete nor aborted.
#[derive(Default)]
pub(crate) struct Objects {
    /// Tells whether what was overwritten is kept, and versions have ids.
    pub(crate) versioned: bool,
    objects: BTreeMap<Place, Vec<Version>>,
    uploads: BTreeMap<String, Upload>,
    writes: u64,
}

fn place(bucket: &str, key: &str) -> Place {
    (bucket.to_owned(), key.to_owned())
}

impl Objects {
    /// Writes an object; its ETag is one that no other has, as that of an upload in parts is.
    pub(crate) fn put(&mut self, bucket: &str, key: &str, body: Bytes) -> Version {
        self.writes += 1;
        let id = self.versioned.then(|| format!("v{}", self.writes));
        let version = Version { id, etag: format!("{:032x}", self.writes), body };
        let versions = self.objects.entry(place(bucket, key)).or_default();
        if !self.versioned {
            versions.clear();
        }
        versions.push(version.clone());
        version
    }

    /// A version, or the current one.
    pub(crate) fn get(&self, bucket: &str, key: &str, version_id: Option<&str>) -> S3Result<Version> {
        let missing = || s3_error!(NoSuchKey, "The specified key does not exist.");
        let versions = self.objects.get(&place(bucket, key)).ok_or_else(missing)?;
        let found = match version_id {
            Some(id) => versions.iter().find(|version| version.id.as_deref() == Some(id)),
            None => versions.last(),
        };
        found.cloned().ok_or_else(|| s3_error!(NoSuchVersion, "The specified version does not exist."))
    }

    pub(crate) fn delete(&mut self, bucket: &str, key: &str) {
        self.objects.remove(&place(bucket, key));
    }

    /// Keys with their current versions, sorted.
    pub(crate) fn list(&self, bucket: &str) -> impl Iterator<Item = (&str, &Version)> {
        let of_bucket = self.objects.iter().filter(move |((name, _), _)| name == bucket);
        of_bucket.filter_map(|((_, key), versions)| Some((key.as_str(), versions.last()?)))
    }

    pub(crate) fn create_upload(&mut self, bucket: &str, key: &str) -> String {
        self.writes += 1;
        let id = format!("upload-{}", self.writes);
        self.uploads.insert(id.clone(), Upload { at: place(bucket, key), parts: BTreeMap::new() });
        id
    }

    fn upload(&mut self, bucket: &str, key: &str, id: &str) -> S3Result<&mut Upload> {
        let upload = self.uploads.get_mut(id).filter(|upload| upload.at == place(bucket, key));
        upload.ok_or_else(|| s3_error!(NoSuchUpload, "The specified multipart upload does not exist."))
    }

    pub(crate) fn put_part(&mut self, bucket: &str, key: &str, id: &str, number: i32, body: Bytes) -> S3Result<String> {
        self.writes += 1;
        let etag = format!("{:032x}", self.writes);
        self.upload(bucket, key, id)?.parts.insert(number, (etag.clone(), body));
        Ok(etag)
    }

    /// Puts the parts together that the list names, which must be in order.
    pub(crate) fn complete(&mut self, bucket: &str, key: &str, id: &str, named: &[(i32, String)]) -> S3Result<Version> {
        let upload = self.upload(bucket, key, id)?;
        if named.is_empty() || named.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(s3_error!(InvalidPartOrder, "The list of parts was not in ascending order."));
        }
        let mut body = Vec::new();
        for (index, (number, etag)) in named.iter().enumerate() {
            let part = upload.parts.get(number).filter(|part| part.0 == *etag);
            let (_, bytes) = part.ok_or_else(|| s3_error!(InvalidPart, "part {number} is not there"))?;
            if bytes.len() < MIN_PART && index + 1 < named.len() {
                return Err(s3_error!(EntityTooSmall, "part {number} has {} bytes", bytes.len()));
            }
            body.extend_from_slice(bytes);
        }
        self.uploads.remove(id);
        Ok(self.put(bucket, key, body.into()))
    }

    pub(crate) fn abort(&mut self, bucket: &str, key: &str, id: &str) -> S3Result<()> {
        self.upload(bucket, key, id)?;
        self.uploads.remove(id);
        Ok(())
    }

    /// Keys and ids of the uploads that are open.
    pub(crate) fn uploads(&self, bucket: &str) -> impl Iterator<Item = (&str, &str)> {
        let of_bucket = self.uploads.iter().filter(move |(_, upload)| upload.at.0 == bucket);
        of_bucket.map(|(id, upload)| (upload.at.1.as_str(), id.as_str()))
    }
}
