//! The store of S3: reads and writes of objects.

use std::time::Duration;

use async_trait::async_trait;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::abort_multipart_upload::builders::AbortMultipartUploadFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, RequestPayer};
use bytes::{Bytes, BytesMut};
use fanout_core::{Location, ObjectVersion, ScanRange};
use futures::stream::{self, StreamExt};

use super::connections::{SEGMENT, joined, segments};
use super::failure::S3Failure;
use super::read_ahead::read_ahead;
use super::refusals::TellRefusals;
use super::sdk_config::{aws_config, https_client};
use crate::{ObjectWriter, OpenObject, Read, Select, Store, StoreError};

/// Bytes of one part of a multipart upload; an object has at most 10,000 (AWS), so 80 GiB.
pub(crate) const PART: usize = 8 << 20;

/// Time in which a request must be answered, its own body included: a part of 8 MiB at 300 kB/s.
const ANSWER: Duration = Duration::from_secs(30);

/// Time in which the next byte of a body must come.
const IDLE: Duration = Duration::from_secs(15);

/// Objects in S3, or in anything that speaks its protocol.
///
/// The SDK tries a request again that wasn't answered, was throttled or met a fault of the server:
/// three times in all, after up to 1 and 2 seconds, drawn at random (`AWS_MAX_ATTEMPTS` and
/// `AWS_RETRY_MODE` change that). It doesn't do so with a body that breaks, stalls or ends early:
/// that is an error of the body, for its reader to go on from.
#[derive(Debug, Clone)]
pub struct S3Store {
    pub(crate) client: Client,
    pub(crate) idle: Duration,
    connections: usize,
    segment: u64,
    requester_pays: bool,
}

impl S3Store {
    /// A store with the credentials, region and endpoint of the environment.
    pub async fn from_env() -> Self {
        Self::new(&aws_config().await)
    }

    /// A store with this configuration. With an endpoint of one's own, buckets are part of the
    /// path, as few servers but AWS answer to a host name for each bucket; and the region, which only
    /// AWS needs, is us-east-1 where none is set.
    pub fn new(config: &SdkConfig) -> Self {
        let own = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let mut s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(own).interceptor(TellRefusals);
        if config.http_client().is_none() {
            s3 = s3.http_client(https_client());
        }
        if own && config.region().is_none() {
            s3 = s3.region(Region::new("us-east-1"));
        }
        if config.timeout_config().is_none_or(|timeouts| timeouts.read_timeout().is_none()) {
            let timeouts = config.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
            s3 = s3.timeout_config(timeouts.read_timeout(ANSWER).build());
        }
        Self {
            client: Client::from_conf(s3.build()),
            idle: IDLE,
            connections: 1,
            segment: SEGMENT,
            requester_pays: false,
        }
    }

    /// Sets the time in which the next byte of a body must come.
    pub fn with_idle_timeout(self, idle: Duration) -> Self {
        Self { idle, ..self }
    }

    /// Sets the number of connections for each range that is longer than 8 MiB. A connection fetches 8 MiB
    /// at a time, with its own GET, and holds them until their turn.
    pub fn with_connections(self, connections: usize) -> Self {
        Self { connections, ..self }
    }

    /// Says that the caller pays for what is read of buckets whose requesters pay.
    pub fn with_requester_pays(self, requester_pays: bool) -> Self {
        Self { requester_pays, ..self }
    }

    /// Sets the number of bytes that each of several connections fetches at a time.
    pub fn with_segment(self, bytes: u64) -> Self {
        Self { segment: bytes.max(1), ..self }
    }

