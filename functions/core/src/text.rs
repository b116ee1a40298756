//! The nature of an object's bytes: compression, encoding, format, and the dialect of CSV.

mod compression;
mod dialect;
mod encoding;
mod format;
mod label;
mod magic;
mod utf16;
mod zip_kind;

pub use compression::Compression;
pub use dialect::{Dialect, DialectError, Quotes, Terminator};
pub use encoding::{Encoding, EncodingKind, SharedByteError};
pub use format::Format;
pub use label::LabelError;
pub(crate) use magic::{Magic, magic, magic_word};
pub use utf16::{Utf16Transcoder, utf16_bytes, utf16_position};
pub use zip_kind::zip_kind;
