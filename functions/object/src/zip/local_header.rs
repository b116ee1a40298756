//! The header in front of an entry.

/// Bytes of the fixed part, after the signature of four bytes.
pub(super) const FIXED: usize = 26;

const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const DESCRIPTOR: u16 = 1 << 3;

/// The header id of sizes with 64 bits.
const ZIP64: u16 = 1;

/// The part of a local file header that matters for reading its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LocalHeader {
    pub(super) name: String,
    pub(super) method: u16,
    pub(super) encrypted: bool,
    /// Checksum and sizes follow the data instead.
    pub(super) descriptor: bool,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
}

/// Two bytes as a number.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).map_or(0, u16::from_le_bytes)
}

/// Four bytes as a number.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// Eight bytes as a number.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// Lengths of the name and of the extra fields behind the fixed part.
pub(super) fn lengths(fixed: &[u8; FIXED]) -> (usize, usize) {
    (usize::from(u16_at(fixed, 22)), usize::from(u16_at(fixed, 24)))
}

impl LocalHeader {
    /// The header of its fixed part, its name and its extra fields.
    pub(super) fn new(fixed: &[u8; FIXED], name: &[u8], extra: &[u8]) -> Self {
        let flags = u16_at(fixed, 2);
        let (compressed, size) = (u64::from(u32_at(fixed, 14)), u64::from(u32_at(fixed, 18)));
        let (size, compressed) = sizes(extra, size, compressed);
        Self {
            name: String::from_utf8_lossy(name).into_owned(),
            method: u16_at(fixed, 4),
            encrypted: flags & ENCRYPTED != 0,
            descriptor: flags & DESCRIPTOR != 0,
            crc: u32_at(fixed, 10),
            compressed,
            size,
        }
    }

    /// Tells whether it is no file of the user's: see [`is_aside`].
    pub(super) fn is_aside(&self) -> bool {
        is_aside(&self.name)
    }
}

/// Tells whether an entry is a folder, or one of the files that macOS adds.
pub(super) fn is_aside(name: &str) -> bool {
    name.ends_with('/') || name.starts_with("__MACOSX/") || name.rsplit('/').next() == Some(".DS_Store")
}

/// The sizes of the extra field for 64 bits, where those of 32 bits point there.
fn sizes(extra: &[u8], size: u64, compressed: u64) -> (u64, u64) {
    let mut rest = extra;
    while let (true, id, length) = (rest.len() >= 4, u16_at(rest, 0), usize::from(u16_at(rest, 2))) {
        let body = rest.get(4..4 + length).unwrap_or_default();
        if id == ZIP64 {
            let mut at = 0;
            let mut wide = |value: u64| {
                if value != u64::from(u32::MAX) {
                    return value;
                }
                at += 8;
                u64_at(body, at - 8)
            };
            return (wide(size), wide(compressed));
        }
        rest = rest.get(4 + length..).unwrap_or_default();
    }
    (size, compressed)
}
