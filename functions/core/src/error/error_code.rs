//! The stable codes of errors. A code is never renamed.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A stable error code. `ErrorEquals` in the state machine matches it, the command line prints it
/// after `error:`, and a report or an alarm may be keyed on it. Codes are never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The header record isn't the one that the dataset expects.
    HeaderMismatch,
    /// The object has no bytes, or no header record.
    EmptyObject,
    /// UTF-16, UTF-32, Parquet, a JSON array, an archive; a header that isn't UTF-8; a compressed object
    /// too large for one function.
    UnsupportedEncoding,
    /// A compressed object that is truncated or damaged.
    CorruptObject,
    /// A record is longer than `max_record`.
    RecordTooLarge,
    /// A quote was opened and the object ended before it closed.
    UnterminatedQuote,
    /// The object isn't the one that was planned: overwritten between planning and reading.
    ObjectChanged,
    /// No object (or file) of that name.
    NoSuchObject,
    /// The store refused the caller.
    AccessDenied,
    /// The environment has no credentials, or no region.
    NotConfigured,
    /// The credentials are no longer valid.
    CredentialsExpired,
    /// No stack of fanout of that name, or not in that region.
    NoSuchStack,
    /// No run of that name.
    NoSuchRun,
    /// The run is in a state that does not allow it: it is running, or has ended.
    WrongState,
    /// A job, a dataset or another input message can't be used as it is.
    InvalidJob,
    /// The query of a run can't be understood, or can't be run over these columns in one pass.
    InvalidQuery,
    /// A query failed on the values of some records: a division by zero, an overflow, a text that is no number.
    QueryFailed,
    /// More records were refused than the dataset's `max_reject_ratio` allows.
    TooManyRejects,
    /// The chunks' results can't be proven to cover the object.
    CoverageFailed,
    /// The place where results go can't be written.
    ResultsUnwritable,
    /// The store asked to slow down.
    StoreThrottled,
    /// The store failed, a connection broke, a body was short, a time-out passed.
    StoreUnavailable,
    /// An output can't write now, and may later: its database is away.
    OutputUnavailable,
    /// An output failed, and would fail again.
    OutputFailed,
    /// The state machine couldn't be started for a passing reason.
    StartFailed,
    /// A fault of this program.
    Internal,
}

impl Code {
    /// Every code, for tests that compare the state machine with the code.
    pub const ALL: [Code; 26] = [
        Code::HeaderMismatch,
        Code::EmptyObject,
        Code::UnsupportedEncoding,
        Code::CorruptObject,
        Code::RecordTooLarge,
        Code::UnterminatedQuote,
        Code::ObjectChanged,
        Code::NoSuchObject,
        Code::AccessDenied,
        Code::NotConfigured,
        Code::CredentialsExpired,
        Code::NoSuchStack,
        Code::NoSuchRun,
        Code::WrongState,
        Code::InvalidJob,
        Code::InvalidQuery,
        Code::QueryFailed,
        Code::TooManyRejects,
        Code::CoverageFailed,
        Code::ResultsUnwritable,
        Code::StoreThrottled,
        Code::StoreUnavailable,
        Code::OutputUnavailable,
        Code::OutputFailed,
        Code::StartFailed,
        Code::Internal,
    ];

    /// The code's text.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::HeaderMismatch => "HeaderMismatch",
            Code::EmptyObject => "EmptyObject",
            Code::UnsupportedEncoding => "UnsupportedEncoding",
            Code::CorruptObject => "CorruptObject",
            Code::RecordTooLarge => "RecordTooLarge",
            Code::UnterminatedQuote => "UnterminatedQuote",
            Code::ObjectChanged => "ObjectChanged",
            Code::NoSuchObject => "NoSuchObject",
            Code::AccessDenied => "AccessDenied",
            Code::NotConfigured => "NotConfigured",
            Code::CredentialsExpired => "CredentialsExpired",
            Code::NoSuchStack => "NoSuchStack",
            Code::NoSuchRun => "NoSuchRun",
            Code::WrongState => "WrongState",
            Code::InvalidJob => "InvalidJob",
            Code::InvalidQuery => "InvalidQuery",
            Code::QueryFailed => "QueryFailed",
            Code::TooManyRejects => "TooManyRejects",
            Code::CoverageFailed => "CoverageFailed",
            Code::ResultsUnwritable => "ResultsUnwritable",
            Code::StoreThrottled => "StoreThrottled",
            Code::StoreUnavailable => "StoreUnavailable",
            Code::OutputUnavailable => "OutputUnavailable",
            Code::OutputFailed => "OutputFailed",
            Code::StartFailed => "StartFailed",
            Code::Internal => "Internal",
        }
    }

    /// Tells whether the same call may succeed later, so that it is worth a retry.
    pub fn is_transient(self) -> bool {
        matches!(self, Code::StoreThrottled | Code::StoreUnavailable | Code::OutputUnavailable | Code::StartFailed)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_str().serialize(serializer)
    }
}

/// A code of a newer version, which this one does not know, reads as [`Code::Internal`].
impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Code::ALL.into_iter().find(|code| code.as_str() == text).unwrap_or(Code::Internal))
    }
}

/// An error that leaves the program with a stable code.
pub trait Coded: std::error::Error {
    /// The code of this error.
    fn code(&self) -> Code;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_as_their_texts_and_unknown_ones_are_internal() {
        for code in Code::ALL {
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(json, format!("{:?}", code.as_str()));
            assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), code);
        }
        assert_eq!(serde_json::from_str::<Code>("\"OfTomorrow\"").unwrap(), Code::Internal);
    }
}
