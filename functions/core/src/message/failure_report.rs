//! The report of a run that failed: what, where, how far it had come, and what to do.

use serde::{Deserialize, Serialize};

use super::{Failure, current_version};
use crate::{Location, Place};

/// The report of a run that failed, which stands in the place of its report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureReport {
    /// See [`super::VERSION`].
    #[serde(default = "current_version")]
    pub version: u32,
    /// The end of the run.
    pub status: FailedStatus,
    /// The id of the run; of an upload that was refused one that is made of its key and its request.
    pub run_id: String,
    /// The code of the error, or an error of AWS.
    pub code: String,
    /// The error's text.
    pub message: String,
    /// The object, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Location>,
    /// The place in the object that the error names.
    #[serde(default, skip_serializing_if = "Place::is_unknown")]
    pub place: Place,
    /// The next step.
    pub next_step: String,
    /// Chunks of the plan; absent where there was none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunks: Option<u64>,
    /// Chunks that have a result.
    pub chunks_done: u64,
    /// Records that these chunks accepted.
    pub records: u64,
    /// Records that they refused.
    pub rejects: u64,
    /// The first parts with refused records, as keys below the results.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reject_parts: Vec<String>,
    /// The first chunks that failed, each with its last error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_chunks: Vec<FailedChunk>,
    /// The location of what the run left: a bucket, and a prefix that ends in `/`.
    pub results: Location,
    /// The ARN of the execution, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<String>,
    /// The time of the failure: RFC 3339.
    pub failed_at: String,
    /// The version of fanout.
    pub fanout: String,
}

/// The end of a run that has no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailedStatus {
    /// An error ended it.
    Failed,
    /// The run took longer than an execution may.
    TimedOut,
    /// A person ended it.
    Aborted,
    /// An upload was not planned, so no execution began.
    Refused,
}

impl FailedStatus {
    /// The status in a sentence: `run x …`.
    pub fn sentence(self) -> &'static str {
        match self {
            FailedStatus::Failed => "failed",
            FailedStatus::TimedOut => "took too long",
            FailedStatus::Aborted => "was aborted",
            FailedStatus::Refused => "was refused",
        }
    }
}

/// A chunk without a result, and its last error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedChunk {
    /// The chunk's number.
    pub index: u64,
    /// The error.
    pub failure: Failure,
}
