//! The messages between planner, state machine, processor and reducer: JSON, snake_case, one type
//! each. Unknown fields are refused with their names; `version` lets a running execution finish
//! across a deploy.

mod chunk;
mod column_rule;
mod concurrency;
mod cost;
mod dataset;
mod dialect_rule;
mod ended;
mod evidence;
mod failure_report;
mod inferred;
mod job;
mod output_choice;
mod plan;
mod query_report;
mod reduce;
mod report;
mod seen_types;
mod select;
mod sketch_summary;
mod upload;
mod usage;

pub use chunk::{Chunk, ChunkResult, DataBytes, Failure, Part, ProcessRequest, ProcessResponse, SeenUtf8};
pub use column_rule::ColumnRule;
pub use concurrency::Concurrency;
pub use cost::{Cost, CostEstimate, CostLine, Work};
pub use dataset::{Dataset, HeaderMatch, HeaderRule, Ragged, Types};
pub use dialect_rule::DialectRule;
pub use ended::{FailedRun, RunEnded};
pub use evidence::Evidence;
pub use failure_report::{FailedChunk, FailedStatus, FailureReport};
pub use inferred::{InferredColumn, SampledTypes, WidenedColumn};
pub use job::{DatasetRef, Job, Reader};
pub use output_choice::{OutputChoice, OutputOptions};
pub use plan::Plan;
pub use query_report::{QueryColumn, QueryReport};
pub use reduce::{ReduceRequest, ReduceResponse};
pub use report::{
    ColumnReport, CorrectedReport, CoverageReport, Figure, OutputReport, Report, Status, Summary, TypeOrigin,
};
pub use seen_types::{LateKey, SeenTypes, UnfitValue};
pub use select::SelectStats;
pub use sketch_summary::{Bin, Distinct, Frequent, Lengths, Quantile, SketchSummary};
pub use upload::{EventError, PlanRequest, Trigger, Upload};
pub use usage::{ChunkTime, Usage};

use thiserror::Error;

use crate::{Code, Coded};

/// The version of the messages that this code writes and reads.
pub const VERSION: u32 = 1;

/// A message that can't be used as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what}: {reason}")]
pub struct MessageError {
    /// The message: a job, a dataset and its place, …
    pub what: String,
    /// The fault.
    pub reason: String,
}

impl Coded for MessageError {
    fn code(&self) -> Code {
        Code::InvalidJob
    }
}

/// Reads a message from JSON text; `what` names it in the error.
///
/// # Errors
///
/// [`MessageError`] if the JSON is not such a message.
pub fn from_json<T: serde::de::DeserializeOwned>(what: &str, json: &[u8]) -> Result<T, MessageError> {
    serde_json::from_slice(json).map_err(|error| MessageError { what: what.to_owned(), reason: error.to_string() })
}

/// Writes a message as JSON text.
///
/// # Errors
///
/// [`MessageError`] if the message cannot be written as JSON.
pub fn to_json<T: serde::Serialize>(what: &str, message: &T) -> Result<Vec<u8>, MessageError> {
    serde_json::to_vec(message).map_err(|error| MessageError { what: what.to_owned(), reason: error.to_string() })
}

/// Writes a message as JSON text for a person to read.
///
/// # Errors
///
/// [`MessageError`] if the message cannot be written as JSON.
pub fn to_json_pretty<T: serde::Serialize>(what: &str, message: &T) -> Result<Vec<u8>, MessageError> {
    serde_json::to_vec_pretty(message)
        .map_err(|error| MessageError { what: what.to_owned(), reason: error.to_string() })
}

fn current_version() -> u32 {
    VERSION
}
