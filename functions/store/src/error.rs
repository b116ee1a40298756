//! The errors of stores.

use fanout_core::{Code, Coded, Compression, Location, ScanRange};
use thiserror::Error;

/// The error behind a [`StoreError`]: of the SDK, of the file system, or a sentence where there is none.
pub type StoreCause = Box<dyn std::error::Error + Send + Sync>;

/// The reason why a store did not do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No object of that name.
    #[error("{at}: no such {}", missing(at, reason))]
    NoSuchObject {
        /// The expected location.
        at: Location,
        /// The store's answer.
        #[source]
        reason: StoreCause,
    },
    /// The caller may not do that, or the request is refused as it is: a malformed name, for instance.
    #[error("{at}: refused: {reason}")]
    AccessDenied {
        /// The object of the request.
        at: Location,
        /// The store's answer.
        #[source]
        reason: StoreCause,
    },
    /// The request never left, because of the environment: it lacks credentials or a region, or has wrong
    /// ones of a form that cannot be used.
    #[error(
        "{at}: no request could be made: {reason}; set AWS_REGION and AWS_ACCESS_KEY_ID with \
         AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    )]
    NotConfigured {
        /// The object of the request.
        at: Location,
        /// The SDK's answer.
        #[source]
        reason: StoreCause,
    },
    /// The object isn't the one asked for any more.
    #[error("{at}: {}", changed(at, expected, found))]
    Changed {
        /// The object.
        at: Location,
        /// The ETag asked for.
        expected: String,
        /// The ETag that is there now, as far as the store says.
        found: String,
    },
    /// No byte of the range exists: the object is empty, or ends before it.
    #[error("{at}: no byte of {range} exists")]
    OutOfRange {
        /// The object.
        at: Location,
        /// The range asked for.
        range: ScanRange,
    },
    /// The store asks to slow down.
    #[error("{at}: throttled: {reason}")]
    Throttled {
        /// The object of the request.
        at: Location,
        /// The store's answer.
        #[source]
        reason: StoreCause,
    },
    /// The store, or the way to it, failed.
    #[error("{at}: unavailable: {reason}")]
    Unavailable {
        /// The object of the request.
        at: Location,
        /// The fault that was seen.
        #[source]
        reason: StoreCause,
    },
    /// A body ended before all its bytes came.
    #[error("{at}: the body ended at byte {got}, expected bytes {range}")]
    ShortBody {
        /// The object.
        at: Location,
        /// The range that was promised.
        range: ScanRange,
        /// Offset in the object of the first byte that didn't come.
        got: u64,
    },
    /// A compressed object that its decoder can't read to the end.
    #[error(
        "{at}: the {compression} stream is {} at byte {offset} of the {}, after {text} bytes of text: {reason}",
        if *.truncated { "truncated" } else { "damaged" }, .at.noun()
    )]
    Corrupt {
        /// The object.
        at: Location,
        /// The compression.
        compression: Compression,
        /// Tells whether more should have come.
        truncated: bool,
        /// Bytes of the object that the decoder took.
        offset: u64,
        /// Bytes of text that came of them.
        text: u64,
        /// The decoder's answer.
        #[source]
        reason: StoreCause,
    },
    /// A compressed object that isn't one text, or not one that is read.
    #[error("{at}: {reason}")]
    NotText {
        /// The object.
        at: Location,
        /// The archive or the setting, and the next step.
        reason: String,
    },
    /// The store doesn't filter records, or not for this caller.
    #[error(
        "{at}: S3 Select can't be used: {reason}; AWS has closed it to new accounts in July 2024, and few other \
         servers have it: use the reader range"
    )]
    NoSelect {
        /// The object.
        at: Location,
        /// The store's answer.
        #[source]
        reason: StoreCause,
    },
    /// The store can't apply the expression to the object.
    #[error("{at}: {reason}; see to the dataset's expression and dialect, or use the reader range")]
    Unselectable {
        /// The object.
        at: Location,
        /// The store's answer.
        #[source]
        reason: StoreCause,
    },
    /// A record is longer than the store filters.
    #[error("{at}: {reason}; use the reader range, which has no such limit")]
    RecordTooLarge {
        /// The object.
        at: Location,
        /// The store's answer.
        #[source]
        reason: StoreCause,
    },
    /// Results can't be written there.
    #[error("{at}: cannot be written: {reason}")]
    Unwritable {
        /// The location.
        at: Location,
        /// The store's answer.
        #[source]
        reason: StoreCause,
    },
}

/// The thing that is not there, with the store's answer where that says more.
fn missing(at: &Location, reason: &StoreCause) -> String {
    let noun = at.noun();
    match reason.downcast_ref::<std::io::Error>() {
        Some(error) if error.kind() == std::io::ErrorKind::NotFound => noun.to_owned(),
        _ => format!("{noun}: {reason}"),
    }
}

/// The change of an object, or of a file, whose ETag nobody knows.
fn changed(at: &Location, expected: &str, found: &str) -> String {
    if at.is_file() {
        return "the file changed after it was planned: it has another size or time of change".to_owned();
    }
    format!("the object changed: planned with ETag {expected}, now {found}")
}

impl Coded for StoreError {
    fn code(&self) -> Code {
        match self {
            StoreError::NoSuchObject { .. } => Code::NoSuchObject,
            StoreError::AccessDenied { .. } => Code::AccessDenied,
            StoreError::NotConfigured { .. } => Code::NotConfigured,
            StoreError::Changed { .. } | StoreError::OutOfRange { .. } => Code::ObjectChanged,
            StoreError::Throttled { .. } => Code::StoreThrottled,
            StoreError::Unavailable { .. } | StoreError::ShortBody { .. } => Code::StoreUnavailable,
            StoreError::Corrupt { .. } => Code::CorruptObject,
            StoreError::NotText { .. } => Code::UnsupportedEncoding,
            StoreError::NoSelect { .. } | StoreError::Unselectable { .. } => Code::InvalidJob,
            StoreError::RecordTooLarge { .. } => Code::RecordTooLarge,
            StoreError::Unwritable { .. } => Code::ResultsUnwritable,
        }
    }
}
