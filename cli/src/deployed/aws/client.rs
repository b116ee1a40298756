//! A client of AWS: signs a request, sends it, and tries again what may pass.

use std::time::{Duration, SystemTime};

use aws_config::{Region, SdkConfig};
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
use fanout_core::{Coded, backoff, error_chain};
use fanout_store::{aws_config, connector};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use super::refusal::{Refusal, refusal};
use crate::deployed::DeployedError;

/// Times that a request is sent, where it is throttled or meets a fault of the server.
const TRIES: u32 = 4;

/// Time in which a connection must be made, and in which an answer must be there as a whole.
const CONNECTED: Duration = Duration::from_secs(5);
const ANSWERED: Duration = Duration::from_secs(30);

/// Time before their end at which credentials are asked for again.
const RENEWED: Duration = Duration::from_secs(60);

/// The region where an endpoint of one's own needs none.
const ANY_REGION: &str = "us-east-1";

/// A service, as requests name it.
#[derive(Debug, Clone, Copy)]
pub(in crate::deployed) struct Service {
    /// Its name in host names, in signatures and in policies.
    pub(super) name: &'static str,
    /// Its name in the settings of endpoints, as in `AWS_ENDPOINT_URL_SFN`.
    setting: &'static str,
    /// The type of what it is sent.
    content_type: &'static str,
    /// The prefix of its actions in a header; nothing where an action is a parameter.
    target: Option<&'static str>,
}

/// CloudFormation: parameters in, XML out (AWS: Query protocol).
pub(super) const CLOUD_FORMATION: Service = Service {
    name: "cloudformation",
    setting: "CLOUDFORMATION",
    content_type: "application/x-www-form-urlencoded; charset=utf-8",
    target: None,
};

/// Step Functions.
pub(super) const STATES: Service = Service {
    name: "states",
    setting: "SFN",
    content_type: "application/x-amz-json-1.0",
    target: Some("AWSStepFunctions"),
};

/// CloudWatch Logs.
pub(in crate::deployed) const LOGS: Service = Service {
    name: "logs",
    setting: "CLOUDWATCH_LOGS",
    content_type: "application/x-amz-json-1.1",
    target: Some("Logs_20140328"),
};

/// A client with the credentials, the region and the endpoints of the environment.
pub(in crate::deployed) struct Client {
    pub(in crate::deployed) config: SdkConfig,
    connector: Connector,
    credentials: Mutex<Option<Credentials>>,
}

