//! The labels of encodings, as people write them.

use std::str::FromStr;

use thiserror::Error;

use super::Encoding;
use crate::{Code, Coded};

/// Encodings outside the Encoding Standard that people name, in lower case, and names for a person.
const NOT_READ: [(&str, &str); 11] = [
    ("utf-7", "UTF-7"),
    ("utf-32", "UTF-32"),
    ("utf-32le", "UTF-32"),
    ("utf-32be", "UTF-32"),
    ("utf32", "UTF-32"),
    ("ucs-4", "UTF-32"),
    ("ebcdic", "EBCDIC"),
    ("cp037", "EBCDIC"),
    ("ibm037", "EBCDIC"),
    ("cp500", "EBCDIC"),
    ("ibm500", "EBCDIC"),
];

/// A label that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LabelError {
    /// A label that no encoding has.
    #[error("encoding {label:?} is not a label of the Encoding Standard, such as \"utf-8\" or \"windows-1252\"")]
    Unknown {
        /// The label.
        label: String,
    },
    /// The label of an encoding that isn't read.
    #[error("encoding {label:?}: {name} is not read, convert it to UTF-8 first")]
    NotRead {
        /// The label.
        label: String,
        /// The name of the encoding.
        name: &'static str,
    },
}

impl Coded for LabelError {
    fn code(&self) -> Code {
        match self {
            LabelError::Unknown { .. } => Code::InvalidJob,
            LabelError::NotRead { .. } => Code::UnsupportedEncoding,
        }
    }
}

impl FromStr for Encoding {
    type Err = LabelError;

    fn from_str(label: &str) -> Result<Self, LabelError> {
        let lower = label.trim().to_ascii_lowercase();
        if let Some((_, name)) = NOT_READ.iter().find(|(not_read, _)| *not_read == lower) {
            return Err(LabelError::NotRead { label: label.to_owned(), name });
        }
        let Some(found) = encoding_rs::Encoding::for_label(lower.as_bytes()) else {
            return Err(LabelError::Unknown { label: label.to_owned() });
        };
        let name =
            if found == encoding_rs::REPLACEMENT { "an encoding that shifts between tables" } else { found.name() };
        Self::of(found).ok_or(LabelError::NotRead { label: label.to_owned(), name })
    }
}
