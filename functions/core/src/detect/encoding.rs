//! The encoding of the samples: by a mark, by NULs, as valid UTF-8, or guessed from other bytes.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use super::evidence::count;
use super::given::Samples;
use super::{DetectError, Given};
use crate::message::Evidence;
use crate::{Encoding, EncodingKind, utf16_bytes};

/// Bytes from which an encoding other than UTF-8 is guessed.
const GUESSED: usize = 64 << 10;

/// Bytes in which the NULs of UTF-16 are counted.
const COUNTED: usize = 64 << 10;

/// The encoding of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodingFound {
    /// The encoding.
    pub encoding: Encoding,
    /// Length in bytes of the byte-order mark.
    pub mark: usize,
    /// Tells whether the samples have ASCII alone: then nothing speaks against other encodings.
    pub ascii: bool,
}

/// Finds the encoding of the samples: a mark, else UTF-16 by its NULs, else UTF-8 where it is valid,
/// else what the bytes of other encodings make likely.
pub(super) fn find(samples: &Samples<'_>, given: &Given<'_>) -> Result<(EncodingFound, Evidence), DetectError> {
    let bytes = samples.first;
    refuse_utf32(bytes)?;
    let marked = encoding_rs::Encoding::for_bom(bytes);
    let marked = marked.and_then(|(encoding, length)| Some((Encoding::of(encoding)?, length)));
    let found = |encoding: Encoding, ascii: bool, sentence: String| {
        let mark = marked.filter(|(marked, _)| *marked == encoding).map_or(0, |(_, length)| length);
        let found = EncodingFound { encoding, mark, ascii };
        Ok((found, Evidence::new("encoding", encoding.name(), sentence)))
    };
    if let Some(label) = given.encoding {
        let encoding: Encoding = label.parse()?;
        return found(encoding.ordered(bytes), false, "the dataset says so".to_owned());
    }
    if let Some((encoding, _)) = marked {
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
        return found(Encoding::UTF_8, true, "the sample is ASCII".to_owned());
    }
    if invalid == 0 || valid > 4 * invalid {
        let but = if invalid == 0 { String::new() } else { format!(", {} invalid", count(invalid, "byte")) };
        return found(Encoding::UTF_8, false, format!("{} of more than one byte{but}", count(valid, "character")));
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
    let guess = Encoding::of(guess).filter(|guess| !is_western(&pieces, *guess));
    let encoding = guess.unwrap_or(Encoding::WINDOWS_1252);
    found(encoding, false, format!("{} that UTF-8 does not allow", count(invalid, "byte")))
}

/// Tells whether all bytes of the pieces mean the same in Windows-1252, the likelier one, as in the guess, or are no
/// letters there: words in other scripts have some, and pounds, degrees and dashes stand alone.
fn is_western(pieces: &[(&[u8], bool)], guess: Encoding) -> bool {
    let mut seen = [false; 128];
    let bytes = pieces.iter().flat_map(|(piece, _)| piece.iter()).filter(|byte| !byte.is_ascii());
    bytes.for_each(|byte| seen[usize::from(byte & 0x7f)] = true);
    let bytes: Vec<u8> = (0x80..=0xff).filter(|byte: &u8| seen[usize::from(byte & 0x7f)]).collect();
    let decoded = |encoding: Encoding| encoding.inner().decode_without_bom_handling(&bytes).0;
    let western = decoded(Encoding::WINDOWS_1252);
    guess.inner().is_single_byte() && (decoded(guess) == western || !western.chars().any(char::is_alphabetic))
}

/// The text in an encoding in which delimiters can be told: as it is, where ASCII bytes are always themselves.
pub(super) fn text(encoding: Encoding, bytes: &[u8]) -> Cow<'_, [u8]> {
    match encoding.kind() {
        EncodingKind::Other if needs_transcoding(encoding) => {
            Cow::Owned(encoding.decode_lossy(bytes).into_owned().into())
        }
        _ => encoding.scanned(bytes, false),
    }
}

/// Bytes in the object of this beginning of the text, which is that of `bytes` and ends a line.
pub(super) fn bytes_of(encoding: Encoding, prefix: &[u8], bytes: &[u8]) -> u64 {
    match encoding.kind() {
        EncodingKind::Utf16 { .. } => utf16_bytes(prefix),
        EncodingKind::Other if needs_transcoding(encoding) => {
            // No character has a byte of a line end in it.
            let ends = memchr::memchr2_iter(b'\r', b'\n', prefix).count();
            let mut all = memchr::memchr2_iter(b'\r', b'\n', bytes);
            ends.checked_sub(1).and_then(|last| all.nth(last)).map_or(0, |at| at as u64 + 1)
        }
        _ => prefix.len() as u64,
    }
}

/// Tells whether bytes of ASCII are parts of other characters in this encoding.
fn needs_transcoding(encoding: Encoding) -> bool {
    match encoding.kind() {
        EncodingKind::Utf8 => false,
        EncodingKind::Utf16 { .. } => true,
        EncodingKind::Other => (0..0x80).any(|byte| encoding.shares(byte)),
    }
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
fn utf16(bytes: &[u8]) -> Option<(Encoding, usize)> {
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
        Some((Encoding::UTF_16LE, odd))
    } else if likely(even, odd, breaks_be) {
        Some((Encoding::UTF_16BE, even))
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
        find(&Samples { first: bytes, whole: true, windows: &[] }, &Given::default()).unwrap().0.encoding.name()
    }

    #[test]
    fn names() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let table: [(&str, Vec<u8>, &str); 10] = [
            ("ASCII", b"id,name\n1,Anna\n".to_vec(), "UTF-8"),
            ("UTF-8", "town\nK\u{f6}ln\n".into(), "UTF-8"),
            ("Windows-1252", b"town,euro\nM\xe1laga,\x805\nK\xf6ln,\x807\n".to_vec(), "windows-1252"),
            (
                "pounds and dashes",
                b"trip,cost\n7 \x96 8 Feb,\xa3164\n15 \x96 22 Feb,\xa3200\n".to_vec(),
                "windows-1252",
            ),
            (
                "Windows-1250",
                encoding_rs::WINDOWS_1250
                    .encode("m\u{11b}sto,n\nPlze\u{148},5\n\u{17d}\u{10f}\u{e1}r,7\n")
                    .0
                    .into_owned(),
                "windows-1250",
            ),
            ("UTF-16 LE", utf16("town,n\nM\u{e1}laga,5\n"), "UTF-16LE"),
            ("UTF-16 LE, marked", utf16("\u{feff}town,n\n"), "UTF-16LE"),
            ("UTF-8 with a wrong byte", b"a\n\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\n\xff\n".to_vec(), "UTF-8"),
            (
                "Shift_JIS",
                encoding_rs::SHIFT_JIS.encode("都市,人口\n東京,1400\n大阪,270\n").0.into_owned(),
                "Shift_JIS",
            ),
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
