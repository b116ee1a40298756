//! The answers by which a server refuses a request that may be made again. The SDK tries again by itself, and
//! says nothing: they are told here.

use aws_sdk_s3::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;

/// Logs each attempt of a request that was throttled or met a fault of the server.
#[derive(Debug)]
pub(super) struct TellRefusals;

impl Intercept for TellRefusals {
    fn name(&self) -> &'static str {
        "TellRefusals"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(status) = context.response().map(|response| response.status().as_u16())
            && (status == 429 || status >= 500)
        {
            tracing::warn!(status, "request refused");
        }
        Ok(())
    }
}