    /// Opens a range with a single GET.
    async fn open(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        let at = read.at;
        let answer = self
            .client
            .get_object()
            .bucket(&at.bucket)
            .key(&at.key)
            .set_version_id(read.version_id.map(str::to_owned))
            .set_request_payer(self.requester_pays.then_some(RequestPayer::Requester))
            .set_range(read.range.and_then(|range| range.http()))
            // An entity tag is quoted on the wire (RFC 9110, 8.8.3).
            .set_if_match(read.if_match.map(|etag| format!("\"{etag}\"")))
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let status = error.raw_response().map(|response| response.status().as_u16());
                return Err(match (status, read.range, read.if_match) {
                    (Some(412), _, Some(expected)) => {
                        StoreError::Changed { at: at.clone(), expected: expected.to_owned(), found: "another".into() }
                    }
                    (Some(416), Some(range), _) => StoreError::OutOfRange { at: at.clone(), range },
                    _ => self.failure(at, false, error),
                });
            }
        };
        let length = answer.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
        let (range, size) = match answer.content_range().and_then(content_range) {
            Some(found) => found,
            None => (ScanRange::new(0, length), length),
        };
        if let Some(asked) = read.range.filter(|asked| range != ScanRange::new(asked.start, asked.end.min(size))) {
            let reason = format!("asked for {asked}, the server answered with {range}").into();
            return Err(StoreError::Unavailable { at: at.clone(), reason });
        }
        let object = ObjectVersion {
            bucket: at.bucket.clone(),
            key: at.key.clone(),
            version_id: answer.version_id().map(str::to_owned),
            etag: answer.e_tag().unwrap_or_default().trim_matches('"').to_owned(),
            size,
        };
        // Not every server that speaks S3 minds If-Match.
        if let Some(expected) = read.if_match.filter(|expected| *expected != object.etag) {
            return Err(StoreError::Changed { at: at.clone(), expected: expected.to_owned(), found: object.etag });
        }
        let body = stream::unfold((answer.body, at.clone()), |(mut body, at)| async {
            let piece = body
                .next()
                .await?
                .map_err(|error| StoreError::Unavailable { at: at.clone(), reason: S3Failure::of(error) });
            Some((piece, (body, at)))
        });
        Ok(OpenObject::new(object, range, read_ahead(body.boxed(), at.clone(), self.idle)))
    }

    /// Opens a range in segments. All segments have the ETag of the first one.
    async fn read_segments(&self, read: Read<'_>, range: ScanRange) -> Result<OpenObject, StoreError> {
        let first = ScanRange::new(range.start, range.start.saturating_add(self.segment));
        let first = self.open(Read { range: Some(first), ..read }).await?;
        let object = first.object.clone();
        let range = ScanRange::new(range.start, range.end.min(object.size));
        let all = segments(range, self.segment);
        let requests = range.len().div_ceil(self.segment);
        let (store, at, etag) = (self.clone(), read.at.clone(), object.etag.clone());
        let version_id = read.version_id.map(str::to_owned);
        let (mut first, place) = (Some(first), read.at.clone());
        let opened = all.map(move |range| {
            let (first, store, at) = (first.take(), store.clone(), at.clone());
            let (etag, version_id) = (etag.clone(), version_id.clone());
            async move {
                let (version_id, if_match) = (version_id.as_deref(), Some(etag.as_str()));
                match first {
                    Some(first) => Ok(first),
                    None => store.open(Read { at: &at, version_id, range: Some(range), if_match }).await,
                }
            }
        });
        let body = joined(place, opened, self.connections);
        Ok(OpenObject { requests, ..OpenObject::new(object, range, body) })
    }
}

#[async_trait]
impl Store for S3Store {
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        match read.range {
            Some(range) if self.connections > 1 && range.len() > self.segment => self.read_segments(read, range).await,
            _ => self.open(read).await,
        }
    }

    async fn put(&self, at: &Location, body: Bytes) -> Result<(), StoreError> {
        let put = self.client.put_object().bucket(&at.bucket).key(&at.key).body(ByteStream::from(body));
        put.send().await.map(|_| ()).map_err(|error| self.failure(at, true, error))
    }

    async fn create(&self, at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError> {
        let store = self.clone();
        Ok(Box::new(S3Upload { store, at: at.clone(), buffer: BytesMut::new(), id: None, parts: Vec::new() }))
    }

    async fn delete(&self, at: &Location) -> Result<(), StoreError> {
        let delete = self.client.delete_object().bucket(&at.bucket).key(&at.key).send().await;
        delete.map(|_| ()).map_err(|error| self.failure(at, true, error))
    }

    fn filtering(&self) -> Option<&dyn Select> {
        Some(self)
    }
}

/// `bytes first-last/size` of a Content-Range header (RFC 9110, 14.4), as a half-open range and the size.
fn content_range(header: &str) -> Option<(ScanRange, u64)> {
    let (range, size) = header.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let end = last.parse::<u64>().ok()?.checked_add(1)?;
    Some((ScanRange::new(first.parse().ok()?, end), size.parse().ok()?))
}

