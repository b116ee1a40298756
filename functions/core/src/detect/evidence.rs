//! Evidence of what was detected: one sentence for each decision.

use std::fmt;

/// A thing that was detected, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The dataset's field that it stands for.
    pub what: &'static str,
    /// The value, for a person: `semicolon`.
    pub value: String,
    /// The reason: `4 fields in 99 of 100 records; with comma 1 in 100`.
    pub sentence: String,
}

impl Evidence {
    pub(super) fn new(what: &'static str, value: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { what, value: value.into(), sentence: sentence.into() }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.what, self.value, self.sentence)
    }
}

/// The name of a byte, for a person.
pub(super) fn byte_name(byte: u8) -> String {
    let name = match byte {
        b',' => "comma",
        b';' => "semicolon",
        b'\t' => "tab",
        b'|' => "pipe",
        b' ' => "space",
        b':' => "colon",
        b'^' => "caret",
        b'~' => "tilde",
        b'"' => "double quote",
        b'\'' => "single quote",
        b'`' => "backtick",
        b'\\' => "backslash",
        0x21..=0x7e => return char::from(byte).to_string(),
        _ => return format!("byte 0x{byte:02x}"),
    };
    name.to_owned()
}

/// `1 record`, `2 records`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
