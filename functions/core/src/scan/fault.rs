//! The faults of records that cannot be read.

use crate::Encoding;

/// The reason why a record cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A quoted field goes on after its closing quote.
    MalformedQuotes {
        /// Offset in the object of the byte after the closing quote.
        at: u64,
    },
    /// A quote never closes before the end of the object.
    UnterminatedQuote {
        /// Offset in the object of the quote.
        at: u64,
    },
    /// A record longer than the limit.
    RecordTooLarge {
        /// The limit in bytes, terminator not counted.
        limit: usize,
    },
    /// Bytes that aren't UTF-8.
    InvalidUtf8 {
        /// Offset in the object of the first byte that isn't.
        at: u64,
    },
    /// Bytes that the object's encoding doesn't allow.
    InvalidText {
        /// The encoding, which isn't UTF-8.
        encoding: Encoding,
        /// Offset in the object of the first such byte.
        at: u64,
    },
    /// A NUL byte.
    Nul {
        /// Offset in the object of the first one; of JSON, of the string that has it as an escape.
        at: u64,
    },
    /// A line after the last record.
    Footer,
    /// The header, once more.
    RepeatedHeader,
    /// A line isn't one JSON object.
    MalformedJson {
        /// Offset in the object of where reading stopped: of the byte at fault, or of the one before it.
        at: u64,
        /// The fault there.
        problem: String,
    },
    /// A JSON object has a key that the header doesn't have.
    UnknownKey {
        /// The key, shortened.
        key: String,
    },
    /// A JSON object has a key of the header twice.
    DuplicateKey {
        /// The key, shortened.
        key: String,
    },
}

impl Fault {
    /// A byte that the encoding doesn't allow, at this offset in the object.
    pub(crate) fn invalid(encoding: Encoding, at: u64) -> Self {
        if encoding.is_utf8() { Fault::InvalidUtf8 { at } } else { Fault::InvalidText { encoding, at } }
    }

    /// Returns a stable name for the kind of fault.
    pub fn name(&self) -> &'static str {
        match self {
            Fault::MalformedQuotes { .. } => "malformed_quotes",
            Fault::UnterminatedQuote { .. } => "unterminated_quote",
            Fault::RecordTooLarge { .. } => "record_too_large",
            Fault::InvalidUtf8 { .. } => "invalid_utf8",
            Fault::InvalidText { .. } => "invalid_text",
            Fault::Nul { .. } => "nul",
            Fault::Footer => "footer",
            Fault::RepeatedHeader => "repeated_header",
            Fault::MalformedJson { .. } => "malformed_json",
            Fault::UnknownKey { .. } => "unknown_key",
            Fault::DuplicateKey { .. } => "duplicate_key",
        }
    }

    /// Says for a person what should have been there.
    pub fn expected(&self) -> String {
        let text = match self {
            Fault::MalformedQuotes { .. } => "the end of the field after its closing quote",
            Fault::UnterminatedQuote { .. } => "a closing quote",
            Fault::RecordTooLarge { limit } => return format!("a record of at most {limit} bytes"),
            Fault::InvalidUtf8 { .. } => "UTF-8",
            Fault::InvalidText { encoding, .. } => encoding.name(),
            Fault::Nul { .. } => "no NUL byte",
            Fault::Footer | Fault::RepeatedHeader => "a record",
            Fault::MalformedJson { .. } => "a JSON object",
            Fault::UnknownKey { .. } => "keys of the header only",
            Fault::DuplicateKey { .. } => "each key once",
        };
        text.to_owned()
    }

    /// Says for a person what was there instead.
    pub fn found(&self) -> String {
        match self {
            Fault::MalformedQuotes { at } => format!("another byte at {at}"),
            Fault::UnterminatedQuote { at } => format!("the quote at byte {at} never closes"),
            Fault::RecordTooLarge { limit } => format!("more than {limit} bytes, or an open quote"),
            Fault::InvalidUtf8 { at } | Fault::InvalidText { at, .. } => format!("an invalid byte at {at}"),
            Fault::Nul { at } => format!("a NUL byte at {at}"),
            Fault::Footer => "a line after the last record".to_owned(),
            Fault::RepeatedHeader => "the header once more".to_owned(),
            Fault::MalformedJson { at, problem } => format!("{problem}, at byte {at}"),
            Fault::UnknownKey { key } => format!("the key {key:?}"),
            Fault::DuplicateKey { key } => format!("the key {key:?} twice"),
        }
    }
}

/// One record of a batch that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FaultyRecord {
    /// Index of the record in its batch.
    pub(crate) record: usize,
    /// The reason.
    pub(crate) fault: Fault,
}
