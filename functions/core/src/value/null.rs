//! The one rule of what is null. Every output asks it, through [`super::Rows`].

use crate::scan::Field;

/// The word that MySQL and others write for null without quotes, which no text is.
const UNQUOTED: &[u8] = b"\\N";

/// Words for null that are known among values of a type. In a column of texts they are texts.
pub(crate) const NULL_WORDS: [&str; 24] = [
    "NA", "N/A", "n/a", "na", "NULL", "null", "Null", "None", "none", "NONE", "NaN", "nan", "NAN", "\\N", "-", "--",
    "?", ".", "#N/A", "#NA", "<NA>", "(null)", "nil", "NIL",
];

/// The place of a word among [`NULL_WORDS`].
#[inline]
pub(crate) fn null_word(value: &[u8]) -> Option<usize> {
    if value.len() > 6 {
        return None;
    }
    NULL_WORDS.iter().position(|word| word.as_bytes() == value)
}

/// Tells whether a field of a text column is null: one without a byte, `\N` without quotes, and a word that the
/// dataset names for null. Two quotes are an empty text.
#[inline]
pub(super) fn is_null_text(field: &Field<'_>, words: &[String]) -> bool {
    let raw = field.raw();
    raw.is_empty() || raw == UNQUOTED || (!words.is_empty() && has_word(field, words))
}

/// Few datasets name words: apart, so that loops over the fields of others are short.
#[cold]
fn has_word(field: &Field<'_>, words: &[String]) -> bool {
    is_named(&field.value(), words)
}

/// Tells whether a value of a typed column, its quotes removed, is null where the dataset names these words.
#[inline]
pub(super) fn is_null_value(value: &[u8], words: &[String]) -> bool {
    value.is_empty() || value == UNQUOTED || is_named(value, words)
}

fn is_named(value: &[u8], words: &[String]) -> bool {
    words.iter().any(|word| word.as_bytes() == value)
}