impl Client {
    /// The client of the environment, in its region or in this one.
    pub(in crate::deployed) async fn from_env(region: Option<&str>) -> Self {
        let mut config = aws_config().await;
        if let Some(region) = region {
            config = config.into_builder().region(Region::new(region.to_owned())).build();
        }
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECTED).read_timeout(ANSWERED).build();
        let connector = connector(Some(settings), config.sleep_impl());
        Client { config, connector, credentials: Mutex::new(None) }
    }

    /// Returns the region, as a person is told it.
    pub(in crate::deployed) fn region(&self) -> &str {
        self.config.region().map_or(ANY_REGION, |region| region.as_ref())
    }

    /// Sends JSON, and reads JSON.
    pub(in crate::deployed) async fn json<T: DeserializeOwned>(
        &self,
        service: Service,
        action: &'static str,
        body: &impl Serialize,
    ) -> Result<T, DeployedError> {
        let unreadable = |error: serde_json::Error| DeployedError::unavailable(service.name, action, error.to_string());
        let body = serde_json::to_vec(body).map_err(unreadable)?;
        let answer = self.answer(service, action, body).await?;
        serde_json::from_slice(&answer).map_err(unreadable)
    }

    /// Sends parameters, and returns XML.
    pub(super) async fn query(
        &self,
        service: Service,
        action: &'static str,
        body: String,
    ) -> Result<String, DeployedError> {
        let answer = self.answer(service, action, body.into_bytes()).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Sends a request until it is answered, at most [`TRIES`] times.
    async fn answer(&self, service: Service, action: &'static str, body: Vec<u8>) -> Result<Vec<u8>, DeployedError> {
        let mut failures = 0;
        loop {
            match self.once(service, action, &body).await {
                Err(error) if error.code().is_transient() && failures + 1 < TRIES => failures += 1,
                done => return done,
            }
            sleep(backoff(failures, fastrand::f64())).await;
        }
    }

    async fn once(&self, service: Service, action: &'static str, body: &[u8]) -> Result<Vec<u8>, DeployedError> {
        let unavailable = |reason: String| DeployedError::unavailable(service.name, action, reason);
        let request = self.signed(service, action, body.to_vec()).await?;
        let exchange = async {
            let answer = self.connector.call(request).await.map_err(|error| unavailable(error_chain(&error)))?;
            let status = answer.status().as_u16();
            let header = answer.headers().get("x-amzn-errortype").map(str::to_owned);
            let body = ByteStream::new(answer.into_body()).collect().await;
            let body = body.map_err(|error| unavailable(error_chain(&error)))?.to_vec();
            Ok((status, header, body))
        };
        let answered = timeout(ANSWERED, exchange).await;
        let (status, header, body) = answered.map_err(|_| unavailable(format!("no answer in {ANSWERED:?}")))??;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let Refusal { code, message } = refusal(header.as_deref(), &body);
        Err(DeployedError::of_answer(service.name, action, status, code, message))
    }

    /// Returns a request with its signature.
    async fn signed(
        &self,
        service: Service,
        action: &'static str,
        body: Vec<u8>,
    ) -> Result<HttpRequest, DeployedError> {
        let (endpoint, region) = self.endpoint(service)?;
        let unusable = |reason: String| DeployedError::NotConfigured { action: service.action(action), reason };
        let mut headers = vec![("content-type", service.content_type.to_owned())];
        headers.extend(service.target.map(|target| ("x-amz-target", format!("{target}.{action}"))));
        let identity = self.credentials(service, action).await?.into();
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
        let signable = SignableRequest::new("POST", endpoint.as_str(), named, SignableBody::Bytes(&body))
            .map_err(|error| unusable(error_chain(&error)))?;
        let signed = sign(signable, &params).map_err(|error| unusable(error_chain(&error)))?;
        let (instructions, _) = signed.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST").map_err(|error| unusable(error.to_string()))?;
        request.set_uri(endpoint.as_str()).map_err(|error| unusable(format!("{endpoint}: {error}")))?;
        for (name, value) in headers {
            request.headers_mut().insert(name, value);
        }
        for (name, value) in instructions.headers() {
            request.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        Ok(request)
    }

    /// Returns the credentials, which are asked for again shortly before they expire.
    async fn credentials(&self, service: Service, action: &'static str) -> Result<Credentials, DeployedError> {
        let mut kept = self.credentials.lock().await;
        let usable =
            |credentials: &Credentials| credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now() + RENEWED);
        if let Some(credentials) = kept.as_ref().filter(|credentials| usable(credentials)) {
            return Ok(credentials.clone());
        }
        let unusable = |reason: String| DeployedError::NotConfigured { action: service.action(action), reason };
        let provider = self.config.credentials_provider().ok_or_else(|| unusable("there are no credentials".into()))?;
        let found = provider.provide_credentials().await.map_err(|error| unusable(error_chain(&error)))?;
        Ok(kept.insert(found).clone())
    }

    /// Returns the URL of a service and the region, in which it is called.
    fn endpoint(&self, service: Service) -> Result<(String, String), DeployedError> {
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
            (None, None) => Err(DeployedError::NotConfigured {
                action: service.name.to_owned(),
                reason: "there is no region".into(),
            }),
        }
    }
}

impl Service {
    /// Returns the name of an action as a policy has it.
    pub(super) fn action(&self, action: &str) -> String {
        format!("{}:{action}", self.name)
    }

    fn url(&self, region: &str) -> String {
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://{}.{region}.{domain}/", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_hosts_and_actions() {
        assert_eq!(STATES.url("eu-west-1"), "https://states.eu-west-1.amazonaws.com/");
        assert_eq!(LOGS.url("cn-north-1"), "https://logs.cn-north-1.amazonaws.com.cn/");
        assert_eq!(CLOUD_FORMATION.action("DescribeStacks"), "cloudformation:DescribeStacks");
    }
}
