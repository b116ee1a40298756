//! S3 Select: the formats that it reads, and the columns of an expression.

mod expression;
mod format;
mod select_error;

pub use expression::{DEFAULT_EXPRESSION, projected};
pub use format::{SelectFormat, select_format};
pub use select_error::SelectError;
