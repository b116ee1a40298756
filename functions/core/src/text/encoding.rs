//! The encoding that is read: UTF-8, with or without a byte-order mark.

use thiserror::Error;

use super::Compression;
use super::magic::{Magic, magic};
use crate::{Code, Coded};

/// The object's first bytes say that it can't be read as UTF-8 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the object is {found}: only CSV and JSON lines in UTF-8 are read, convert it first")]
pub struct EncodingError {
    /// The name of what the first bytes are, for a person.
    pub found: &'static str,
}

impl Coded for EncodingError {
    fn code(&self) -> Code {
        Code::UnsupportedEncoding
    }
}

/// Length in bytes of a UTF-8 byte-order mark at the start of `bytes` (3 or 0).
///
/// `bytes` are the first of the object (of its text, where it was compressed), at least four unless
/// it is shorter. Refuses by name what is recognisable and not UTF-8 text.
///
/// # Errors
///
/// [`EncodingError`] with the name of what the bytes are.
pub fn byte_order_mark(bytes: &[u8]) -> Result<usize, EncodingError> {
    match magic(bytes) {
        None => Ok(0),
        Some(Magic::Utf8Mark) => Ok(3),
        Some(Magic::Marked(found) | Magic::Refused(found)) => Err(EncodingError { found }),
        // Compressed text within compressed text.
        Some(Magic::Compressed(Compression::Gzip)) => Err(EncodingError { found: "a gzip file inside another file" }),
        Some(Magic::Compressed(Compression::Zstd)) => Err(EncodingError { found: "a zstd file inside another file" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        assert_eq!(byte_order_mark(b"\xef\xbb\xbfid"), Ok(3));
        assert_eq!(byte_order_mark(b"id,name"), Ok(0));
        assert_eq!(byte_order_mark(b""), Ok(0));
        assert_eq!(byte_order_mark(b"\xff\xfei\0").unwrap_err().found, "text in UTF-16 LE (by its byte-order mark)");
        assert_eq!(byte_order_mark(b"\xff\xfe\0\0").unwrap_err().found, "text in UTF-32 LE (by its byte-order mark)");
        assert_eq!(byte_order_mark(b"\x1f\x8b\x08").unwrap_err().found, "a gzip file inside another file");
    }
}
