//! Typed values: the types that a dataset may declare, decoding, and the reasons that refuse a record.

mod boolean_words;
mod candidates;
mod column;
mod column_decoder;
mod column_type;
mod complex_texts;
mod decoder;
mod moment;
mod null;
mod number;
mod parse;
mod reading;
mod refused;
mod rows;
mod schema;
mod separators;
mod short_number;
mod type_proof;

pub(crate) use candidates::Inference;
pub use candidates::TypeCandidates;
pub use column::{Column, Values};
pub use column_type::ColumnType;
pub use decoder::Decoder;
pub(crate) use moment::{MONTHS, MomentFormat, layouts as date_layouts};
pub use moment::{date_text, timestamp_text};
pub(crate) use number::is_number as is_plain_number;
pub use refused::{Reason, Refused};
pub use rows::{Rows, Value};
pub use schema::{Schema, SchemaColumn, TypeSource};
