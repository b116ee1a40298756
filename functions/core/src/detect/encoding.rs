//! The encoding of the samples: by a mark, by NULs, as valid UTF-8, or guessed from other bytes.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::evidence::count;
use super::given::Samples;
use super::{DetectError, Given};
use crate::message::Evidence;

/// Bytes from which an encoding other than UTF-8 is guessed.
const GUESSED: usize = 64 << 10;

/// Bytes in which the NULs of UTF-16 are counted.
const COUNTED: usize = 64 << 10;

/// The encoding of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodingFound {
    /// The encoding's name in the Encoding Standard: `UTF-8`, `windows-1252`.
    pub name: &'static str,
    /// Length in bytes of the byte-order mark.
    pub mark: usize,
    /// Tells whether the samples have ASCII alone: then nothing speaks against other encodings.
    pub ascii: bool,
}

impl EncodingFound {
    pub(crate) fn is_utf8(&self) -> bool {
        self.name == UTF_8.name()
    }

    /// Tells whether the text is scanned as UTF-8 that it is transcoded to, and not as it stands.
    pub(crate) fn is_utf16(&self) -> bool {
        self.name == UTF_16LE.name() || self.name == UTF_16BE.name()
    }

    /// Returns the text in UTF-8 of bytes that begin with a character; bytes that are not allowed are U+FFFD.
    pub(crate) fn decoded<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match Encoding::for_label(self.name.as_bytes()).filter(|_| !self.is_utf8()) {
            Some(encoding) => match encoding.decode_without_bom_handling(bytes).0 {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            None => Cow::Borrowed(bytes),
        }
    }

    /// Returns the text of a field as it was scanned; `None` where a byte is not allowed.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Option<String> {
        if self.is_utf8() || self.is_utf16() {
            return String::from_utf8(bytes.to_vec()).ok();
        }
        let encoding = Encoding::for_label(self.name.as_bytes())?;
        encoding.decode_without_bom_handling_and_without_replacement(bytes).map(|text| text.into_owned())
    }
}

/// Finds the encoding of the samples: a mark, else UTF-16 by its NULs, else UTF-8 where it is valid,
/// else what the bytes of other encodings make likely.
pub(super) fn find(samples: &Samples<'_>, given: &Given<'_>) -> Result<(EncodingFound, Evidence), DetectError> {
    let bytes = samples.first;
    refuse_utf32(bytes)?;
    let (marked, mark) = Encoding::for_bom(bytes).map_or((None, 0), |(encoding, length)| (Some(encoding), length));
    let found = |encoding: &'static Encoding, ascii: bool, sentence: String| {
        let mark = if marked == Some(encoding) { mark } else { 0 };
        let found = EncodingFound { name: encoding.name(), mark, ascii };
        Ok((found, Evidence::new("encoding", encoding.name(), sentence)))
    };
    if let Some(label) = given.encoding {
        let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
            return Err(DetectError::UnknownEncoding { label: label.to_owned() });
        };
        return found(encoding, false, "the dataset says so".to_owned());
    }
    if let Some(encoding) = marked {
        return found(encoding, false, "the text begins with its byte-order mark".to_owned());
    }
    if let Some((encoding, nuls)) = utf16(bytes) {
        return found(encoding, false, format!("{} at every second byte", count(nuls, "NUL")));
    }
    let windows = samples.windows.iter().map(|window| inside(window.bytes));
    let pieces: Vec<(&[u8], bool)> =
        std::iter::once((bytes, samples.whole)).chain(windows.map(|bytes| (bytes, false))).collect();
    let (mut valid, mut invalid) = (0, 0);
    for (piece, whole) in &pieces {
        let (more, wrong) = sequences(piece, *whole);
        valid += more;
        invalid += wrong;
    }
    if invalid == 0 && valid == 0 {
        return found(UTF_8, true, "the sample is ASCII".to_owned());
    }
    if invalid == 0 || valid > 4 * invalid {
        let but = if invalid == 0 { String::new() } else { format!(", {} invalid", count(invalid, "byte")) };
        return found(UTF_8, false, format!("{} of more than one byte{but}", count(valid, "character")));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut left = GUESSED;
    for line in pieces.iter().flat_map(|(piece, _)| piece.split_inclusive(|byte| *byte == b'\n')) {
        if left > 0 && !line.is_ascii() {
            let line = &line[..line.len().min(left)];
            detector.feed(line, false);
            left -= line.len();
        }
    }
    detector.feed(b"", true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let encoding = if is_western(&pieces, guess) { WINDOWS_1252 } else { guess };
    found(encoding, false, format!("{} that UTF-8 does not allow", count(invalid, "byte")))
}

/// Tells whether all bytes of the pieces mean the same in Windows-1252, the likelier one, as in the guess.
fn is_western(pieces: &[(&[u8], bool)], guess: &'static Encoding) -> bool {
    let mut seen = [false; 128];
    let bytes = pieces.iter().flat_map(|(piece, _)| piece.iter()).filter(|byte| !byte.is_ascii());
    bytes.for_each(|byte| seen[usize::from(byte & 0x7f)] = true);
    let bytes: Vec<u8> = (0x80..=0xff).filter(|byte: &u8| seen[usize::from(byte & 0x7f)]).collect();
    guess.is_single_byte()
        && guess.decode_without_bom_handling(&bytes).0 == WINDOWS_1252.decode_without_bom_handling(&bytes).0
}

/// The text in an encoding in which a scanner can read it: as it is, where ASCII bytes are always themselves.
pub(crate) fn text<'a>(found: &EncodingFound, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    let Some(encoding) = Encoding::for_label(found.name.as_bytes()) else { return Cow::Borrowed(bytes) };
    if needs_transcoding(encoding) {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        Cow::Owned(text.into_owned().into_bytes())
    } else {
        Cow::Borrowed(bytes)
    }
}

