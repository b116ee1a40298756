//! A client of AWS: sends a request, and tries again what may pass.

use std::time::Duration;

use aws_config::{Region, SdkConfig};
use fanout_core::{Coded, backoff};
use fanout_store::{Answer, Request, Service as Place, SignedClient, Unanswered, aws_config};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use super::refusal::{Refusal, refusal};
use crate::deployed::DeployedError;

/// Times that a request is sent, where it is throttled or meets a fault of the server.
const TRIES: u32 = 4;

/// Time in which a connection must be made, and in which an answer must be there as a whole.
const CONNECTED: Duration = Duration::from_secs(5);
const ANSWERED: Duration = Duration::from_secs(30);

/// A service, and the form in which it is asked.
#[derive(Debug, Clone, Copy)]
pub(in crate::deployed) struct Service {
    place: Place,
    /// The type of what it is sent.
    content_type: &'static str,
    /// The prefix of its actions in a header; nothing where an action is a parameter.
    target: Option<&'static str>,
}

/// CloudFormation: parameters in, XML out (AWS: Query protocol).
pub(super) const CLOUD_FORMATION: Service = Service {
    place: Place { name: "cloudformation", setting: "CLOUDFORMATION" },
    content_type: "application/x-www-form-urlencoded; charset=utf-8",
    target: None,
};

/// Step Functions.
pub(super) const STATES: Service = Service {
    place: Place { name: "states", setting: "SFN" },
    content_type: "application/x-amz-json-1.0",
    target: Some("AWSStepFunctions"),
};

/// CloudWatch Logs.
pub(in crate::deployed) const LOGS: Service = Service {
    place: Place { name: "logs", setting: "CLOUDWATCH_LOGS" },
    content_type: "application/x-amz-json-1.1",
    target: Some("Logs_20140328"),
};

/// A client with the credentials, the region and the endpoints of the environment.
pub(in crate::deployed) struct Client(SignedClient);

impl Client {
    /// The client of the environment, in its region or in this one.
    pub(in crate::deployed) async fn from_env(region: Option<&str>) -> Self {
        let mut config = aws_config().await;
        if let Some(region) = region {
            config = config.into_builder().region(Region::new(region.to_owned())).build();
        }
        Client(SignedClient::new(config, CONNECTED, ANSWERED))
    }

    /// Returns the configuration.
    pub(in crate::deployed) fn config(&self) -> &SdkConfig {
        self.0.config()
    }

    /// Returns the region, as a person is told it.
    pub(in crate::deployed) fn region(&self) -> &str {
        self.0.region()
    }

    /// Sends JSON, and reads JSON.
    pub(in crate::deployed) async fn json<T: DeserializeOwned>(
        &self,
        service: Service,
        action: &'static str,
        body: &impl Serialize,
    ) -> Result<T, DeployedError> {
        let unreadable =
            |error: serde_json::Error| DeployedError::unavailable(service.place.name, action, error.to_string());
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
        let Service { place, content_type, target } = service;
        let mut headers = vec![("content-type", content_type.to_owned())];
        headers.extend(target.map(|target| ("x-amz-target", format!("{target}.{action}"))));
        let request = Request { method: "POST", path: "", headers, body: body.to_vec() };
        let answered = self.0.send(place, request).await;
        let Answer { status, error_type, body } = answered.map_err(|unanswered| match unanswered {
            Unanswered::NotConfigured { reason } => {
                DeployedError::NotConfigured { action: format!("{}:{action}", place.name), reason }
            }
            Unanswered::NoAnswer { reason } => DeployedError::unavailable(place.name, action, reason),
        })?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let Refusal { code, message } = refusal(error_type.as_deref(), &body);
        Err(DeployedError::of_answer(place.name, action, status, code, message))
    }
}
