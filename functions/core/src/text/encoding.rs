//! The encodings that are read: those of the Encoding Standard in which ASCII is ASCII, and UTF-16.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::DecoderResult;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::utf16::{Utf16Transcoder, utf16_of};
use crate::{Code, Coded, Dialect};

/// The encoding of a text. As JSON, its label in the Encoding Standard: `"utf-8"`, `"windows-1252"`,
/// `"utf-16le"`; every other label of the standard is read as well.
///
/// ```
/// use fanout_core::Encoding;
///
/// let encoding: Encoding = "latin1".parse().unwrap();
/// assert_eq!(encoding.to_string(), "windows-1252");
/// assert_eq!(Encoding::of_label("utf-32"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

/// The road that a text takes from its bytes to UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncodingKind {
    /// None: it is UTF-8.
    Utf8,
    /// Its bytes are transcoded before they are scanned.
    Utf16 {
        /// Tells whether the higher byte of a unit comes first.
        big_endian: bool,
    },
    /// Its bytes are scanned as they are, and its fields are decoded after it.
    Other,
}

/// A byte of the dialect that the encoding has inside other characters as well.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "dialect: {name} is byte 0x{byte:02x}, which is a part of other characters in {encoding}; only bytes that always \
     stand for themselves can have this role, as comma, semicolon, tab and quotes: convert it to UTF-8 first"
)]
pub struct SharedByteError {
    /// The dialect's field.
    pub name: &'static str,
    /// The byte.
    pub byte: u8,
    /// The encoding.
    pub encoding: Encoding,
}

impl Coded for SharedByteError {
    fn code(&self) -> Code {
        Code::UnsupportedEncoding
    }
}

impl Encoding {
    /// UTF-8.
    pub const UTF_8: Self = Self(encoding_rs::UTF_8);
    /// UTF-16, the lower byte of a unit first.
    pub const UTF_16LE: Self = Self(encoding_rs::UTF_16LE);
    /// UTF-16, the higher byte of a unit first.
    pub const UTF_16BE: Self = Self(encoding_rs::UTF_16BE);
    /// Windows-1252, which everybody calls Latin-1.
    pub const WINDOWS_1252: Self = Self(encoding_rs::WINDOWS_1252);

    /// The encoding with this label, in any case; `None` where no encoding that is read has it.
    pub fn of_label(label: &str) -> Option<Self> {
        label.parse().ok()
    }

    /// The encoding, where it is read: one in which ASCII is ASCII, or UTF-16.
    pub(crate) fn of(encoding: &'static encoding_rs::Encoding) -> Option<Self> {
        let encoding = Self(encoding);
        let read = encoding.0.is_ascii_compatible() || matches!(encoding.kind(), EncodingKind::Utf16 { .. });
        (read && encoding.0 != encoding_rs::X_USER_DEFINED).then_some(encoding)
    }

    /// The encoding of a text in it that begins with `bytes`: of UTF-16 the byte order is that of the
    /// mark, where there is one, as "utf-16" says nothing of it.
    pub fn ordered(self, bytes: &[u8]) -> Self {
        match (self.kind(), bytes) {
            (EncodingKind::Utf16 { .. }, [0xff, 0xfe, ..]) => Self::UTF_16LE,
            (EncodingKind::Utf16 { .. }, [0xfe, 0xff, ..]) => Self::UTF_16BE,
            _ => self,
        }
    }

    /// Returns the name in the Encoding Standard: `UTF-8`, `windows-1252`.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Returns the road of its texts to UTF-8.
    pub fn kind(self) -> EncodingKind {
        match self.name() {
            "UTF-8" => EncodingKind::Utf8,
            "UTF-16LE" => EncodingKind::Utf16 { big_endian: false },
            "UTF-16BE" => EncodingKind::Utf16 { big_endian: true },
            _ => EncodingKind::Other,
        }
    }

    /// Tells whether it is UTF-8.
    pub fn is_utf8(&self) -> bool {
        *self == Self::UTF_8
    }

    /// Tells whether it is UTF-16.
    pub fn is_utf16(self) -> bool {
        matches!(self.kind(), EncodingKind::Utf16 { .. })
    }

    /// Rounds up to whole units: a text in UTF-16 is cut at even bytes.
    pub fn whole_units(self, bytes: u64) -> u64 {
        if self.is_utf16() { bytes.saturating_add(bytes % 2) } else { bytes }
    }

