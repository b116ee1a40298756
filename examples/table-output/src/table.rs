//! Requests to the table. Throttled and unprocessed ones are sent again.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, WriteRequest};
use fanout_core::backoff;
use fanout_outputs::OutputError;

use crate::item::{Item, PARTITION, SORT};
use crate::table_output::NAME;

/// Requests that `BatchWriteItem` takes at once.
pub(crate) const BATCH: usize = 25;

/// Times that the requests of a batch are sent, where the table leaves some of them unprocessed.
const TRIES: u32 = 10;

/// Codes of refusals that pass, besides every answer of status 500 and above.
const PASSING: [&str; 3] = ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"];

/// A table of DynamoDB and the client that reaches it.
#[derive(Clone)]
pub struct Table {
    /// The client.
    pub client: Client,
    /// The table's name.
    pub name: String,
}

impl Table {
    /// Sends up to [`BATCH`] requests, those that the table leaves unprocessed again.
    ///
    /// # Errors
    ///
    /// [`OutputError::Unavailable`] where the service is away or requests stay unprocessed;
    /// [`OutputError::Failed`] where the service refuses them.
    pub(crate) async fn write(&self, mut requests: Vec<WriteRequest>) -> Result<(), OutputError> {
        for failures in 1..=TRIES {
            if requests.is_empty() {
                return Ok(());
            }
            let sent = self.client.batch_write_item().request_items(&self.name, requests).send().await;
            let mut left = sent.map_err(failure)?.unprocessed_items.unwrap_or_default();
            requests = left.remove(&self.name).unwrap_or_default();
            if !requests.is_empty() && failures < TRIES {
                tokio::time::sleep(backoff(failures, fastrand::f64())).await;
            }
        }
        if requests.is_empty() {
            return Ok(());
        }
        let source = format!("table {}: {} requests unprocessed after {TRIES} tries", self.name, requests.len());
        Err(OutputError::Unavailable { output: NAME, source: source.into() })
    }

    /// One page of the keys of a partition from a sort key on, and the key from which the next page goes on.
    pub(crate) async fn keys(
        &self,
        partition: &str,
        sort: &str,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), OutputError> {
        let query = self.client.query().table_name(&self.name).consistent_read(true).set_exclusive_start_key(from);
        let query = query
            .key_condition_expression("#partition = :partition AND #sort >= :sort")
            .projection_expression("#partition, #sort")
            .expression_attribute_names("#partition", PARTITION)
            .expression_attribute_names("#sort", SORT)
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(":sort", AttributeValue::S(sort.to_owned()));
        let page = query.send().await.map_err(failure)?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key.filter(|key| !key.is_empty())))
    }
}

/// The failure of a call. Refusals fail again; anything else may pass.
fn failure<E>(error: SdkError<E>) -> OutputError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let refused = match &error {
        SdkError::ConstructionFailure(_) => true,
        SdkError::ServiceError(answer) => {
            answer.raw().status().as_u16() < 500 && !answer.err().code().is_some_and(|code| PASSING.contains(&code))
        }
        _ => false,
    };
    let source = DisplayErrorContext(error).to_string().into();
    match refused {
        true => OutputError::Failed { output: NAME, source },
        false => OutputError::Unavailable { output: NAME, source },
    }
}

#[cfg(test)]
mod tests;
