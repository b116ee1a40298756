//! The one rule of what is null. Every output asks it, through [`super::Rows`].

use super::ColumnType;
use crate::Format;
use crate::scan::Field;

/// Tells whether a field is null in a column of this declared type.
///
/// - `string`: a field without a byte is null; two quotes are an empty text.
/// - Another declared type: an empty value is null, in quotes or not.
/// - No declared type: as the latter, but a string of JSON is a value, however short.
#[inline]
pub(super) fn is_null(field: &Field<'_>, declared: Option<ColumnType>, format: Format) -> bool {
    match declared {
        Some(ColumnType::String) => is_null_text(field),
        None if format == Format::JsonLines && field.is_quoted() => false,
        None | Some(_) => is_null_value(&field.trimmed()),
    }
}

/// Tells whether a field that is written as text is null.
#[inline]
pub(super) fn is_null_text(field: &Field<'_>) -> bool {
    field.raw().is_empty()
}

/// Tells whether the value of a field, its quotes removed, is null where it is not written as text.
#[inline]
pub(super) fn is_null_value(value: &[u8]) -> bool {
    value.is_empty()
}
