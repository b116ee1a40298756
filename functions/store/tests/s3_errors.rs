//! The errors of S3: their codes, and the SDK's errors as their sources.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::error::Error;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result as Provided, SharedCredentialsProvider, future};
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::operation::select_object_content::SelectObjectContentError;
use aws_sdk_s3::types::error::SelectObjectContentEventStreamError;
use aws_smithy_types::event_stream::RawMessage;
use bytes::Bytes;
use fanout_core::{Code, Coded, Format, Location, ScanRange, SelectFormat};
use fanout_s3_server::{Fault, Op, S3Server};
use fanout_store::{Query, Read, S3Store, Store, StoreError};
use futures::StreamExt;

type GetFailed = SdkError<GetObjectError>;
type SelectFailed = SdkError<SelectObjectContentError>;
type AnswerFailed = SdkError<SelectObjectContentEventStreamError, RawMessage>;

fn at(bucket: &str) -> Location {
    Location { bucket: bucket.into(), key: "k".into() }
}

/// Tells whether an error of this type is among the sources.
fn comes_from<T: Error + 'static>(error: &StoreError) -> bool {
    std::iter::successors(error.source(), |&error| error.source()).any(|error| error.is::<T>())
}

async fn server() -> (S3Server, S3Store) {
    let server = S3Server::start().await;
    server.insert("bucket", "k", "1\n2\n");
    let store = S3Store::new(&server.config());
    (server, store)
}

#[tokio::test]
async fn errors_of_requests_keep_their_sources() {
    let (server, store) = server().await;
    let table = [
        ("AccessDenied", Code::AccessDenied),
        ("NoSuchKey", Code::NoSuchObject),
        ("SlowDown", Code::StoreThrottled),
        ("InternalError", Code::StoreUnavailable),
    ];
    for (fault, code) in table {
        server.fail_always(Op::Get, Fault::Error(fault));
        server.fail_always(Op::Put, Fault::Error(fault));
        let error = store.read(Read::whole(&at("bucket"))).await.unwrap_err();
        assert_eq!((error.code(), comes_from::<GetFailed>(&error)), (code, true), "{fault}");
        let error = store.put(&at("bucket"), Bytes::new()).await.unwrap_err();
        assert!(comes_from::<SdkError<PutObjectError>>(&error), "{fault}");
    }
}

async fn selected(store: &S3Store) -> Result<(), StoreError> {
    let (at, format) = (at("bucket"), SelectFormat::of(&Default::default(), Format::Csv));
    let range = ScanRange::new(0, 4);
    let query = Query { at: &at, expression: "SELECT * FROM S3Object", format, range, before: None };
    let mut pieces = store.filtering().unwrap().select(query).await?;
    while let Some(piece) = pieces.next().await {
        piece?;
    }
    Ok(())
}

#[tokio::test]
async fn errors_of_s3_select_keep_their_sources() {
    let (server, store) = server().await;
    let table = [
        (Fault::Error("MethodNotAllowed"), Code::InvalidJob, "S3 Select can't be used: ", true),
        (Fault::Error("InvalidTextEncoding"), Code::InvalidJob, "S3 Select: InvalidTextEncoding: ", true),
        (Fault::Error("OverMaxRecordSize"), Code::RecordTooLarge, "S3 Select: OverMaxRecordSize: ", true),
        (Fault::Error("SlowDown"), Code::StoreThrottled, "throttled: SlowDown", true),
        (Fault::ErrorAfter(0, "CSVParsingError"), Code::InvalidJob, "S3 Select: CSVParsingError: ", false),
        (Fault::ErrorAfter(0, "OverMaxRecordSize"), Code::RecordTooLarge, "S3 Select: OverMaxRecordSize: ", false),
        (Fault::ErrorAfter(0, "InternalError"), Code::StoreUnavailable, "S3 Select: InternalError: ", false),
        (Fault::ErrorAfter(0, "Busy"), Code::StoreThrottled, "S3 Select: Busy: ", false),
    ];
    for (fault, code, text, refused) in table {
        server.fail_always(Op::Select, fault.clone());
        let error = selected(&store).await.unwrap_err();
        assert_eq!(error.code(), code, "{fault:?}");
        assert!(error.to_string().contains(text), "{fault:?}: {error}");
        let sources = (comes_from::<SelectFailed>(&error), comes_from::<AnswerFailed>(&error));
        assert_eq!(sources, (refused, !refused), "{fault:?}");
    }
}

/// A provider of credentials that fails.
#[derive(Debug)]
struct Failing(fn() -> CredentialsError);

impl ProvideCredentials for Failing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Provided::Err(self.0()))
    }
}

fn config(region: Option<&'static str>, credentials: SharedCredentialsProvider) -> SdkConfig {
    let mut config = SdkConfig::builder().behavior_version(BehaviorVersion::latest());
    config.set_region(region.map(Region::new)).set_credentials_provider(Some(credentials));
    config.build()
}

async fn unsent(config: &SdkConfig, bucket: &str, etag: Option<&str>) -> StoreError {
    let read = Read { at: &at(bucket), version_id: None, range: None, if_match: etag };
    S3Store::new(config).read(read).await.unwrap_err()
}

#[tokio::test]
async fn credentials_that_are_missing_and_providers_that_fail_are_told_apart() {
    let table: [(fn() -> CredentialsError, Code); 5] = [
        (|| CredentialsError::not_loaded("none"), Code::NotConfigured),
        (|| CredentialsError::invalid_configuration("a circle"), Code::NotConfigured),
        (|| CredentialsError::provider_timed_out(Duration::from_secs(5)), Code::StoreUnavailable),
        (|| CredentialsError::provider_error("HTTP 503"), Code::StoreUnavailable),
        (|| CredentialsError::unhandled("no JSON"), Code::StoreUnavailable),
    ];
    for (fault, code) in table {
        let credentials = SharedCredentialsProvider::new(Failing(fault));
        let error = unsent(&config(Some("us-east-1"), credentials), "bucket", None).await;
        assert_eq!(error.code(), code, "{error}");
        assert!(comes_from::<CredentialsError>(&error), "{error}");
    }
}

#[tokio::test]
async fn environments_and_names_that_are_wrong_are_told_apart() {
    let credentials = || SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test"));
    let table = [
        (None, "bucket", None, Code::NotConfigured),
        (None, "arn:aws:s3", None, Code::NotConfigured),
        (Some("no region"), "bucket", None, Code::NotConfigured),
        (Some("us-east-1"), "arn:aws:s3", None, Code::AccessDenied),
        (Some("us-east-1"), "bucket--x-s3", None, Code::AccessDenied),
        (Some("us-east-1"), "bucket", Some("a\nb"), Code::AccessDenied),
    ];
    for (region, bucket, etag, code) in table {
        let error = unsent(&config(region, credentials()), bucket, etag).await;
        assert_eq!(error.code(), code, "{region:?}, {bucket}: {error}");
        assert!(comes_from::<GetFailed>(&error), "{region:?}, {bucket}");
    }
}
