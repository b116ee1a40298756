//! UTF-16 as UTF-8, in pieces of any size, and the places of the one in the other.

use encoding_rs::mem::{convert_utf16_to_utf8, utf16_valid_up_to};

/// Transcodes UTF-16 to UTF-8, in pieces that are cut anywhere.
///
/// Nothing is lost: a lone surrogate becomes the three bytes that UTF-8 would have for it, and an odd
/// last byte becomes 0xFF. Neither is UTF-8, so that their records are refused. Offsets can be counted
/// back: see [`utf16_bytes`].
///
/// ```
/// use fanout_core::{Encoding, Utf16Transcoder};
///
/// let mut transcoder = Utf16Transcoder::new(Encoding::UTF_16LE);
/// let mut text = Vec::new();
/// transcoder.push(b"a\0\xe9", &mut text);
/// transcoder.push(b"\0\n", &mut text);
/// transcoder.finish(&mut text);
/// assert_eq!(text, b"a\xc3\xa9\xff");
/// ```
#[derive(Debug, Clone)]
pub struct Utf16Transcoder {
    big_endian: bool,
    /// The first byte of a unit.
    byte: Option<u8>,
    /// The first unit of a pair.
    high: Option<u16>,
    units: Vec<u16>,
}

impl Utf16Transcoder {
    /// A transcoder at the start of a unit; of another encoding than UTF-16 BE it reads UTF-16 LE.
    pub fn new(encoding: super::Encoding) -> Self {
        let big_endian = encoding == super::Encoding::UTF_16BE;
        Self { big_endian, byte: None, high: None, units: Vec::new() }
    }

    /// Appends the text of these bytes, which follow those pushed before, as far as it is certain.
    pub fn push(&mut self, bytes: &[u8], text: &mut Vec<u8>) {
        let unit = if self.big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
        self.units.clear();
        self.units.extend(self.high.take());
        let mut rest = bytes;
        if let (Some(first), Some((second, after))) = (self.byte, bytes.split_first()) {
            self.units.push(unit([first, *second]));
            (self.byte, rest) = (None, after);
        }
        let (pairs, odd) = rest.as_chunks::<2>();
        self.units.extend(pairs.iter().map(|pair| unit(*pair)));
        if let [byte] = odd {
            self.byte = Some(*byte);
        }
        self.high = self.units.pop_if(|last| matches!(last, 0xd800..=0xdbff));
        append(&self.units, text);
    }

    /// Appends what is left at the end of the text.
    pub fn finish(&mut self, text: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            text.extend(surrogate(high));
        }
        if self.byte.take().is_some() {
            text.push(0xff);
        }
    }
}

fn append(units: &[u16], text: &mut Vec<u8>) {
    let mut rest = units;
    while !rest.is_empty() {
        let (valid, after) = rest.split_at(utf16_valid_up_to(rest));
        let start = text.len();
        text.resize(start + 3 * valid.len(), 0);
        let written = convert_utf16_to_utf8(valid, &mut text[start..]);
        text.truncate(start + written);
        rest = match after.split_first() {
            Some((lone, after)) => {
                text.extend(surrogate(*lone));
                after
            }
            None => after,
        };
    }
}

/// A lone surrogate as UTF-8 would have it.
fn surrogate(unit: u16) -> [u8; 3] {
    let [high, low] = unit.to_be_bytes();
    [0xe0 | high >> 4, 0x80 | (high & 0x0f) << 2 | low >> 6, 0x80 | low & 0x3f]
}

/// Bytes in the object of a piece of transcoded text: two for each unit, one for an odd last byte.
pub fn utf16_bytes(text: &[u8]) -> u64 {
    text.iter().map(|byte| bytes_of(*byte)).sum()
}

/// The position in transcoded text of what has `bytes` bytes of the object before it.
pub fn utf16_position(text: &[u8], bytes: u64) -> usize {
    let mut left = bytes;
    // The position is that of a first byte: those that follow it count nothing.
    let position = text.iter().position(|byte| match bytes_of(*byte) {
        0 => false,
        _ if left == 0 => true,
        length => {
            left = left.saturating_sub(length);
            false
        }
    });
    position.unwrap_or(text.len())
}

/// The UTF-16 that transcoded text came from.
pub(super) fn utf16_of(text: &[u8], big_endian: bool) -> Vec<u8> {
    let bytes = if big_endian { u16::to_be_bytes } else { u16::to_le_bytes };
    let mut object = Vec::with_capacity(2 * text.len());
    for (at, first) in text.iter().enumerate().filter(|(_, byte)| bytes_of(**byte) > 0) {
        let kept = match first {
            0xff => {
                object.push(0xff);
                continue;
            }
            0xf0.. => 0x07,
            0xe0.. => 0x0f,
            0x80.. => 0x1f,
            _ => 0x7f,
        };
        let following = text[at + 1..].iter().take_while(|byte| bytes_of(**byte) == 0);
        let point = following.fold(u32::from(first & kept), |point, byte| point << 6 | u32::from(byte & 0x3f));
        match point.checked_sub(0x1_0000) {
            None => object.extend(bytes(point as u16)),
            Some(rest) => {
                object.extend(bytes(0xd800 | (rest >> 10) as u16));
                object.extend(bytes(0xdc00 | (rest & 0x3ff) as u16));
            }
        }
    }
    object
}

/// Bytes in the object of the character that begins with this byte; none of one that goes on.
fn bytes_of(byte: u8) -> u64 {
    match byte {
        0x80..=0xbf => 0,
        0xf0..=0xf7 => 4,
        0xff => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Encoding;
    use super::*;

    fn transcode(encoding: Encoding, pieces: &[&[u8]]) -> Vec<u8> {
        let (mut transcoder, mut text) = (Utf16Transcoder::new(encoding), Vec::new());
        pieces.iter().for_each(|piece| transcoder.push(piece, &mut text));
        transcoder.finish(&mut text);
        text
    }

    #[test]
    fn every_cut_gives_the_same_text_with_its_length() {
        let units: Vec<u16> =
            "a,é\n\u{feff}€😀\"".encode_utf16().chain([0xd83d, 0x41, 0xdc00, 0xdbff, 0xd800]).collect();
        let expected =
            ["a,é\n\u{feff}€😀\"".as_bytes(), b"\xed\xa0\xbdA\xed\xb0\x80\xed\xaf\xbf\xed\xa0\x80\xff"].concat();
        for (encoding, bytes) in [
            (Encoding::UTF_16LE, units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>()),
            (Encoding::UTF_16BE, units.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ] {
            let bytes = [bytes, vec![7]].concat();
            for cut in 0..=bytes.len() {
                let (left, right) = bytes.split_at(cut);
                assert_eq!(transcode(encoding, &[left, right]), expected, "{encoding}, cut at {cut}");
                let pieces: Vec<&[u8]> = bytes.chunks(cut + 1).collect();
                assert_eq!(transcode(encoding, &pieces), expected, "{encoding}, pieces of {}", cut + 1);
            }
            assert_eq!(utf16_bytes(&expected), bytes.len() as u64);
            let back = [&bytes[..bytes.len() - 1], b"\xff"].concat();
            assert_eq!(encoding.unscanned(&expected), back, "{encoding}");
        }
        let mut starts = (0..=expected.len()).filter(|at| expected.get(*at).is_none_or(|byte| bytes_of(*byte) > 0));
        assert!(starts.all(|at| utf16_position(&expected, utf16_bytes(&expected[..at])) == at));
    }
}
