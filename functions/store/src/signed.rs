//! Requests to AWS that are written by hand: signed by the SDK's signer, sent by its client of HTTPS, once each. The
//! SDK's own crates of services take minutes to compile, for a few fields of their answers.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_types::service_config::ServiceConfigKey;
use fanout_core::error_chain;
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::connector;

/// Time before their end at which credentials are asked for again.
const RENEWED: Duration = Duration::from_secs(60);

/// The region where an endpoint of one's own needs none.
const ANY_REGION: &str = "us-east-1";

/// A service, as requests name it.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Its name in host names, in signatures and in policies.
    pub name: &'static str,
    /// Its name in the settings of endpoints, as in `AWS_ENDPOINT_URL_SFN`.
    pub setting: &'static str,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method: `GET`.
    pub method: &'static str,
    /// The path without its first slash; empty for the root.
    pub path: &'static str,
    /// The headers, which are signed.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// The code of a refusal, where it stands in a header.
    pub error_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A request without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unanswered {
    /// A request that never left: the environment has no credentials or no region.
    #[error("no request could be made: {reason}")]
    NotConfigured {
        /// The cause.
        reason: String,
    },
    /// No answer came, or none in time.
    #[error("{reason}")]
    NoAnswer {
        /// The fault that was seen.
        reason: String,
    },
}

/// A client with credentials, a region and endpoints.
#[derive(Debug)]
pub struct SignedClient {
    config: SdkConfig,
    connector: Connector,
    answered: Duration,
    credentials: Mutex<Option<Credentials>>,
}

impl SignedClient {
    /// A client of that configuration. A connection must be made within `connected`, and an answer must be there as a
    /// whole within `answered`.
    pub fn new(config: SdkConfig, connected: Duration, answered: Duration) -> Self {
        let settings = HttpConnectorSettings::builder().connect_timeout(connected).read_timeout(answered).build();
        let connector = connector(Some(settings), config.sleep_impl());
        SignedClient { config, connector, answered, credentials: Mutex::new(None) }
    }

    /// The configuration.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The region, as a person is told it.
    pub fn region(&self) -> &str {
        self.config.region().map_or(ANY_REGION, |region| region.as_ref())
    }

    /// Sends a request once. Credentials are waited for as long as it takes.
    ///
    /// # Errors
    ///
    /// [`Unanswered`] where it could not be made or was not answered in time. A refusal is an answer.
    pub async fn send(&self, service: Service, request: Request) -> Result<Answer, Unanswered> {
        let request = self.signed(service, request).await?;
        let exchange = async {
            let answer = self.connector.call(request).await.map_err(|error| no_answer(error_chain(&error)))?;
            let status = answer.status().as_u16();
            let error_type = answer.headers().get("x-amzn-errortype").map(str::to_owned);
            let body = ByteStream::new(answer.into_body()).collect().await;
            let body = body.map_err(|error| no_answer(error_chain(&error)))?.to_vec();
            Ok(Answer { status, error_type, body })
        };
        let answered = timeout(self.answered, exchange).await;
        answered.map_err(|_| no_answer(format!("no answer in {:?}", self.answered)))?
    }

    /// Returns a request with its signature.
    async fn signed(&self, service: Service, request: Request) -> Result<HttpRequest, Unanswered> {
        let Request { method, path, headers, body } = request;
        let (endpoint, region) = self.endpoint(service)?;
        let url = endpoint + path;
        let identity = self.credentials().await?.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&region)
            .name(service.name)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unusable(error.to_string()))?
            .into();
        let named = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let signable = SignableRequest::new(method, url.as_str(), named, SignableBody::Bytes(&body))
            .map_err(|error| unusable(error_chain(&error)))?;
        let signed = sign(signable, &params).map_err(|error| unusable(error_chain(&error)))?;
        let (instructions, _) = signed.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).map_err(|error| unusable(error.to_string()))?;
        request.set_uri(url.as_str()).map_err(|error| unusable(format!("{url}: {error}")))?;
        for (name, value) in headers {
            request.headers_mut().insert(name, value);
        }
        for (name, value) in instructions.headers() {
            request.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        Ok(request)
    }

    /// Returns the credentials, which are asked for again shortly before they expire.
    async fn credentials(&self) -> Result<Credentials, Unanswered> {
        let mut kept = self.credentials.lock().await;
        let usable =
            |credentials: &Credentials| credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now() + RENEWED);
        if let Some(credentials) = kept.as_ref().filter(|credentials| usable(credentials)) {
            return Ok(credentials.clone());
        }
        let provider = self.config.credentials_provider().ok_or_else(|| unusable("there are no credentials".into()))?;
        let found = provider.provide_credentials().await.map_err(|error| unusable(error_chain(&error)))?;
        Ok(kept.insert(found).clone())
    }

    /// Returns the URL of a service, which ends in a slash, and the region in which it is called.
    fn endpoint(&self, service: Service) -> Result<(String, String), Unanswered> {
        let region = self.config.region().map(ToString::to_string);
        let variable = "AWS_ENDPOINT_URL";
        let key = ServiceConfigKey::builder().service_id(service.setting).env(variable).profile("endpoint_url").build();
        let own = key.ok().and_then(|key| self.config.service_config()?.load_config(key));
        match (own.or_else(|| self.config.endpoint_url().map(str::to_owned)), region) {
            (Some(url), region) => {
                let url = if url.ends_with('/') { url } else { format!("{url}/") };
                Ok((url, region.unwrap_or_else(|| ANY_REGION.to_owned())))
            }
            (None, Some(region)) => Ok((service.url(&region), region)),
            (None, None) => Err(unusable("there is no region".to_owned())),
        }
    }
}

impl Service {
    fn url(&self, region: &str) -> String {
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://{}.{region}.{domain}/", self.name)
    }
}

fn unusable(reason: String) -> Unanswered {
    Unanswered::NotConfigured { reason }
}

fn no_answer(reason: String) -> Unanswered {
    Unanswered::NoAnswer { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_hosts() {
        let states = Service { name: "states", setting: "SFN" };
        assert_eq!(states.url("eu-west-1"), "https://states.eu-west-1.amazonaws.com/");
        assert_eq!(states.url("cn-north-1"), "https://states.cn-north-1.amazonaws.com.cn/");
    }
}
