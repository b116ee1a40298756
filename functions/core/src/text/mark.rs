//! The byte-order mark at the start of a text.

use thiserror::Error;

use super::Encoding;
use super::magic::{Magic, magic};
use crate::{Code, Coded};

/// The object's first bytes say that it can't be read as text in its encoding.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodingError {
    /// A file of another kind.
    #[error("the object is {found}: only CSV and JSON lines are read, convert it first")]
    Kind {
        /// The name of what the first bytes are, for a person.
        found: &'static str,
    },
    /// Text in another encoding.
    #[error("the object is {found} (by its byte-order mark), but was to be read in {encoding}")]
    Marked {
        /// The text and its encoding, for a person.
        found: &'static str,
        /// The expected encoding.
        encoding: Encoding,
    },
}

impl Coded for EncodingError {
    fn code(&self) -> Code {
        Code::UnsupportedEncoding
    }
}

/// Length in bytes of a byte-order mark at the start of `bytes`: 3, 2 or 0.
///
/// `bytes` are the first of the object (of its text, where it was compressed), at least four unless
/// it is shorter. Refuses by name what is recognisable and not text in this encoding.
///
/// # Errors
///
/// [`EncodingError`] with the name of what the bytes are.
pub fn byte_order_mark(bytes: &[u8], encoding: Encoding) -> Result<usize, EncodingError> {
    let marked = |name: &'static str, of: Encoding, length: usize| {
        if of == encoding { Ok(length) } else { Err(EncodingError::Marked { found: name, encoding }) }
    };
    match magic(bytes) {
        None => Ok(0),
        Some(Magic::Utf8Mark) => marked("text in UTF-8", Encoding::UTF_8, 3),
        Some(Magic::Utf16LeMark) => marked("text in UTF-16 LE", Encoding::UTF_16LE, 2),
        Some(Magic::Utf16BeMark) => marked("text in UTF-16 BE", Encoding::UTF_16BE, 2),
        Some(Magic::Marked(found)) => Err(EncodingError::Marked { found, encoding }),
        Some(Magic::Refused(found)) => Err(EncodingError::Kind { found }),
        // Compressed text within compressed text.
        Some(Magic::Compressed(compression)) => Err(EncodingError::Kind { found: compression.inside() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        use Encoding as E;
        let table: [(&[u8], Encoding, Result<usize, &str>); 9] = [
            (b"\xef\xbb\xbfid", E::UTF_8, Ok(3)),
            (b"id,name", E::UTF_8, Ok(0)),
            (b"", E::UTF_8, Ok(0)),
            (b"\xff\xfei\0", E::UTF_16LE, Ok(2)),
            (b"\xfe\xff\0i", E::UTF_16BE, Ok(2)),
            (b"\xff\xfei\0", E::UTF_8, Err("text in UTF-16 LE (by its byte-order mark), but was to be read in UTF-8")),
            (b"\xef\xbb\xbfid", E::WINDOWS_1252, Err("text in UTF-8 (by its byte-order mark)")),
            (b"\xff\xfe\0\0", E::UTF_16LE, Err("text in UTF-32 LE (by its byte-order mark)")),
            (b"\x1f\x8b\x08", E::UTF_8, Err("a gzip file inside another file")),
        ];
        for (bytes, encoding, expected) in table {
            match (byte_order_mark(bytes, encoding), expected) {
                (Ok(length), Ok(expected)) => assert_eq!(length, expected, "{bytes:?}"),
                (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{bytes:?} {error}"),
                (found, _) => panic!("{bytes:?} {found:?}"),
            }
        }
    }
}
