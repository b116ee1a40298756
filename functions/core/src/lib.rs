//! The pure core of fanout: ranges, planning, headers, alignment, scanning, coverage, and the
//! messages that pass between planner, processor and reducer.
//!
//! Nothing here does I/O, reads a clock or an environment, or knows of tokio or AWS: every decision
//! is a function of its arguments. Offsets are bytes from the start of the object; ranges are
//! half-open `[start, end)` and become inclusive only where a wire format wants it.

mod align;
mod cost;
mod coverage;
mod detect;
mod encoding_proof;
mod error;
mod header;
#[cfg(feature = "json-schema")]
pub mod json_schema;
mod leading_header;
pub mod message;
mod object;
mod plan;
mod range;
mod reject_ratio;
mod scan;
mod select;
mod settled_types;
mod text;
mod type_proof;
mod value;

pub use align::{Alignment, LOOK_AHEAD, LOOK_BACK, align, align_utf16};
pub use cost::{Architecture, Prices, RunSize, Stack, UsualRecord, cores, cost, estimate, work};
pub use coverage::{Coverage, CoverageError, MAX_REPAIR_ROUNDS, verify};
pub use detect::{
    DetectError, Detected, EncodingFound, FIRST_SAMPLE, Given, GivenHeader, HeaderFound, Inferred, Resolved,
    SampledRecords, Samples, SamplesRefused, TrailingDelimiter, Window, check_samples, detect, infer, resolve,
    sample_windows,
};
pub use encoding_proof::disproved_encoding;
pub use error::{Code, Coded, Place, backoff, error_chain, next_step};
pub use header::{Header, HeaderError};
pub use leading_header::leading_header;
pub use object::{Location, ObjectVersion};
pub use plan::{
    ChunkList, INLINE_CHUNKS, MAX_CHUNKS, MAX_COLUMNS, MAX_DATASET, MAX_NAME, MAX_OBJECT, MAX_PAYLOAD, PlanBody,
    PlanError, check_payload, chunk_list, chunk_size_for, chunks, file_stem, is_run_id, read_manifest, run_id,
    take_body, validate_chunk_size,
};
pub use range::ScanRange;
pub use reject_ratio::{DEFAULT_REJECT_RATIO, TooManyRejects, check_reject_ratio, gives_up};
pub use scan::{
    Batch, DEFAULT_MAX_RECORD, Fault, Field, JsonLines, LineCursor, MAX_LATE_KEYS, OtherKeys, Record, RecordLayout,
    Scanner, Start, Transcoder, lines_before,
};
pub use select::{DEFAULT_EXPRESSION, SelectError, SelectFormat, projected, select_format};
pub use settled_types::settled_types;
pub use text::{
    Compression, Dialect, DialectError, Encoding, EncodingKind, Format, LabelError, Quotes, SharedByteError,
    Terminator, Utf16Transcoder, utf16_bytes, utf16_position, zip_kind,
};
pub use type_proof::{DisprovedTypes, disproved_types};
pub use value::{
    Column, ColumnType, Decoder, Reason, Refused, Rows, Schema, SchemaColumn, TypeCandidates, TypeSource, Value,
    Values, date_text, timestamp_text,
};
