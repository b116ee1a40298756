use thiserror::Error;

use crate::{Code, Coded};

/// The object's first bytes say that it can't be read as UTF-8 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the object begins with {found}: only CSV and JSON lines in UTF-8 are read, convert it first")]
pub struct EncodingError {
    /// What the first bytes are, for a person.
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
pub fn byte_order_mark(bytes: &[u8]) -> Result<usize, EncodingError> {
    const REFUSED: [(&[u8], &str); 11] = [
        // UTF-32 LE begins with the UTF-16 LE mark: it must be looked at first.
        (&[0xff, 0xfe, 0, 0], "a UTF-32 LE byte-order mark"),
        (&[0, 0, 0xfe, 0xff], "a UTF-32 BE byte-order mark"),
        (&[0xff, 0xfe], "a UTF-16 LE byte-order mark"),
        (&[0xfe, 0xff], "a UTF-16 BE byte-order mark"),
        (&[0x1f, 0x8b], "a gzip header"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "a zstd frame"),
        (b"BZh9", "a bzip2 header"),
        (b"\xfd7zXZ", "an xz header"),
        (b"PK\x03\x04", "a zip header"),
        (b"PAR1", "a Parquet header"),
        (b"Obj\x01", "an Avro header"),
    ];
    for (mark, found) in REFUSED {
        if bytes.starts_with(mark) {
            return Err(EncodingError { found });
        }
    }
    Ok(if bytes.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        assert_eq!(byte_order_mark(b"\xef\xbb\xbfid"), Ok(3));
        assert_eq!(byte_order_mark(b"id,name"), Ok(0));
        assert_eq!(byte_order_mark(b""), Ok(0));
        assert_eq!(byte_order_mark(b"\xff\xfei\0").unwrap_err().found, "a UTF-16 LE byte-order mark");
        assert_eq!(byte_order_mark(b"\xff\xfe\0\0").unwrap_err().found, "a UTF-32 LE byte-order mark");
        assert_eq!(byte_order_mark(b"\x1f\x8b\x08").unwrap_err().found, "a gzip header");
    }
}
