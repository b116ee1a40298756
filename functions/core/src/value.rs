//! Typed values: the types that a dataset may declare, decoding, and the reasons that refuse a record.

mod column;
mod column_type;
mod decoder;
mod null;
mod observed;
mod parse;
mod refused;
mod rows;
mod schema;

pub use column::{Column, Values};
pub use column_type::ColumnType;
pub use decoder::Decoder;
pub use observed::{Observed, observe};
pub use parse::{date_text, timestamp_text};
pub use refused::{Reason, Refused};
pub use rows::{Rows, Value};
pub use schema::{Schema, SchemaColumn};
