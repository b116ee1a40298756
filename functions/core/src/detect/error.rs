//! The reasons why detection refuses an object.

use thiserror::Error;

use crate::{Code, Coded, LabelError};

/// The reason why an object cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DetectError {
    /// No byte, or only blank lines.
    #[error("it has no record")]
    Empty,
    /// A file of another kind.
    #[error("it is {found}: only CSV and JSON lines are read, convert it first")]
    Binary {
        /// The name of what the first bytes are, for a person.
        found: &'static str,
    },
    /// Bytes that are no text.
    #[error(
        "it is no text: {controls} of its first {looked_at} bytes are NUL or control characters, the first at byte {at}"
    )]
    NotText {
        /// Control characters that no text has.
        controls: usize,
        /// Bytes looked at.
        looked_at: usize,
        /// Offset of the first one.
        at: usize,
    },
    /// An encoding that isn't read.
    #[error("it is {found}: convert it to UTF-8 first")]
    Encoding {
        /// The encoding, for a person.
        found: &'static str,
    },
    /// A label that no encoding has, or one that isn't read.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// A delimiter of more than one byte.
    #[error(
        "the fields are separated by {found:?} in {lines} of {looked_at} lines: a delimiter must be one ASCII character"
    )]
    LongDelimiter {
        /// The delimiter.
        found: String,
        /// Lines that it cuts into the same number of fields.
        lines: usize,
        /// Lines looked at.
        looked_at: usize,
    },
    /// No delimiter cuts the lines into a table.
    #[error(
        "no delimiter cuts the text into a table: tried {tried}; set the dataset's delimiter if it is one all the same"
    )]
    NoReading {
        /// Delimiters and how well they fit.
        tried: String,
    },
}

impl Coded for DetectError {
    fn code(&self) -> Code {
        match self {
            DetectError::Empty => Code::EmptyObject,
            DetectError::Label(error) => error.code(),
            DetectError::Binary { .. } | DetectError::NotText { .. } | DetectError::Encoding { .. } => {
                Code::UnsupportedEncoding
            }
            DetectError::LongDelimiter { .. } | DetectError::NoReading { .. } => Code::HeaderMismatch,
        }
    }
}
