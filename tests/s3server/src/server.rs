//! The server: its start, and what tests ask of it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::HttpError;
use s3s::auth::SimpleAuth;
use s3s::dto::StreamingBlob;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::fault::Faults;
use crate::objects::Objects;
use crate::s3::{CUT, LOST, Service};
use crate::{Fault, Op, Request, StartReading};

/// The key that requests must be signed with.
pub const ACCESS_KEY: &str = "test";
/// The key's secret.
pub const SECRET_KEY: &str = "secret";
/// The region.
pub const REGION: &str = "us-east-1";

/// The state that the server and its requests share.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) objects: Objects,
    pub(crate) faults: Faults,
    pub(crate) requests: Vec<Request>,
    pub(crate) rate: Option<u64>,
    pub(crate) start: StartReading,
    pub(crate) event: Option<usize>,
}

/// A server that lives as long as this value, on a port of its own of the loopback interface.
pub struct S3Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: AbortHandle,
}

impl S3Server {
    /// Starts a server without an object, on the runtime that this is called in.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let state = Arc::new(Mutex::new(State::default()));
        let mut service = S3ServiceBuilder::new(Service { state: state.clone() });
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();
        let accepting = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let _ = connection.set_nodelay(true);
                let service = service.clone();
                let answer = service_fn(move |request: hyper::Request<Incoming>| {
                    let service = service.clone();
                    async move {
                        let answer = service.call(request.map(s3s::Body::from)).await?;
                        // An error here cuts the connection.
                        if answer.headers().contains_key(LOST) {
                            return Err(HttpError::new(std::io::Error::other("cut on purpose").into()));
                        }
                        if !answer.headers().contains_key(CUT) {
                            return Ok(answer);
                        }
                        let cut = |body| {
                            let body = StreamingBlob::from(body).map_err(std::io::Error::other);
                            let end = stream::once(async { Err(std::io::Error::other("cut on purpose")) });
                            s3s::Body::from(StreamingBlob::wrap(body.chain(end)))
                        };
                        Ok(answer.map(cut))
                    }
                });
                let serving =
                    http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(connection), answer);
                tokio::spawn(serving);
            }
        });
        Self { address, state, accepting: accepting.abort_handle() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no panic while it was held")
    }

    /// Returns the value for `AWS_ENDPOINT_URL`. Buckets are part of the path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client's configuration for this server. Retries come after a millisecond.
    pub fn config(&self) -> SdkConfig {
        let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test");
        let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        SdkConfig::builder()
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(self.url())
            .region(Region::new(REGION))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(retries.with_max_backoff(Duration::from_millis(1)))
            .build()
    }

    /// Keeps overwritten objects from now on, as a bucket with versions does.
    pub fn keep_versions(&self) {
        self.state().objects.versioned = true;
    }

    /// Writes an object; returns its ETag.
    pub fn insert(&self, bucket: &str, key: &str, body: impl Into<Bytes>) -> String {
        self.state().objects.put(bucket, key, body.into()).etag
    }

    /// An object's current bytes.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Bytes> {
        self.state().objects.get(bucket, key, None).ok().map(|version| version.body)
    }

    /// The keys of a bucket, sorted.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.state().objects.list(bucket).map(|(key, _)| key.to_owned()).collect()
    }

    /// The keys whose uploads are neither complete nor aborted.
    pub fn open_uploads(&self, bucket: &str) -> Vec<String> {
        self.state().objects.uploads(bucket).map(|(key, _)| key.to_owned()).collect()
    }

    /// Lets the next requests of an operation on this key fail so, in this order, after those of
    /// earlier calls.
    pub fn fail(&self, op: Op, key: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.add(op, key, faults);
    }

    /// Lets every request of an operation fail so that has no fault of [`S3Server::fail`].
    pub fn fail_always(&self, op: Op, fault: Fault) {
        self.state().faults.always(op, fault);
    }

    /// No more faults.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Bytes a second that one connection gets; `None` for as many as there are.
    pub fn limit(&self, rate: Option<u64>) {
        self.state().rate = rate;
    }

    /// Sets how `Start` of a ScanRange is read from now on.
    pub fn read_start(&self, reading: StartReading) {
        self.state().start = reading;
    }

    /// Cuts the records that SelectObjectContent returns into events of so many bytes.
    pub fn cut_events(&self, bytes: usize) {
        self.state().event = Some(bytes);
    }

    /// Every request since the last call, in the order of their arrival.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.state().requests)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
