//! Requests of S3 Select, and the events of their answers.

use std::error::Error;

use async_trait::async_trait;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::event_stream::{EventReceiver, Message};
use aws_sdk_s3::types::error::SelectObjectContentEventStreamError;
use aws_sdk_s3::types::{
    CompressionType, CsvInput, CsvOutput, ExpressionType, FileHeaderInfo, InputSerialization, JsonInput, JsonOutput,
    JsonType, OutputSerialization, QuoteFields, ScanRange as WireRange, SelectObjectContentEventStream as Event, Stats,
};
use aws_smithy_types::event_stream::RawMessage;
use fanout_core::message::SelectStats;
use fanout_core::{Format, Location, SelectFormat, error_chain};
use futures::stream::{self, StreamExt};
use tokio::time::timeout;

use super::failure::S3Failure;
use crate::select::{Query, Select, Selected, Selecting};
use crate::{S3Store, StoreError};

/// The events of one answer.
type Events = EventReceiver<Event, SelectObjectContentEventStreamError>;

#[async_trait]
impl Select for S3Store {
    async fn select(&self, query: Query<'_>) -> Result<Selecting, StoreError> {
        let (start, end) = query.format.wire(query.range.start, query.range.end, query.before);
        let answer = self
            .client
            .select_object_content()
            .bucket(&query.at.bucket)
            .key(&query.at.key)
            .expression(query.expression)
            .expression_type(ExpressionType::Sql)
            .input_serialization(input(query.format))
            .output_serialization(output(query.format))
            .scan_range(WireRange::builder().start(start as i64).end(end as i64).build())
            .send()
            .await
            .map_err(|error| self.refused(query.at, error))?;
        let state = Progress { events: answer.payload, at: query.at.clone(), stats: None, over: false };
        let idle = self.idle;
        let next = move |mut state: Progress| async move {
            if state.over {
                return None;
            }
            let piece = match timeout(idle, state.next()).await {
                Ok(piece) => piece,
                Err(_) => Err(StoreError::Unavailable {
                    at: state.at.clone(),
                    reason: format!("S3 Select: no event came for {} s", idle.as_secs_f64()).into(),
                }),
            };
            state.over = !matches!(piece, Ok(Selected::Records(_)));
            Some((piece, state))
        };
        Ok(stream::unfold(state, next).boxed())
    }
}

fn input(format: SelectFormat) -> InputSerialization {
    if format.format == Format::JsonLines {
        let json = JsonInput::builder().r#type(JsonType::Lines).build();
        return InputSerialization::builder().json(json).compression_type(CompressionType::None).build();
    }
    let text = |byte: u8| char::from(byte).to_string();
    let csv = CsvInput::builder()
        .file_header_info(if format.header { FileHeaderInfo::Use } else { FileHeaderInfo::None })
        .field_delimiter(text(format.delimiter))
        .quote_character(text(format.quote))
        .quote_escape_character(text(format.quote))
        .comments(text(format.comment))
        .record_delimiter(format.terminator_text())
        // With it there is no ScanRange.
        .allow_quoted_record_delimiter(false);
    InputSerialization::builder().csv(csv.build()).compression_type(CompressionType::None).build()
}

fn output(format: SelectFormat) -> OutputSerialization {
    if format.format == Format::JsonLines {
        let json = JsonOutput::builder().record_delimiter(format.terminator_text()).build();
        return OutputSerialization::builder().json(json).build();
    }
    let text = |byte: u8| char::from(byte).to_string();
    let csv = CsvOutput::builder()
        .field_delimiter(text(format.delimiter))
        .quote_character(text(format.quote))
        .quote_escape_character(text(format.quote))
        .record_delimiter(format.terminator_text())
        .quote_fields(QuoteFields::Asneeded);
    OutputSerialization::builder().csv(csv.build()).build()
}

/// An answer on its way.
struct Progress {
    events: Events,
    at: Location,
    stats: Option<SelectStats>,
    over: bool,
}

impl Progress {
    /// The next records, or the end. Cont and Progress events are passed over.
    async fn next(&mut self) -> Result<Selected, StoreError> {
        loop {
            match self.events.recv().await {
                Ok(Some(Event::Records(records))) => {
                    let payload = records.payload.unwrap_or_default();
                    return Ok(Selected::Records(payload.into_inner().into()));
                }
                Ok(Some(Event::Stats(stats))) => self.stats = stats.details.as_ref().map(stats_of),
                Ok(Some(Event::End(_))) => return Ok(Selected::Done(self.stats.unwrap_or_default())),
                Ok(Some(_)) => {}
                // The SDK takes a stream that ends anywhere for a good one.
                Ok(None) => {
                    let reason = "S3 Select: the answer ended without its End event".into();
                    return Err(StoreError::Unavailable { at: self.at.clone(), reason });
                }
                Err(error) => return Err(broken(&self.at, error)),
            }
        }
    }
}

fn stats_of(stats: &Stats) -> SelectStats {
    let count = |bytes: Option<i64>| bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0);
    SelectStats {
        bytes_scanned: count(stats.bytes_scanned()),
        bytes_processed: count(stats.bytes_processed()),
        bytes_returned: count(stats.bytes_returned()),
    }
}

impl S3Store {
    /// The error of a request that S3 refused.
    fn refused<E>(&self, at: &Location, error: SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        match (status, error.code().map(str::to_owned).as_deref()) {
            (Some(405 | 501), _) | (_, Some("MethodNotAllowed" | "NotImplemented")) => {
                let text = error.message().unwrap_or("it is not allowed here").to_owned();
                StoreError::NoSelect { at: at.clone(), reason: S3Failure::with_text(text, error) }
            }
            (Some(400), Some(code)) if !is_transient(code) => {
                let message = error.message().unwrap_or("no reason is given").to_owned();
                of_code(at, code, &message, error)
            }
            _ => self.failure(at, false, error),
        }
    }
}

/// The error of an answer that broke off. Its code is in the headers of the message alone.
fn broken(at: &Location, error: SdkError<SelectObjectContentEventStreamError, RawMessage>) -> StoreError {
    if let Some(RawMessage::Decoded(message)) = error.raw_response()
        && let Some(code) = header(message, ":error-code")
    {
        let text = header(message, ":error-message").unwrap_or("no reason is given").to_owned();
        let code = code.to_owned();
        return of_code(at, &code, &text, error);
    }
    let text = format!("S3 Select: {}", error_chain(&error));
    StoreError::Unavailable { at: at.clone(), reason: S3Failure::with_text(text, error) }
}

fn header<'m>(message: &'m Message, name: &str) -> Option<&'m str> {
    let header = message.headers().iter().find(|header| header.name().as_str() == name)?;
    header.value().as_string().ok().map(|text| text.as_str())
}

fn is_transient(code: &str) -> bool {
    matches!(code, "InternalError" | "ServiceUnavailable" | "SlowDown" | "Busy" | "RequestTimeout")
}

fn of_code(at: &Location, code: &str, message: &str, error: impl Error + Send + Sync + 'static) -> StoreError {
    let (at, reason) = (at.clone(), S3Failure::with_text(format!("S3 Select: {code}: {message}"), error));
    match code {
        "SlowDown" | "Busy" | "ServiceUnavailable" => StoreError::Throttled { at, reason },
        code if is_transient(code) => StoreError::Unavailable { at, reason },
        "OverMaxRecordSize" => StoreError::RecordTooLarge { at, reason },
        _ => StoreError::Unselectable { at, reason },
    }
}