    /// Tells whether this byte can be a part of a longer character, as the text is when it is scanned.
    pub fn shares(self, byte: u8) -> bool {
        match self.name() {
            _ if self.0.is_single_byte() => false,
            _ if byte >= 0x80 => true,
            "Shift_JIS" | "Big5" => matches!(byte, 0x40..=0x7e),
            // Its decoder reads the four bytes of GB18030, two of which are digits.
            "GBK" | "gb18030" => matches!(byte, b'0'..=b'9' | 0x40..=0x7e),
            "EUC-KR" => byte.is_ascii_alphabetic(),
            _ => false,
        }
    }

    /// Refuses a dialect with a byte that is a part of other characters in this encoding: the scanner
    /// would find it inside them.
    ///
    /// # Errors
    ///
    /// [`SharedByteError`] with the first such byte.
    pub fn check_dialect(self, dialect: &Dialect) -> Result<(), SharedByteError> {
        let Dialect { delimiter, quote, escape, comment, .. } = *dialect;
        let roles = [("delimiter", Some(delimiter)), ("quote", quote), ("escape", escape), ("comment", comment)];
        let shared = roles.into_iter().find_map(|(name, byte)| Some((name, byte.filter(|byte| self.shares(*byte))?)));
        shared.map_or(Ok(()), |(name, byte)| Err(SharedByteError { name, byte, encoding: self }))
    }

    /// The text as it is scanned: of UTF-16 transcoded, up to the last whole character unless `whole`
    /// says that nothing follows; else as it is.
    pub fn scanned(self, bytes: &[u8], whole: bool) -> Cow<'_, [u8]> {
        if !self.is_utf16() {
            return Cow::Borrowed(bytes);
        }
        let (mut transcoder, mut text) = (Utf16Transcoder::new(self), Vec::new());
        transcoder.push(bytes, &mut text);
        if whole {
            transcoder.finish(&mut text);
        }
        Cow::Owned(text)
    }

    /// The bytes of the object that a piece of a text, as it is scanned, came from. Of UTF-16 an odd
    /// last byte is 0xFF.
    pub fn unscanned(self, scanned: &[u8]) -> Cow<'_, [u8]> {
        match self.kind() {
            EncodingKind::Utf16 { big_endian } => Cow::Owned(utf16_of(scanned, big_endian)),
            _ => Cow::Borrowed(scanned),
        }
    }

    /// The text in UTF-8 of bytes that begin with a character; of bytes that are not allowed there is something
    /// that is not valid.
    pub(crate) fn text(self, bytes: &[u8], whole: bool) -> Cow<'_, [u8]> {
        match self.kind() {
            EncodingKind::Other => match self.0.decode_without_bom_handling(bytes).0 {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            _ => self.scanned(bytes, whole),
        }
    }

    /// Decodes a piece of a text as it is scanned; `None` where the encoding doesn't allow it.
    pub fn decode(self, scanned: &[u8]) -> Option<Cow<'_, str>> {
        match self.kind() {
            EncodingKind::Other => self.0.decode_without_bom_handling_and_without_replacement(scanned),
            _ => std::str::from_utf8(scanned).ok().map(Cow::Borrowed),
        }
    }

    /// The same as UTF-8 in which every byte that isn't allowed is shown as U+FFFD.
    pub fn decode_lossy(self, scanned: &[u8]) -> Cow<'_, str> {
        match self.kind() {
            EncodingKind::Other => self.0.decode_without_bom_handling(scanned).0,
            _ => String::from_utf8_lossy(scanned),
        }
    }

    /// Appends a piece of a text that isn't UTF-8 or UTF-16 as UTF-8, or nothing and returns the
    /// position of the first byte that the encoding doesn't allow.
    pub(crate) fn decode_into(self, scanned: &[u8], text: &mut Vec<u8>) -> Result<(), usize> {
        let start = text.len();
        let mut decoder = self.0.new_decoder_without_bom_handling();
        let most = decoder.max_utf8_buffer_length_without_replacement(scanned.len()).unwrap_or_default();
        text.resize(start + most, 0);
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(scanned, &mut text[start..], true);
        let (kept, done) = match result {
            DecoderResult::InputEmpty => (written, Ok(())),
            DecoderResult::Malformed(bad, after) => (0, Err(read - usize::from(bad) - usize::from(after))),
            // The room was enough for all of it.
            DecoderResult::OutputFull => (0, Err(read)),
        };
        text.truncate(start + kept);
        done
    }

    /// Bytes of a piece of a text, as it is scanned, that give its first `bytes` bytes of UTF-8.
    pub(crate) fn position(self, scanned: &[u8], bytes: usize) -> usize {
        if self.kind() != EncodingKind::Other {
            return bytes;
        }
        let mut decoder = self.0.new_decoder_without_bom_handling();
        let (mut given, mut character) = (0, 0);
        let mut utf8 = [0; 16];
        for (at, byte) in scanned.iter().enumerate() {
            let (_, _, written, _) = decoder.decode_to_utf8(&[*byte], &mut utf8, false);
            given += written;
            if given > bytes {
                return character;
            }
            if written > 0 {
                character = at + 1;
            }
        }
        scanned.len()
    }

    /// The encoding as encoding_rs has it.
    pub(crate) fn inner(self) -> &'static encoding_rs::Encoding {
        self.0
    }
}

