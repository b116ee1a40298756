//! Short numbers: their digits are read eight at a time instead of one by one.

/// The digit 0, eight times.
const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
const POINTS: u64 = u64::from_le_bytes([b'.'; 8]);
const ONES: u64 = u64::from_le_bytes([1; 8]);
const TOP_BITS: u64 = u64::from_le_bytes([0x80; 8]);

/// Powers of ten, each of which is a double.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The value of at most 18 digits, which [`sign`] gave with its minus sign or without. `None` for any other text, which
/// may be a number all the same.
#[inline]
pub(super) fn short_int64((negative, digits): (bool, &[u8])) -> Option<i64> {
    let value = if digits.len() <= 8 { eight(digits)? } else { long(digits)? };
    Some(if negative { -value } else { value })
}

/// The value of at most 15 digits, with a point between them or without, which [`sign`] gave with a minus sign or without:
/// all of them are a double, a power of ten is one too, and their quotient is rounded once (Clinger, 1990). `None` for
/// any other text, which may be a number all the same.
#[inline(always)]
pub(super) fn short_float64((negative, digits): (bool, &[u8])) -> Option<f64> {
    let value = match digits.len() {
        0..=8 => eight_float64(digits)?,
        9..=16 => long_float64(digits)?,
        _ => return None,
    };
    Some(f64::from_bits(value.to_bits() ^ (u64::from(negative) << 63)))
}

/// Tells whether a text begins with a minus sign, and returns what is after it. There is no branch, as signs come at
/// random.
#[inline(always)]
pub(super) fn sign(text: &[u8]) -> (bool, &[u8]) {
    let negative = text.first() == Some(&b'-');
    (negative, &text[usize::from(negative)..])
}

/// The value of 1 to 8 digits, or up to 7 with a point between them.
#[inline(always)]
fn eight_float64(text: &[u8]) -> Option<f64> {
    let characters = characters(text)?;
    let Some(point) = point(characters) else { return digits(characters).map(|value| value as f64) };
    let fraction = 7 - point;
    if fraction == 0 || fraction + 1 == text.len() {
        return None;
    }
    Some(digits(close_gap(characters, point, b'0'))? as f64 / POWERS[fraction])
}

/// The value of 9 to 15 digits, or up to 15 with a point between them.
#[inline(always)]
fn long_float64(text: &[u8]) -> Option<f64> {
    // They overlap where there are fewer than sixteen; zeros stand before the first one.
    let (first, mut low) = (u64::from_le_bytes(*text.first_chunk()?), u64::from_le_bytes(*text.last_chunk()?));
    let shift = 8 * 16usize.checked_sub(text.len())?;
    let mut high = (first << shift) | (ZEROS >> 1 >> (63 - shift));
    let fraction = match (point(low), point(high)) {
        (Some(place), None) => {
            low = close_gap(low, place, (high >> 56) as u8);
            high = (high << 8) | u64::from(b'0');
            7 - place
        }
        (None, Some(place)) => {
            high = close_gap(high, place, b'0');
            15 - place
        }
        (None, None) if text.len() < 16 => 0,
        _ => return None,
    };
    if fraction + 1 == text.len() || text.ends_with(b".") {
        return None;
    }
    Some((digits(high)? * 100_000_000 + digits(low)?) as f64 / POWERS[fraction])
}

/// The place of the first point, of which 0 is the lowest byte.
#[inline(always)]
fn point(characters: u64) -> Option<usize> {
    let others = characters ^ POINTS;
    // The top bit of each byte that is a point, up to the first one.
    let points = others.wrapping_sub(ONES) & !others & TOP_BITS;
    (points != 0).then_some(points.trailing_zeros() as usize / 8)
}

/// The characters without the one at a place: those before it move up, after another one.
#[inline(always)]
fn close_gap(characters: u64, place: usize, before: u8) -> u64 {
    let place = 8 * place;
    let moved = characters & ((1 << place) - 1);
    let after = ((characters >> place) & !0xff) << place;
    (moved << 8) | u64::from(before) | after
}

/// The value of 9 to 18 digits; `None` for any other text.
#[inline(never)]
fn long(text: &[u8]) -> Option<i64> {
    if !(9..=18).contains(&text.len()) {
        return None;
    }
    text.rchunks(8).rev().try_fold(0, |value, digits| Some(value * 100_000_000 + eight(digits)?))
}

