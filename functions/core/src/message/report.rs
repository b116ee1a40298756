//! The report of a run and its summary.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ChunkTime, Concurrency, Cost, DataBytes, Evidence, Lengths, Reader, SelectStats, SketchSummary, WidenedColumn,
    current_version,
};
use crate::{ColumnType, Compression, Format, Location, ObjectVersion};

/// The report of a run: `report.json`, written last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// See [`super::VERSION`].
    #[serde(default = "current_version")]
    pub version: u32,
    /// Tells whether records were refused.
    pub status: Status,
    /// The id of the run.
    pub run_id: String,
    /// The object.
    pub object: ObjectVersion,
    /// The dataset's name, where it has one.
    pub dataset: Option<String>,
    /// The reader of the object.
    pub reader: Reader,
    /// The format of the object's text.
    #[serde(default)]
    pub format: Format,
    /// The compression of the object; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<Compression>,
    /// The reason why the object was one chunk, where it can't be cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_split: Option<String>,
    /// The things detected in the object, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Records accepted: those that the outputs saw.
    pub records: u64,
    /// Records refused.
    pub rejects: u64,
    /// The refused lines among them that are no records: the footer, and the header where it comes again. They do
    /// not count in the share of refused records.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub no_records: u64,
    /// The refused records that were corrected and processed as a part of the run; `records` and `rejects` count
    /// them. Absent where none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<CorrectedReport>,
    /// Chunks of the plan.
    pub chunks: u64,
    /// The concurrency that the account had for the run; absent where it did not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<Concurrency>,
    /// The proof that every record was processed exactly once.
    pub coverage: CoverageReport,
    /// Bytes that S3 Select reports, where it was the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<SelectStats>,
    /// The columns as the output `profile` found them; empty without it.
    pub columns: Vec<ColumnReport>,
    /// The first accepted records, up to ten, with a text for each column, cut to 64 characters, and `null` for null;
    /// empty without a profile, and where there are more than 500 columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sample: Vec<Vec<Option<String>>>,
    /// The outputs with their parts.
    pub outputs: Vec<OutputReport>,
    /// Bytes fetched in all.
    pub bytes_read: u64,
    /// The location of results: a bucket (or folder) and a prefix.
    pub results: Location,
    /// The time at which the run began: RFC 3339, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The version of fanout that wrote the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fanout: Option<String>,
    /// The time from start to report, in milliseconds.
    pub elapsed_ms: u64,
    /// The times of each chunk, in chunk order.
    #[serde(default)]
    pub timeline: Vec<ChunkTime>,
    /// The cost; absent where nothing ran in Lambda.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// The end of a run. A failed run has no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every record was accepted.
    Succeeded,
    /// Every record was processed, some were refused.
    SucceededWithRejects,
}

impl Status {
    /// The status as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Succeeded => "succeeded",
            Status::SucceededWithRejects => "succeeded_with_rejects",
        }
    }
}

/// The proof of coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverageReport {
    /// Tells whether the chain of chunks holds from `data_start` to `end`. It is true in every report of the
    /// reader `range`. It is false with S3 Select, which returns no offsets: then only two things are
    /// known, that every chunk's answer was whole and that the chunks tile the data.
    pub verified: bool,
    /// The byte at which the first chunk began.
    pub data_start: u64,
    /// The byte at which the last chunk stopped: the object's size; of a compressed object the size of
    /// its text.
    pub end: u64,
    /// The bytes from `data_start` to `end` by their kind: they add up to all of them in every
    /// report of the reader `range`; with S3 Select they aren't known, and 0.
    pub bytes: DataBytes,
    /// Chunks that were processed again as their first guess was wrong.
    pub repaired: u64,
}

/// The refused records of a run, corrected by a person. A file of them has one record for each that was refused:
/// `refused` = `accepted` + `still_refused`, and with those that were accepted at first they are all of the object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectedReport {
    /// The file of corrected records.
    pub object: ObjectVersion,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Records of the run's object that were accepted at first.
    pub accepted_at_first: u64,
    /// Records of the run's object that were refused at first.
    pub refused: u64,
    /// Records of the file that are accepted.
    pub accepted: u64,
    /// Records of the file that are still refused.
    pub still_refused: u64,
}

/// One column of the profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnReport {
    /// The column's name.
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// The origin of the type.
    #[serde(default)]
    pub origin: TypeOrigin,
    /// Values in the samples by their narrowest type; absent where all are of one, and where the dataset declares the
    /// column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sampled: BTreeMap<String, u64>,
    /// The values that widened the type; absent where none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widened: Option<WidenedColumn>,
    /// Values of accepted records that aren't null.
    pub count: u64,
    /// Nulls of accepted records.
    pub nulls: u64,
    /// Values that refused their record.
    pub invalid: u64,
    /// The least value: a number, or the text of anything else, shortened to 64 characters.
    pub min: Option<Figure>,
    /// The greatest value.
    pub max: Option<Figure>,
    /// The sum, of numbers and booleans (true is 1).
    pub sum: Option<Figure>,
    /// The arithmetic mean.
    pub mean: Option<f64>,
    /// The standard deviation of the sample (n - 1); absent below two values.
    pub stddev: Option<f64>,
    /// Nulls among the values of accepted records, from 0 to 1.
    #[serde(default)]
    pub null_share: f64,
    /// Lengths of the texts of a string column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<Lengths>,
    /// The summary of the sketches; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimates: Option<SketchSummary>,
}

/// The origin of a column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeOrigin {
    /// The dataset declares it.
    Declared,
    /// Samples showed it, and all values are of it.
    Inferred,
    /// Samples showed another one, which later values disproved.
    Widened,
    /// The column is text: its values have no type in common, or none was looked for.
    #[default]
    Text,
}

/// A figure of a column: as exact as its type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A float; the nearest double for an integer sum beyond 64 bits.
    Float(f64),
    /// Any other value as text; a decimal's exact digits.
    Text(String),
}

/// One output with its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputReport {
    /// The output's name.
    pub name: String,
    /// Objects written.
    pub parts: u64,
    /// Records in them, or seen.
    pub records: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The output's own section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<serde_json::Value>,
}

/// The report in short: the output of the execution. Its size doesn't depend on the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Tells whether records were refused.
    pub status: Status,
    /// The id of the run.
    pub run_id: String,
    /// The object.
    pub object: ObjectVersion,
    /// Records accepted.
    pub records: u64,
    /// Records refused.
    pub rejects: u64,
    /// Chunks of the plan.
    pub chunks: u64,
    /// The proof of coverage.
    pub coverage: CoverageReport,
    /// The time from start to report, in milliseconds.
    pub elapsed_ms: u64,
    /// The location of the whole report.
    pub report: Location,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Report {
    /// The report in short; `location` is where the whole one is.
    pub fn summary(&self, location: Location) -> Summary {
        Summary {
            status: self.status,
            run_id: self.run_id.clone(),
            object: self.object.clone(),
            records: self.records,
            rejects: self.rejects,
            chunks: self.chunks,
            coverage: self.coverage,
            elapsed_ms: self.elapsed_ms,
            report: location,
        }
    }
}
