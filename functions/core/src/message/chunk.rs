//! The messages to and from a processor, and the result of one chunk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{LateKey, Plan, SeenTypes, SelectStats, Usage, current_version};
use crate::{Code, Coded, ScanRange};

/// One ScanRange of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chunk {
    /// The number of the chunk, from 0, in the order of the object.
    pub index: u64,
    /// First byte.
    pub start: u64,
    /// First byte after it.
    pub end: u64,
    /// The boundary of the first record, in a repair. At or after `end` the chunk has no record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_record: Option<u64>,
}

impl Chunk {
    /// The chunk's bytes.
    pub fn range(&self) -> ScanRange {
        ScanRange::new(self.start, self.end)
    }
}

/// The state machine's request to a processor.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessRequest {
    /// The plan, with or without its list of chunks.
    pub plan: Plan,
    /// The chunk to process.
    pub chunk: Chunk,
}

/// A processor's answer to the state machine. Its size doesn't depend on the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessResponse {
    /// The chunk's number.
    pub index: u64,
    /// Key of the [`ChunkResult`] in the plan's results bucket.
    pub result: String,
}

/// The result of one chunk: stored by the processor, merged by the reducer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChunkResult {
    /// See [`super::VERSION`].
    #[serde(default = "current_version")]
    pub version: u32,
    /// The run that it belongs to.
    pub run_id: String,
    /// ETag of the object that was read.
    pub etag: String,
    /// The chunk as it was asked for.
    pub chunk: Chunk,
    /// The first boundary at or after the chunk's start; absent where the processor saw none.
    pub first_record: Option<u64>,
    /// The first boundary at or after the chunk's end, as this parse found it.
    pub next_record: Option<u64>,
    /// Records that the outputs saw.
    pub records: u64,
    /// Records that were refused.
    pub rejects: u64,
    /// The refused lines among them that are no records: the footer, and the header where it comes again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub no_records: u64,
    /// The bytes from `first_record` to `next_record`, by their kind.
    pub bytes: DataBytes,
    /// Line breaks from `first_record` to `next_record`.
    #[serde(default)]
    pub lines: u64,
    /// The characters beyond ASCII, where the text is read as UTF-8.
    #[serde(default, skip_serializing_if = "SeenUtf8::is_ascii")]
    pub seen: SeenUtf8,
    /// The types that the values fit, where they are not those of the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<SeenTypes>,
    /// The keys of JSON lines that are no columns yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late_keys: Vec<LateKey>,
    /// Tells that a value was not of the type that was inferred for its column, or that a key was no column: from
    /// there on outputs were given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfit: bool,
    /// Tells that so many of its records were refused that outputs saw no more of them: see [`crate::gives_up`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gave_up: bool,
    /// The round in which it was processed.
    #[serde(default, skip_serializing_if = "is_first")]
    pub round: u32,
    /// Byte-order marks at the start of records, which were dropped: the object is files glued together.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub marks: u64,
    /// Bytes fetched.
    pub bytes_read: u64,
    /// The time at which processing began, in milliseconds since 1970-01-01T00:00:00Z.
    pub started_ms: u64,
    /// The duration of processing, in milliseconds.
    pub elapsed_ms: u64,
    /// The part of it spent waiting for bytes of the object, in milliseconds.
    #[serde(default)]
    pub read_ms: u64,
    /// Billable usage, earlier rounds included.
    #[serde(default)]
    pub usage: Usage,
    /// Bytes that S3 Select reports, where it was the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<SelectStats>,
    /// The failure that stopped it early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The parts that the outputs wrote.
    pub parts: Vec<Part>,
    /// Each output's partial, by the output's name.
    pub partial: BTreeMap<String, Box<RawValue>>,
}

/// The bytes beyond ASCII that were seen in a text that is read as UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenUtf8 {
    /// A record with characters of more than one byte, all of them valid.
    pub valid: bool,
    /// A record with bytes that UTF-8 does not allow.
    pub invalid: bool,
}

impl SeenUtf8 {
    /// Tells whether there was none.
    pub fn is_ascii(&self) -> bool {
        *self == Self::default()
    }

    /// These and others.
    pub fn plus(self, other: Self) -> Self {
        Self { valid: self.valid || other.valid, invalid: self.invalid || other.invalid }
    }
}

fn is_first(round: &u32) -> bool {
    *round == 0
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Bytes of the text by their kind, each of them once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataBytes {
    /// Bytes of the records that the outputs saw, terminators included.
    pub accepted: u64,
    /// Bytes of the records that were refused, with their terminators.
    pub rejected: u64,
    /// Bytes of blank lines, comments, and the rests of lines longer than `max_record`.
    pub skipped: u64,
}

impl DataBytes {
    /// All bytes, of every kind.
    pub fn total(&self) -> u64 {
        self.accepted + self.rejected + self.skipped
    }

    /// The sums of these bytes and others.
    pub fn plus(self, other: DataBytes) -> DataBytes {
        DataBytes {
            accepted: self.accepted + other.accepted,
            rejected: self.rejected + other.rejected,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// A failure that would stop another attempt at the same chunk as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The error's code: `CorruptObject`, `UnsupportedEncoding`, `ObjectChanged`, `NoSuchObject`, or
    /// `RecordTooLarge` of S3 Select.
    pub code: Code,
    /// The error's text.
    pub message: String,
}

impl Failure {
    /// The failure by this error.
    pub fn of(error: &impl Coded) -> Self {
        Failure { code: error.code(), message: error.to_string() }
    }

    /// Tells whether it counts wherever the chunk began: the object isn't the planned one any more, or
    /// isn't what its first bytes say.
    pub fn ends_the_run(&self) -> bool {
        matches!(self.code, Code::ObjectChanged | Code::NoSuchObject | Code::CorruptObject | Code::UnsupportedEncoding)
    }
}

/// A part: one object that an output wrote for one chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The output's name.
    pub output: String,
    /// The object's key, relative to the run's prefix.
    pub key: String,
    /// Records in it.
    pub records: u64,
    /// The part's size in bytes.
    pub bytes: u64,
}
