//! The errors that end a scan.

use thiserror::Error;

use crate::{Code, Coded};

/// The reason why the scanner can't go on. Offsets are bytes from the start of the object.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScanError {
    /// A record longer than the limit.
    #[error("record at byte {offset}: longer than {limit} bytes{}", open_quote(*.quote))]
    RecordTooLarge {
        /// Offset of the record's first byte.
        offset: u64,
        /// The limit in bytes, terminator not counted.
        limit: usize,
        /// Offset of the quote that was still open, if one was.
        quote: Option<u64>,
    },
    /// The object ended inside quotes.
    #[error(
        "record at byte {offset}: the quote at byte {quote} never closes before the end of the object at byte {end}"
    )]
    UnterminatedQuote {
        /// Offset of the record's first byte.
        offset: u64,
        /// Offset of the open quote.
        quote: u64,
        /// Length of the object.
        end: u64,
    },
}

fn open_quote(quote: Option<u64>) -> String {
    quote.map_or_else(String::new, |at| format!(", and the quote at byte {at} is still open"))
}

impl Coded for ScanError {
    fn code(&self) -> Code {
        match self {
            ScanError::RecordTooLarge { .. } => Code::RecordTooLarge,
            ScanError::UnterminatedQuote { .. } => Code::UnterminatedQuote,
        }
    }
}
