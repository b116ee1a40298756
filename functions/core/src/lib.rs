//! The pure core of fanout: ranges, planning, headers, alignment, scanning, coverage, and the
//! messages that pass between planner, processor and reducer.
//!
//! Nothing here does I/O, reads a clock or an environment, or knows of tokio or AWS: every decision
//! is a function of its arguments. Offsets are bytes from the start of the object; ranges are
//! half-open `[start, end)` and become inclusive only where a wire format wants it.

mod align;
mod backoff;
mod chain;
mod code;
mod compression;
mod cost;
mod coverage;
mod dialect;
mod encoding;
mod estimate;
mod format;
mod header;
mod infer;
pub mod message;
mod plan;
mod prices;
mod range;
mod run_id;
mod scan;
#[cfg(feature = "schema")]
pub mod schema;
mod select;
mod short;
mod value;

pub use align::{Alignment, LOOK_AHEAD, LOOK_BACK, align};
pub use backoff::backoff;
pub use chain::chain;
pub use code::{Code, Coded};
pub use compression::Compression;
pub use cost::cost;
pub use coverage::{Coverage, CoverageError, MAX_REPAIR_ROUNDS, verify};
pub use dialect::{Dialect, DialectError, Terminator};
pub use encoding::{EncodingError, byte_order_mark};
pub use estimate::{estimate, text_bytes};
pub use format::Format;
pub use header::{Header, HeaderError, read_header};
pub use infer::infer;
pub use plan::{INLINE_CHUNKS, MAX_CHUNKS, MAX_OBJECT, PlanError, chunk_size_for, chunks, validate_chunk_size};
pub use prices::Prices;
pub use range::ScanRange;
pub use run_id::{file_stem, is_run_id, run_id};
pub use scan::{Batch, DEFAULT_MAX_RECORD, Field, JsonLines, Record, ScanError, Scanner, Start};
pub use select::{DEFAULT_EXPRESSION, SelectError, SelectFormat, projected, select_format};
pub use short::short;
pub use value::{
    Column, ColumnType, Decoder, Observed, Reason, Refused, Rows, Schema, SchemaColumn, Value, Values, date_text,
    observe, timestamp_text,
};