impl Default for Encoding {
    fn default() -> Self {
        Self::UTF_8
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name().to_ascii_lowercase().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        let table = [
            ("utf-8", "UTF-8", EncodingKind::Utf8),
            ("ISO-8859-1", "windows-1252", EncodingKind::Other),
            (" utf-16", "UTF-16LE", EncodingKind::Utf16 { big_endian: false }),
            ("utf-16be", "UTF-16BE", EncodingKind::Utf16 { big_endian: true }),
            ("sjis", "Shift_JIS", EncodingKind::Other),
            ("gb2312", "GBK", EncodingKind::Other),
        ];
        for (label, name, kind) in table {
            let encoding = Encoding::of_label(label).unwrap();
            assert_eq!((encoding.name(), encoding.kind()), (name, kind), "{label}");
            let json = serde_json::to_string(&encoding).unwrap();
            assert_eq!(json, format!("{:?}", name.to_ascii_lowercase()), "{label}");
            assert_eq!(serde_json::from_str::<Encoding>(&json).unwrap(), encoding, "{label}");
        }
    }

    #[test]
    fn labels_that_are_not_read_say_why() {
        let table = [
            ("utf-32", "encoding \"utf-32\": UTF-32 is not read"),
            ("UTF-7", "encoding \"UTF-7\": UTF-7 is not read"),
            ("iso-2022-jp", "ISO-2022-JP is not read"),
            ("iso-2022-kr", "an encoding that shifts between tables is not read"),
            ("x-user-defined", "x-user-defined is not read"),
            ("cp437", "encoding \"cp437\" is not a label of the Encoding Standard"),
        ];
        for (label, message) in table {
            let error = label.parse::<Encoding>().unwrap_err().to_string();
            assert!(error.contains(message), "{label}: {error}");
        }
    }

    #[test]
    fn bytes_that_are_parts_of_characters() {
        let all = [
            "big5",
            "euc-jp",
            "euc-kr",
            "gbk",
            "gb18030",
            "shift_jis",
            "utf-8",
            "koi8-r",
            "windows-1252",
            "iso-8859-2",
        ];
        let delimiter = |label: &str, delimiter| {
            let dialect = Dialect { delimiter, ..Dialect::default() };
            Encoding::of_label(label).unwrap().check_dialect(&dialect)
        };
        for label in all {
            for byte in [b',', b';', b'\t', b':', b'\x01'] {
                assert_eq!(delimiter(label, byte), Ok(()), "{label} {byte}");
            }
        }
        for (label, byte, ok) in [
            ("gbk", b'|', false),
            ("gb18030", b'7', false),
            ("shift_jis", b'^', false),
            ("big5", b'~', false),
            ("euc-kr", b'|', true),
            ("euc-kr", b'x', false),
            ("euc-jp", b'|', true),
            ("windows-1252", 0xa7, true),
            ("utf-8", 0xa7, false),
        ] {
            assert_eq!(delimiter(label, byte).is_ok(), ok, "{label} {byte}");
        }
        let escape = Dialect { escape: Some(b'\\'), ..Dialect::default() };
        let error = Encoding::of_label("gbk").unwrap().check_dialect(&escape).unwrap_err().to_string();
        assert!(
            error.starts_with("dialect: escape is byte 0x5c, which is a part of other characters in GBK"),
            "{error}"
        );
    }

    /// Every byte that no encoding is said to share stands for itself after every other byte.
    #[test]
    fn no_other_byte_is_a_part_of_a_character() {
        for label in ["big5", "euc-jp", "euc-kr", "gbk", "gb18030", "shift_jis"] {
            let encoding = Encoding::of_label(label).unwrap();
            for lead in 0x80..=0xff_u8 {
                for byte in (0..0x80_u8).filter(|byte| !encoding.shares(*byte)) {
                    let bytes = [b'a', lead, byte];
                    let (text, _) = encoding.inner().decode_without_bom_handling(&bytes);
                    assert!(text.ends_with(char::from(byte)), "{label} {lead:02x} {byte:02x}: {text:?}");
                }
            }
        }
    }
}
