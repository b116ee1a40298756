//! The one table of first bytes: what an object is before anything else is known of it.

use super::Compression;

/// The kind of thing that the first bytes of an object, or of its text, show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Magic {
    /// Compressed text.
    Compressed(Compression),
    /// Text in UTF-8 after a byte-order mark of three bytes.
    Utf8Mark,
    /// Something that is not read, with its name for a person.
    Refused(&'static str),
}

const TABLE: [(&[u8], Magic); 12] = [
    // RFC 1952, 2.3.1.
    (&[0x1f, 0x8b], Magic::Compressed(Compression::Gzip)),
    // RFC 8878, 3.1.1.
    (&[0x28, 0xb5, 0x2f, 0xfd], Magic::Compressed(Compression::Zstd)),
    (&[0xef, 0xbb, 0xbf], Magic::Utf8Mark),
    // UTF-32 LE begins with the mark of UTF-16 LE, so it stands before it.
    (&[0xff, 0xfe, 0, 0], Magic::Refused("a UTF-32 LE byte-order mark")),
    (&[0, 0, 0xfe, 0xff], Magic::Refused("a UTF-32 BE byte-order mark")),
    (&[0xff, 0xfe], Magic::Refused("a UTF-16 LE byte-order mark")),
    (&[0xfe, 0xff], Magic::Refused("a UTF-16 BE byte-order mark")),
    (b"BZh9", Magic::Refused("a bzip2 header")),
    (b"\xfd7zXZ", Magic::Refused("an xz header")),
    (b"PK\x03\x04", Magic::Refused("a zip header")),
    (b"PAR1", Magic::Refused("a Parquet header")),
    (b"Obj\x01", Magic::Refused("an Avro header")),
];

/// Finds what `bytes` begin with; `None` for anything that is not in the table.
pub(super) fn magic(bytes: &[u8]) -> Option<Magic> {
    // A skippable frame may come first (RFC 8878, 3.1.2): its first byte has sixteen values.
    if matches!(bytes, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]) {
        return Some(Magic::Compressed(Compression::Zstd));
    }
    TABLE.iter().find(|(first, _)| bytes.starts_with(first)).map(|(_, magic)| *magic)
}