/// Bytes in the object of this beginning of the text, which is transcoded from `bytes` and ends a line.
pub(super) fn bytes_of(found: &EncodingFound, prefix: &[u8], bytes: &[u8]) -> usize {
    match Encoding::for_label(found.name.as_bytes()) {
        Some(encoding) if is_utf16(encoding) => units(prefix) * 2,
        Some(encoding) if needs_transcoding(encoding) => {
            // No character has a byte of a line end in it.
            let ends = memchr::memchr2_iter(b'\r', b'\n', prefix).count();
            let mut all = memchr::memchr2_iter(b'\r', b'\n', bytes);
            ends.checked_sub(1).and_then(|last| all.nth(last)).map_or(0, |at| at + 1)
        }
        _ => prefix.len(),
    }
}

/// The position in a text of UTF-16 of this byte of the object's text.
pub(crate) fn position_of(text: &[u8], bytes: usize) -> usize {
    let (mut at, mut left) = (0, bytes / 2);
    while left > 0 && at < text.len() {
        let length = text[at..].iter().skip(1).take_while(|byte| (0x80..0xc0).contains(*byte)).count() + 1;
        left = left.saturating_sub(if length == 4 { 2 } else { 1 });
        at += length;
    }
    at
}

/// Units of UTF-16 that a text in UTF-8 has.
pub(crate) fn units(text: &[u8]) -> usize {
    text.iter().map(|byte| usize::from(!(0x80..0xc0).contains(byte)) + usize::from(*byte >= 0xf0)).sum()
}

/// Tells whether the text is scanned as UTF-8 that it is transcoded to, and not as it stands.
pub(crate) fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Tells whether bytes of ASCII are parts of other characters in this encoding.
fn needs_transcoding(encoding: &'static Encoding) -> bool {
    is_utf16(encoding)
        || encoding == SHIFT_JIS
        || !encoding.is_ascii_compatible()
        || matches!(encoding.name(), "GBK" | "gb18030" | "Big5")
}

/// Refuses UTF-32 by its mark or by its NULs.
fn refuse_utf32(bytes: &[u8]) -> Result<(), DetectError> {
    let mark = bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.starts_with(&[0, 0, 0xfe, 0xff]);
    let head = &bytes[..bytes.len().min(1024) / 4 * 4];
    let nul_at = |at: usize| head.chunks_exact(4).all(|unit| unit[at] == 0);
    let nuls = head.len() >= 8 && nul_at(1) && nul_at(2) && (nul_at(0) != nul_at(3));
    if mark || nuls { Err(DetectError::Encoding { found: "UTF-32 text" }) } else { Ok(()) }
}

