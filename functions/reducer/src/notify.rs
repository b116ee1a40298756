//! The sending of messages to people.

use async_trait::async_trait;
use fanout_core::{Code, Coded};
use fanout_render::Notice;
use thiserror::Error;

/// A way to people.
#[async_trait]
pub trait Notify: Send + Sync {
    /// Sends a message.
    ///
    /// # Errors
    ///
    /// [`NotifyError`] where it was not sent. The error says whether another try may help.
    async fn send(&self, notice: &Notice) -> Result<(), NotifyError>;
}

/// A message that was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{to}: the message was not sent: {reason}")]
pub struct NotifyError {
    /// The topic.
    pub to: String,
    /// The answer of the service.
    pub reason: String,
    /// Tells whether another try may help.
    pub transient: bool,
}

impl Coded for NotifyError {
    fn code(&self) -> Code {
        if self.transient { Code::StoreUnavailable } else { Code::AccessDenied }
    }
}