/// An object that is put at once while it is small, and in parts when it isn't.
struct S3Upload {
    store: S3Store,
    at: Location,
    buffer: BytesMut,
    id: Option<String>,
    parts: Vec<CompletedPart>,
}

impl S3Upload {
    async fn upload_part(&mut self, body: Bytes) -> Result<(), StoreError> {
        let client = &self.store.client;
        let fail = |reason: &str| StoreError::Unavailable { at: self.at.clone(), reason: reason.into() };
        let id = match &self.id {
            Some(id) => id.clone(),
            None => {
                let create = client.create_multipart_upload().bucket(&self.at.bucket).key(&self.at.key).send().await;
                let answer = create.map_err(|error| self.store.failure(&self.at, true, error))?;
                let id = answer.upload_id().ok_or_else(|| fail("no upload id in the answer"))?.to_owned();
                self.id.insert(id).clone()
            }
        };
        let number = self.parts.len() as i32 + 1;
        let part = client
            .upload_part()
            .bucket(&self.at.bucket)
            .key(&self.at.key)
            .upload_id(id)
            .part_number(number)
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(|error| self.store.failure(&self.at, true, error))?;
        self.parts.push(CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build());
        Ok(())
    }

    /// Puts the object; one in parts gets its last part, and is put together.
    async fn complete(&mut self) -> Result<(), StoreError> {
        let rest = self.buffer.split().freeze();
        if self.id.is_none() {
            return self.store.put(&self.at, rest).await;
        }
        if !rest.is_empty() {
            self.upload_part(rest).await?;
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(std::mem::take(&mut self.parts))).build();
        let complete = self
            .store
            .client
            .complete_multipart_upload()
            .bucket(&self.at.bucket)
            .key(&self.at.key)
            .set_upload_id(self.id.clone())
            .multipart_upload(parts)
            .send()
            .await;
        match complete {
            Ok(_) => Ok(()),
            // Of the second try, where the first one's answer was lost: the object may be there, or not.
            Err(error) if error.code() == Some("NoSuchUpload") => {
                Err(StoreError::Unavailable { at: self.at.clone(), reason: S3Failure::of(error) })
            }
            Err(error) => Err(self.store.failure(&self.at, true, error)),
        }
    }

    /// Removes the parts that were uploaded, if there are any.
    async fn remove_parts(&mut self) -> Result<(), StoreError> {
        let Some(id) = self.id.take() else { return Ok(()) };
        match self.aborting(id).send().await {
            Err(error) if error.code() != Some("NoSuchUpload") => Err(self.store.failure(&self.at, true, error)),
            _ => Ok(()),
        }
    }

    fn aborting(&self, id: String) -> AbortMultipartUploadFluentBuilder {
        let client = &self.store.client;
        client.abort_multipart_upload().bucket(&self.at.bucket).key(&self.at.key).upload_id(id)
    }
}

#[async_trait]
impl ObjectWriter for S3Upload {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.buffer.extend_from_slice(&bytes);
        while self.buffer.len() >= PART {
            let part = self.buffer.split_to(PART).freeze();
            self.upload_part(part).await?;
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), StoreError> {
        let done = self.complete().await;
        if done.is_ok() {
            self.id = None;
        }
        // A failed one leaves no parts. Where they can't be removed either, the first error is the
        // one to tell, and the bucket's lifecycle rule removes them.
        let _ = self.remove_parts().await;
        done
    }

    async fn abort(mut self: Box<Self>) -> Result<(), StoreError> {
        self.remove_parts().await
    }
}

impl Drop for S3Upload {
    /// Aborts an upload that was neither finished nor aborted, as its task was. It can't be waited
    /// for here: where the process ends first, the bucket's lifecycle rule removes the parts.
    fn drop(&mut self) {
        let Some(id) = self.id.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(self.aborting(id).send());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_become_half_open() {
        let table = [
            ("bytes 0-0/1", Some((ScanRange::new(0, 1), 1))),
            ("bytes 10-19/500", Some((ScanRange::new(10, 20), 500))),
            ("bytes */500", None),
            ("bytes 10-19/*", None),
            ("items 1-2/3", None),
        ];
        for (header, range) in table {
            assert_eq!(content_range(header), range, "{header}");
        }
    }
}