/// UTF-16 without a mark: NULs at nearly no place but every second one, and line breaks or commas among them.
fn utf16(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    let head = &bytes[..bytes.len().min(COUNTED) / 2 * 2];
    let (mut even, mut odd, mut breaks_le, mut breaks_be) = (0, 0, 0, 0);
    for unit in head.chunks_exact(2) {
        even += usize::from(unit[0] == 0);
        odd += usize::from(unit[1] == 0);
        breaks_le += usize::from(matches!(unit, [b'\n' | b'\r' | b',' | b';' | b'\t', 0]));
        breaks_be += usize::from(matches!(unit, [0, b'\n' | b'\r' | b',' | b';' | b'\t']));
    }
    let likely = |many: usize, few: usize, breaks: usize| {
        many > few * 16 && many > 2 && breaks > 0 && many * 8 >= head.len() / 2
    };
    if likely(odd, even, breaks_le) {
        Some((UTF_16LE, odd))
    } else if likely(even, odd, breaks_be) {
        Some((UTF_16BE, even))
    } else {
        None
    }
}

/// A window without the parts of characters and lines at its beginning.
fn inside(window: &[u8]) -> &[u8] {
    let start = memchr::memchr2(b'\n', b'\r', window).map_or(window.len().min(4), |at| at + 1);
    &window[start..]
}

/// Valid UTF-8 sequences of more than one byte, and bytes that belong to none. A sequence that is cut
/// at the end counts as neither.
fn sequences(bytes: &[u8], whole: bool) -> (usize, usize) {
    let (mut valid, mut invalid) = (0, 0);
    let mut rest = bytes;
    loop {
        match simdutf8::compat::from_utf8(rest) {
            Ok(text) => return (valid + characters(text), invalid),
            Err(error) => {
                let good = &rest[..error.valid_up_to()];
                valid += std::str::from_utf8(good).map_or(0, characters);
                match error.error_len() {
                    None => return (valid, invalid + if whole { rest.len() - good.len() } else { 0 }),
                    Some(length) => {
                        invalid += length;
                        rest = &rest[good.len() + length..];
                    }
                }
                // Enough to know that it isn't UTF-8.
                if invalid > 1000 && invalid > valid {
                    return (valid, invalid);
                }
            }
        }
    }
}

/// Characters of more than one byte.
fn characters(text: &str) -> usize {
    if text.is_ascii() { 0 } else { text.bytes().filter(|byte| *byte >= 0xc0).count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bytes: &[u8]) -> &'static str {
        find(&Samples { first: bytes, whole: true, windows: &[] }, &Given::default()).unwrap().0.name
    }

    #[test]
    fn names() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let table: [(&str, Vec<u8>, &str); 8] = [
            ("ASCII", b"id,name\n1,Anna\n".to_vec(), "UTF-8"),
            ("UTF-8", "town\nK\u{f6}ln\n".into(), "UTF-8"),
            ("Windows-1252", b"town,euro\nM\xe1laga,\x805\nK\xf6ln,\x807\n".to_vec(), "windows-1252"),
            ("UTF-16 LE", utf16("town,n\nM\u{e1}laga,5\n"), "UTF-16LE"),
            ("UTF-16 LE, marked", utf16("\u{feff}town,n\n"), "UTF-16LE"),
            ("UTF-8 with a wrong byte", b"a\n\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\n\xff\n".to_vec(), "UTF-8"),
            ("Shift_JIS", SHIFT_JIS.encode("都市,人口\n東京,1400\n大阪,270\n").0.into_owned(), "Shift_JIS"),
            (
                "Windows-1251",
                encoding_rs::WINDOWS_1251.encode("город,население\nМосква,12\nКазань,1\n").0.into_owned(),
                "windows-1251",
            ),
        ];
        for (case, bytes, expected) in table {
            assert_eq!(name(&bytes), expected, "{case}");
        }
        let refused =
            |bytes: &[u8]| find(&Samples { first: bytes, whole: true, windows: &[] }, &Given::default()).is_err();
        assert!(refused(b"\xff\xfe\0\0a\0\0\0"));
        assert!(refused(b"a\0\0\0,\0\0\0b\0\0\0"));
    }
}
