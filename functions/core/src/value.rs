//! From fields to typed values: the types a dataset may declare, and what refuses a record.

mod column_type;
mod decoder;
mod observed;
mod parse;
mod refused;

pub use column_type::ColumnType;
pub use decoder::{Column, Decoder, Rows, Schema, SchemaColumn, Value, Values};
pub use observed::{Observed, observe};
pub use parse::{date_text, timestamp_text};
pub use refused::{Reason, Refused};
