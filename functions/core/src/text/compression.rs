//! The compressions that are read: gzip and Zstandard.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::magic::{Magic, magic};

/// The compression of an object's bytes. Such an object can't be cut: what a byte in its middle
/// means is known only to who has read all bytes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// A series of gzip members (RFC 1952).
    Gzip,
    /// A series of Zstandard frames (RFC 8878), skippable ones among them.
    Zstd,
}

impl Compression {
    /// The compression that an object's first bytes (four, if it has as many) show. Its name and its
    /// metadata don't count.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match magic(bytes) {
            Some(Magic::Compressed(compression)) => Some(compression),
            _ => None,
        }
    }

    /// Returns the name, for a person, of such a file where text was expected.
    pub(crate) fn inside(self) -> &'static str {
        match self {
            Compression::Gzip => "a gzip file inside another file",
            Compression::Zstd => "a zstd file inside another file",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes() {
        let table: [(&[u8], Option<Compression>); 7] = [
            (b"\x1f\x8b\x08\0", Some(Compression::Gzip)),
            (b"\x28\xb5\x2f\xfd", Some(Compression::Zstd)),
            (b"\x5f\x2a\x4d\x18", Some(Compression::Zstd)),
            (b"\x60\x2a\x4d\x18", None),
            (b"\x1f", None),
            (b"id,name", None),
            (b"", None),
        ];
        for (bytes, compression) in table {
            assert_eq!(Compression::of(bytes), compression, "{bytes:?}");
        }
    }
}
