//! The plan of a run.

use serde::{Deserialize, Serialize};

use super::{
    Chunk, Concurrency, CostEstimate, Dataset, Evidence, HeaderMatch, InferredColumn, OutputChoice, Reader,
    SampledTypes, WidenedColumn, current_version,
};
use crate::{
    Compression, Dialect, Encoding, EncodingKind, Format, Location, ObjectVersion, OtherKeys, ScanRange, Schema,
    SchemaColumn,
};

/// Bytes of a record in an encoding that is decoded after scanning: a byte may become three, and
/// positions are kept in 30 bits.
const MAX_DECODED: usize = 256 << 20;

/// A plan: everything that a processor and the reducer need to know of a run.
///
/// Its chunks depend on the object, the job and the stack alone, not on when it was made; so does the run's id, so that
/// the same upload notified twice asks for the same execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// See [`super::VERSION`].
    #[serde(default = "current_version")]
    pub version: u32,
    /// The id of the run.
    pub run_id: String,
    /// The object, as it was when it was planned.
    pub object: ObjectVersion,
    /// The dataset's name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_name: Option<String>,
    /// The dataset, in which nothing is left to detection.
    pub dataset: Dataset,
    /// The reader of the object.
    pub reader: Reader,
    /// The format of the object's text.
    #[serde(default)]
    pub format: Format,
    /// The encoding of the object's text.
    #[serde(default, skip_serializing_if = "Encoding::is_utf8")]
    pub encoding: Encoding,
    /// Tells whether the encoding is UTF-8 because the samples have ASCII alone: then the run proves it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub encoding_assumed: bool,
    /// The compression of the object; absent where it has none. Boundaries and offsets of records are then
    /// those in the text, while ranges of chunks are those of the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<Compression>,
    /// The outputs, in the order in which they see a batch.
    pub outputs: Vec<OutputChoice>,
    /// Column names in the order of the object.
    pub header: Vec<String>,
    /// The columns whose types are inferred, or may yet be; the others are declared, or text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inferred: Vec<InferredColumn>,
    /// The types of values in the samples, of columns whose values are not all of one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sampled: Vec<SampledTypes>,
    /// The columns whose types an earlier round disproved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub widened: Vec<WidenedColumn>,
    /// The round since which the types are what they are now: results of an earlier one hold others.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub typed_round: u32,
    /// Tells that chunks write all their rejects: the run as a whole does not have too many of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_rejects: bool,
    /// Offset of the first byte after the byte-order mark, the skipped lines and the header.
    pub data_start: u64,
    /// Line breaks before `data_start`; absent where they are not known, or are of no use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines_before: Option<u64>,
    /// Offset of the first line after the last record; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer_start: Option<u64>,
    /// The things detected in the object, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Bytes of a chunk; the last one may have fewer.
    pub chunk_size: u64,
    /// Number of chunks that tile [`Plan::data`].
    pub chunk_count: u64,
    /// Chunks that are processed at once at most, where they are more than an inline Map takes.
    #[serde(default)]
    pub parallelism: u64,
    /// The concurrency that the account has for the run; absent where the functions have their own, where the run is one
    /// chunk, and where nothing runs in Lambda.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<Concurrency>,
    /// 0, or the number of this round of repairs.
    #[serde(default)]
    pub round: u32,
    /// The chunks to process in this round, where they are few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunks: Option<Vec<Chunk>>,
    /// The manifest, where the plan has no chunks: an object with one chunk a line, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Location>,
    /// The location of dataset, header, inferred types and evidence, where they are too large for a state of the state machine:
    /// here they are then empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Location>,
    /// The location of results: a bucket, and a prefix that ends in `/`.
    pub results: Location,
    /// The estimate of time and money in the stack.
    pub estimate: CostEstimate,
}

fn is_zero(round: &u32) -> bool {
    *round == 0
}

impl Plan {
    /// The bytes that the chunks tile: `[data_start, size)`; of a compressed object, which is one
    /// chunk, all of it.
    pub fn data(&self) -> ScanRange {
        match self.compression {
            None => ScanRange::new(self.data_start, self.object.size),
            Some(_) => ScanRange::new(0, self.object.size),
        }
    }

    /// Returns the reason why the object is one chunk, where it can't be cut.
    pub fn not_split(&self) -> Option<String> {
        self.compression.map(|compression| {
            format!("{compression} can only be read from its start: all of it is one chunk, whatever its size")
        })
    }

    /// Returns the dialect that cuts the text into records.
    pub fn dialect(&self) -> Dialect {
        match self.format {
            Format::Csv => self.dataset.dialect.dialect(),
            Format::JsonLines => Dialect::of_lines(),
        }
    }

    /// Returns the number of fields of a usual record, the empty one after a trailing delimiter among them.
    pub fn width(&self) -> usize {
        self.header.len() + usize::from(self.dataset.dialect.trailing_delimiter == Some(true))
    }

    /// Bytes that a record may have: those of the dataset, at most as many as can be decoded.
    pub fn max_record(&self) -> usize {
        match self.encoding.kind() {
            EncodingKind::Other => self.dataset.max_record().min(MAX_DECODED),
            _ => self.dataset.max_record(),
        }
    }

    /// The columns with their types, declared and inferred.
    pub fn schema(&self) -> Schema {
        let mut schema = self.dataset.schema(&self.header);
        for InferredColumn { column, candidates } in &self.inferred {
            if let Some(column) = schema.columns.get_mut(*column as usize) {
                *column = SchemaColumn::inferred(&column.name, *candidates, self.delimiter());
            }
        }
        schema
    }

    /// Returns the fate of keys of JSON lines that are no columns: where the dataset names no columns, they become
    /// some.
    pub fn other_keys(&self) -> OtherKeys {
        match self.dataset.header_match() {
            HeaderMatch::Superset => OtherKeys::PassedOver,
            _ if self.dataset.expected_names().is_empty() && self.dataset.expression.is_none() => OtherKeys::Collected,
            _ => OtherKeys::Refused,
        }
    }

    /// Returns the delimiter, which tells the signs in numbers apart.
    pub(crate) fn delimiter(&self) -> u8 {
        self.dialect().delimiter
    }

    /// Returns the location of a chunk's result.
    pub fn result_location(&self, index: u64) -> Location {
        self.results.join(&format!("results/{index:05}.json"))
    }

    /// Returns the location of a chunk's last error, which counts only while the chunk has no result.
    pub fn failure_location(&self, index: u64) -> Location {
        self.results.join(&format!("failed/{index:05}.json"))
    }

    /// Returns the location of the plan as it was made, without its chunks: what a deployed run is known by when it
    /// failed.
    pub fn planned_location(results: &Location) -> Location {
        results.join("manifest/planned.json")
    }

    /// Returns the location of the report, which is written last.
    pub fn report_location(&self) -> Location {
        self.results.join("report.json")
    }

    /// Returns the location of this round's manifest.
    pub fn manifest_location(&self) -> Location {
        self.results.join(&format!("manifest/{}.jsonl", self.round))
    }
}
