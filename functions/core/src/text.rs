//! The nature of an object's bytes: compression, encoding, format, and the dialect of CSV.

mod compression;
mod dialect;
mod encoding;
mod format;
mod magic;

pub use compression::Compression;
pub use dialect::{Dialect, DialectError, Terminator};
pub use encoding::{EncodingError, byte_order_mark};
pub use format::Format;
pub(crate) use magic::{Magic, magic, magic_word};
