//! The operations of S3 that the server has, with their faults.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use hyper::http::HeaderValue;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    ContinuationEvent, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput, DeleteObjectOutput,
    ETag, ETagCondition, EndEvent, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
    ListMultipartUploadsInput, ListMultipartUploadsOutput, ListObjectsV2Input, ListObjectsV2Output, MultipartUpload,
    Object, Progress, ProgressEvent, PutObjectInput, PutObjectOutput, RecordsEvent, SelectObjectContentEvent,
    SelectObjectContentEventStream, SelectObjectContentInput, SelectObjectContentOutput, Stats, StatsEvent,
    StreamingBlob, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use crate::body::{Delivery, End};
use crate::objects::Version;
use crate::select::select;
use crate::server::State;
use crate::{Fault, Op, Request};

/// The header of an answer whose body is to be cut at its end.
pub(crate) const CUT: &str = "x-cut-on-purpose";

/// Bytes of records in an event, where nothing else is asked for.
const EVENT: usize = 4096;

/// Keys of one page of a list, at most (AWS).
const PAGE: usize = 1000;

/// The header of an answer that is to be lost.
pub(crate) const LOST: &str = "x-lost-on-purpose";

/// The operations over the objects in memory.
pub(crate) struct Service {
    pub(crate) state: Arc<Mutex<State>>,
}

fn error(code: &str) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes()).expect("a code of S3");
    S3Error::with_message(code, "on purpose")
}

fn strong(version: &Version) -> ETag {
    ETag::Strong(version.etag.clone())
}

async fn collect(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let mut bytes = BytesMut::new();
    if let Some(mut body) = body {
        while let Some(piece) = body.next().await {
            bytes.extend_from_slice(&piece.map_err(|error| S3Error::with_source(S3ErrorCode::IncompleteBody, error))?);
        }
    }
    Ok(bytes.freeze())
}

fn check_match(if_match: Option<&ETagCondition>, version: &Version) -> S3Result<()> {
    match if_match {
        Some(ETagCondition::ETag(etag)) if !etag.strong_cmp(&strong(version)) => {
            Err(s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold"))
        }
        _ => Ok(()),
    }
}

impl Service {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic while it was held")
    }

    /// Records a request, and takes its fault; those that are no matter of a body happen here.
    async fn begin(&self, request: Request) -> S3Result<Fault> {
        let fault = {
            let mut state = self.state();
            let fault = state.faults.take(request.op, &request.key);
            state.requests.push(request);
            fault
        };
        match fault {
            Fault::Error(code) => Err(error(code)),
            Fault::Silence => std::future::pending().await,
            fault => Ok(fault),
        }
    }
}

/// An answer; one that is to be lost has a mark, by which the connection is cut instead.
fn answer<T>(fault: &Fault, output: T) -> S3Result<S3Response<T>> {
    let mut response = S3Response::new(output);
    if *fault == Fault::LostAnswer {
        response.headers.insert(LOST, HeaderValue::from_static("yes"));
    }
    Ok(response)
}

