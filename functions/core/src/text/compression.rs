//! The compressions that are read: gzip, Zstandard, bzip2, xz, and zip of one file.

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
    /// One or more bzip2 streams, of any level.
    Bzip2,
    /// One or more xz streams.
    Xz,
    /// A zip archive with one file in it, deflated or stored.
    Zip,
}

impl Compression {
    /// The compression that an object's first bytes (ten, if it has as many) show. Its name and its
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
            Compression::Bzip2 => "a bzip2 file inside another file",
            Compression::Xz => "an xz file inside another file",
            Compression::Zip => "a zip archive inside another file",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
            Compression::Xz => "xz",
            Compression::Zip => "zip",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes() {
        let table: [(&[u8], Option<Compression>); 14] = [
            (b"\x1f\x8b\x08\0", Some(Compression::Gzip)),
            (b"\x28\xb5\x2f\xfd", Some(Compression::Zstd)),
            (b"\x5f\x2a\x4d\x18", Some(Compression::Zstd)),
            (b"\x60\x2a\x4d\x18", None),
            (b"\x1f", None),
            (b"BZh1\x31\x41\x59\x26\x53\x59", Some(Compression::Bzip2)),
            (b"BZh9\x17\x72\x45\x38\x50\x90", Some(Compression::Bzip2)),
            (b"BZh9\x31\x41", Some(Compression::Bzip2)),
            (b"BZh9,name\n1,a", None),
            (b"BZh0\x31\x41\x59\x26\x53\x59", None),
            (b"\xfd7zXZ\0", Some(Compression::Xz)),
            (b"PK\x03\x04", Some(Compression::Zip)),
            (b"id,name", None),
            (b"", None),
        ];
        for (bytes, compression) in table {
            assert_eq!(Compression::of(bytes), compression, "{bytes:?}");
        }
    }
}
