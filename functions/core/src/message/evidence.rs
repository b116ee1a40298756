//! Evidence: one thing that was detected in an object, and the reason.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that was detected, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The dataset's field that it stands for: `delimiter`.
    pub what: String,
    /// The value, for a person: `semicolon`.
    pub value: String,
    /// The reason: `4 fields in 99 of 100 records; with comma 1 in 100`.
    pub sentence: String,
}

impl Evidence {
    pub(crate) fn new(what: &str, value: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { what: what.to_owned(), value: value.into(), sentence: sentence.into() }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.what, self.value, self.sentence)
    }
}