#[async_trait]
impl S3 for Service {
    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let mut record = Request::new(Op::Get, &input.key);
        record.version_id.clone_from(&input.version_id);
        record.requester_pays = input.request_payer.is_some();
        record.if_match = input.if_match.as_ref().and_then(|it| it.as_etag()).map(|etag| etag.value().to_owned());
        // Of the range as it was asked for, not as it is cut.
        let asked = input.range.map(|range| range.check(u64::MAX));
        record.range = asked.and_then(Result::ok).map(|range| (range.start, range.end));
        let sent = record.sent.clone();
        let fault = self.begin(record).await?;
        let (version, rate) = {
            let state = self.state();
            (state.objects.get(&input.bucket, &input.key, input.version_id.as_deref())?, state.rate)
        };
        check_match(input.if_match.as_ref(), &version)?;
        let size = version.body.len() as u64;
        let range = match input.range {
            Some(range) => {
                range.check(size).map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))?
            }
            None => 0..size,
        };
        let mut bytes = version.body.slice(range.start as usize..range.end as usize);
        let promised = bytes.len() as i64;
        let mut delivery = Delivery { bytes: Bytes::new(), end: End::Ends, slow: None, rate, sent, before_end: None };
        let mut length = promised;
        let lost = fault.clone();
        match fault {
            Fault::BreakAfter(after) => {
                bytes.truncate(after as usize);
                delivery.end = End::Breaks;
            }
            Fault::ShortAfter(after) => {
                bytes.truncate(after as usize);
                match input.range {
                    Some(_) => length = bytes.len() as i64,
                    None => delivery.end = End::Breaks,
                }
            }
            Fault::StallAfter(after) => {
                bytes.truncate(after as usize);
                delivery.end = End::Stalls;
            }
            Fault::OverwriteAfter(after, body) => {
                bytes.truncate(after as usize);
                delivery.end = End::Breaks;
                let state = self.state.clone();
                delivery.before_end = Some(Box::new(move || {
                    let mut state = state.lock().expect("no panic while it was held");
                    state.objects.put(&input.bucket, &input.key, body);
                }));
            }
            Fault::Slow(piece, delay) => delivery.slow = Some((piece, Duration::from_millis(delay))),
            _ => {}
        }
        delivery.bytes = bytes;
        let output = GetObjectOutput {
            body: Some(delivery.stream()),
            content_length: Some(length),
            content_range: input.range.map(|_| format!("bytes {}-{}/{size}", range.start, range.end - 1)),
            e_tag: Some(strong(&version)),
            version_id: version.id,
            ..GetObjectOutput::default()
        };
        answer(&lost, output)
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        self.begin(Request::new(Op::Head, &input.key)).await?;
        let version = self.state().objects.get(&input.bucket, &input.key, input.version_id.as_deref())?;
        check_match(input.if_match.as_ref(), &version)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: Some(version.body.len() as i64),
            e_tag: Some(strong(&version)),
            version_id: version.id,
            ..HeadObjectOutput::default()
        }))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        let fault = self.begin(Request::new(Op::Put, &input.key)).await?;
        let body = collect(input.body).await?;
        let version = self.state().objects.put(&input.bucket, &input.key, body);
        let output = PutObjectOutput { e_tag: Some(strong(&version)), ..PutObjectOutput::default() };
        answer(&fault, output)
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = request.input;
        let fault = self.begin(Request::new(Op::Delete, &input.key)).await?;
        self.state().objects.delete(&input.bucket, &input.key);
        answer(&fault, DeleteObjectOutput::default())
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        self.begin(Request::new(Op::List, &prefix)).await?;
        let after = input.continuation_token.or(input.start_after).unwrap_or_default();
        let state = self.state();
        let mut found =
            state.objects.list(&input.bucket).filter(|(key, _)| key.starts_with(&prefix) && *key > after.as_str()).map(
                |(key, version)| Object {
                    key: Some(key.to_owned()),
                    size: Some(version.body.len() as i64),
                    e_tag: Some(strong(version)),
                    ..Object::default()
                },
            );
        let page = input.max_keys.map_or(PAGE, |most| (most as usize).min(PAGE));
        let contents: Vec<Object> = found.by_ref().take(page).collect();
        let more = found.next().is_some();
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket.clone()),
            prefix: Some(prefix),
            key_count: Some(contents.len() as i32),
            is_truncated: Some(more),
            next_continuation_token: contents.last().filter(|_| more).and_then(|last| last.key.clone()),
            contents: Some(contents),
            ..ListObjectsV2Output::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        let fault = self.begin(Request::new(Op::CreateUpload, &input.key)).await?;
        let id = self.state().objects.create_upload(&input.bucket, &input.key);
        let output = CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            ..CreateMultipartUploadOutput::default()
        };
        answer(&fault, output)
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        let fault = self.begin(Request::new(Op::UploadPart, &input.key)).await?;
        let body = collect(input.body).await?;
        let etag =
            self.state().objects.put_part(&input.bucket, &input.key, &input.upload_id, input.part_number, body)?;
        answer(&fault, UploadPartOutput { e_tag: Some(ETag::Strong(etag)), ..UploadPartOutput::default() })
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        let fault = self.begin(Request::new(Op::CompleteUpload, &input.key)).await?;
        let named: Vec<(i32, String)> = input
            .multipart_upload
            .and_then(|upload| upload.parts)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|part| Some((part.part_number?, part.e_tag?.into_value())))
            .collect();
        let version = self.state().objects.complete(&input.bucket, &input.key, &input.upload_id, &named)?;
        let output = CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(strong(&version)),
            ..CompleteMultipartUploadOutput::default()
        };
        answer(&fault, output)
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let input = request.input;
        let fault = self.begin(Request::new(Op::AbortUpload, &input.key)).await?;
        self.state().objects.abort(&input.bucket, &input.key, &input.upload_id)?;
        answer(&fault, AbortMultipartUploadOutput::default())
    }

    async fn select_object_content(
        &self,
        request: S3Request<SelectObjectContentInput>,
    ) -> S3Result<S3Response<SelectObjectContentOutput>> {
        let input = request.input;
        let mut record = Request::new(Op::Select, &input.key);
        let range = input.request.scan_range.as_ref();
        record.range = range.and_then(|range| Some((range.start? as u64, range.end? as u64)));
        let sent = record.sent.clone();
        let fault = self.begin(record).await?;
        let (version, start, event) = {
            let state = self.state();
            (state.objects.get(&input.bucket, &input.key, None)?, state.start, state.event.unwrap_or(EVENT))
        };
        let selection = select(&version.body, &input.request, start)?;
        let mut bytes = Bytes::from(selection.bytes);
        let (returned, scanned) = (bytes.len() as i64, selection.scanned as i64);
        let mut end = Vec::new();
        match fault {
            Fault::BreakAfter(after) => bytes.truncate(after as usize),
            Fault::ShortAfter(after) => bytes.truncate(after as usize),
            Fault::StallAfter(after) => bytes.truncate(after as usize),
            Fault::OverwriteAfter(_, ref body) => {
                // The answer is that of the object as it was, to its good end.
                self.state().objects.put(&input.bucket, &input.key, body.clone());
            }
            Fault::ErrorAfter(after, code) => {
                bytes.truncate(after as usize);
                end.push(Err(error(code)));
            }
            _ => {}
        }
        if let Some(error) = selection.error {
            end.push(Err(error));
        }
        let whole =
            end.is_empty() && !matches!(fault, Fault::BreakAfter(_) | Fault::ShortAfter(_) | Fault::StallAfter(_));
        if whole {
            let details =
                Stats { bytes_scanned: Some(scanned), bytes_processed: Some(scanned), bytes_returned: Some(returned) };
            end.push(Ok(SelectObjectContentEvent::Stats(StatsEvent { details: Some(details) })));
            end.push(Ok(SelectObjectContentEvent::End(EndEvent {})));
        }
        sent.store(bytes.len() as u64, std::sync::atomic::Ordering::SeqCst);
        let progress = Progress { bytes_scanned: Some(0), ..Progress::default() };
        let begin = [
            Ok(SelectObjectContentEvent::Cont(ContinuationEvent {})),
            Ok(SelectObjectContentEvent::Progress(ProgressEvent { details: Some(progress) })),
        ];
        let records = (0..bytes.len()).step_by(event).map(|at| {
            let payload = bytes.slice(at..bytes.len().min(at + event));
            Ok(SelectObjectContentEvent::Records(RecordsEvent { payload: Some(payload) }))
        });
        let events: Vec<_> = begin.into_iter().chain(records).chain(end).collect();
        let events = stream::iter(events);
        let payload = match fault {
            Fault::StallAfter(_) => SelectObjectContentEventStream::new(events.chain(stream::pending())),
            _ => SelectObjectContentEventStream::new(events),
        };
        let mut response = S3Response::new(SelectObjectContentOutput { payload: Some(payload) });
        if matches!(fault, Fault::BreakAfter(_)) {
            response.headers.insert(CUT, HeaderValue::from_static("yes"));
        }
        Ok(response)
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let input = request.input;
        self.begin(Request::new(Op::ListUploads, input.prefix.as_deref().unwrap_or_default())).await?;
        let state = self.state();
        let uploads = state.objects.uploads(&input.bucket).map(|(key, id)| MultipartUpload {
            key: Some(key.to_owned()),
            upload_id: Some(id.to_owned()),
            ..MultipartUpload::default()
        });
        Ok(S3Response::new(ListMultipartUploadsOutput {
            uploads: Some(uploads.collect()),
            bucket: Some(input.bucket.clone()),
            ..ListMultipartUploadsOutput::default()
        }))
    }
}
