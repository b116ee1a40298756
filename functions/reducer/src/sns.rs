//! Messages to people by a topic of Amazon SNS.

use async_trait::async_trait;
use aws_sdk_sns::Client;
use fanout_core::error_chain;
use fanout_render::Notice;

use crate::{Notify, NotifyError};

/// A topic.
#[derive(Debug, Clone)]
pub struct Topic {
    /// The client.
    pub client: Client,
    /// The topic's ARN.
    pub arn: String,
}

#[async_trait]
impl Notify for Topic {
    async fn send(&self, notice: &Notice) -> Result<(), NotifyError> {
        let publish = self.client.publish().topic_arn(&self.arn).subject(&notice.subject).message(&notice.text);
        publish.send().await.map(|_| ()).map_err(|error| {
            let status = error.raw_response().map_or(500, |response| response.status().as_u16());
            let reason = error_chain(&error);
            NotifyError { to: self.arn.clone(), reason, transient: status == 429 || status >= 500 }
        })
    }
}