/// The value of 1 to 8 digits; `None` for any other text.
#[inline(always)]
fn eight(text: &[u8]) -> Option<i64> {
    digits(characters(text)?)
}

/// A text of 1 to 8 bytes, the last one in the top byte, with zeros before the first one.
#[inline(always)]
fn characters(text: &[u8]) -> Option<u64> {
    Some(match *text {
        [one] => (ZEROS >> 8) | at(one, 7),
        [first, last] => (ZEROS >> 16) | at(first, 6) | at(last, 7),
        [first, second, last] => (ZEROS >> 24) | at(first, 5) | at(second, 6) | at(last, 7),
        _ => match (text.first_chunk(), text.last_chunk()) {
            // They overlap where there are fewer than eight.
            (Some(first), Some(last)) if text.len() < 8 => {
                let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
                let shift = 8 * (8 - text.len());
                (u64::from(last) << 32) | (u64::from(first) << shift) | (ZEROS >> (64 - shift))
            }
            _ => u64::from_le_bytes(text.try_into().ok()?),
        },
    })
}

/// The value of eight characters; `None` where one is no digit.
#[inline(always)]
fn digits(characters: u64) -> Option<i64> {
    const PAIRS: u64 = 0x0000_00ff_0000_00ff;
    let digits = characters ^ ZEROS;
    // A byte over 9 gets, or has, its top bit.
    if (digits.wrapping_add(u64::from_le_bytes([0x76; 8])) | digits) & TOP_BITS != 0 {
        return None;
    }
    let pairs = digits * 10 + (digits >> 8);
    let (even, odd) = (pairs & PAIRS, (pairs >> 16) & PAIRS);
    let value = even.wrapping_mul(100 + (1_000_000 << 32)).wrapping_add(odd.wrapping_mul(1 + (10_000 << 32))) >> 32;
    Some(value as i64)
}

/// A byte at a place, of which 0 is the lowest.
#[inline(always)]
fn at(byte: u8, place: u32) -> u64 {
    u64::from(byte) << (8 * place)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn short_numbers_are_what_the_library_reads(text in "[-+]?[0-9]{0,19}([.][0-9]{0,17})?(e5)?") {
            let bytes = text.as_bytes();
            if let Some(value) = short_float64(sign(bytes)) {
                assert_eq!(Ok(value.to_bits()), lexical_core::parse::<f64>(bytes).map(f64::to_bits), "{text:?}");
            }
            if let Some(value) = short_int64(sign(bytes)) {
                assert_eq!(Ok(value), lexical_core::parse::<i64>(bytes), "{text:?}");
            }
        }

        #[test]
        fn digits_alone_are_short_numbers(text in "-?[0-9]{1,15}", at in 1usize..15) {
            assert_eq!(short_int64(sign(text.as_bytes())), Some(text.parse().unwrap()));
            assert_eq!(short_float64(sign(text.as_bytes())), Some(text.parse().unwrap()));
            let first = at + usize::from(text.starts_with('-'));
            if first < text.len() {
                let text = format!("{}.{}", &text[..first], &text[first..]);
                assert_eq!(short_float64(sign(text.as_bytes())), Some(text.parse().unwrap()), "{text:?}");
            }
        }

        #[test]
        fn one_other_byte_is_seen(text in "[0-9]{1,18}", at in 0usize..18, other in proptest::prelude::any::<u8>()) {
            let mut text = text.into_bytes();
            let at = at % text.len();
            text[at] = other;
            let number = other.is_ascii_digit() || (other == b'-' && at == 0 && text.len() > 1);
            assert_eq!(short_int64(sign(&text)).is_some(), number, "{text:?}");
            let number = number || (other == b'.' && at > 0 && at + 1 < text.len());
            let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
            assert_eq!(short_float64(sign(&text)).is_some(), number && digits < 16, "{text:?}");
        }
    }

    #[test]
    fn bounds_of_short_numbers() {
        for text in ["1.", ".5", "1e5", "1234567890123456", "+1", "", "-", ".", "1.2.3", "1..2", "-.5"] {
            assert_eq!(short_float64(sign(text.as_bytes())), None, "{text:?}");
        }
        assert_eq!(short_float64(sign(b"-123456789.012345")), Some(-123_456_789.012_345));
        assert_eq!(short_int64(sign(b"999999999999999999")), Some(10i64.pow(18) - 1));
        assert_eq!(short_int64(sign(b"1000000000000000000")), None);
    }
}
