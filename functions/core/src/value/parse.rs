//! The parsers of declared values. A text that is not exactly of the type has no value.

/// Digits of the longest decimal.
const MAX_DIGITS: i64 = 38;

/// Decimal digits with an optional sign; also a whole number with a fraction of zeros or an exponent, as writers of
/// JSON have it. `None` beyond 64 bits.
#[inline]
pub(super) fn int64(text: &[u8]) -> Option<i64> {
    if let Some(value) = short_int64(text) {
        return Some(value);
    }
    lexical_core::parse(text).ok().or_else(|| i64::try_from(decimal(text, MAX_DIGITS as u8, 0)?).ok())
}

/// A finite double; `NaN` and infinities are no values.
#[inline]
pub(super) fn float64(text: &[u8]) -> Option<f64> {
    if let Some(value) = short_float64(text) {
        return Some(value);
    }
    lexical_core::parse::<f64>(text).ok().filter(|value| value.is_finite())
}

/// The value of at most 18 digits, with a minus sign or without. `None` for any other text, which may be a number all
/// the same.
#[inline]
pub(super) fn short_int64(text: &[u8]) -> Option<i64> {
    let (negative, digits) = sign(text);
    let (value, rest) = whole(0, digits);
    if digits.is_empty() || digits.len() > 18 || !rest.is_empty() {
        return None;
    }
    Some(if negative { -(value as i64) } else { value as i64 })
}

/// The value of at most 15 digits, with a minus sign or without, with a point between them or without: all of them are
/// a double, a power of ten is one too, and their quotient is rounded once (Clinger, 1990). `None` for any other text,
/// which may be a number all the same.
#[inline]
pub(super) fn short_float64(text: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (negative, digits) = sign(text);
    if digits.len() > 16 {
        return None;
    }
    let (mut value, rest) = whole(0, digits);
    let mut power = 1.0;
    match rest {
        [] if !digits.is_empty() && digits.len() < 16 => {}
        [b'.', fraction @ ..] if rest.len() < digits.len() && !fraction.is_empty() => {
            let (all, rest) = whole(value, fraction);
            if !rest.is_empty() {
                return None;
            }
            (value, power) = (all, POWERS[fraction.len()]);
        }
        _ => return None,
    }
    let value = value as f64 / power;
    Some(if negative { -value } else { value })
}

#[inline(always)]
fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    }
}

/// The value of digits after those of another value, and what stands after them. It overflows with more than 19.
#[inline(always)]
fn whole(mut value: u64, text: &[u8]) -> (u64, &[u8]) {
    let mut at = 0;
    while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
        value = value.wrapping_mul(10).wrapping_add(digit.into());
        at += 1;
    }
    (value, &text[at..])
}

/// Words for true and false, in any case.
pub(super) fn boolean(text: &[u8]) -> Option<bool> {
    const TRUE: [&[u8]; 6] = [b"true", b"t", b"yes", b"y", b"1", b"on"];
    const FALSE: [&[u8]; 6] = [b"false", b"f", b"no", b"n", b"0", b"off"];
    // What programs write, before what people may.
    match text {
        b"true" => return Some(true),
        b"false" => return Some(false),
        _ => {}
    }
    if TRUE.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        Some(true)
    } else if FALSE.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        Some(false)
    } else {
        None
    }
}

/// The value times 10^scale, exactly; `None` where digits would be lost.
pub(super) fn decimal(text: &[u8], precision: u8, scale: u8) -> Option<i128> {
    let (negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (digits, exponent) = match unsigned.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&unsigned[..at], lexical_core::parse::<i64>(&unsigned[at + 1..]).ok()?),
        None => (unsigned, 0),
    };
    let point = digits.iter().position(|byte| *byte == b'.').unwrap_or(digits.len());
    let (whole, fraction) = (&digits[..point], digits.get(point + 1..).unwrap_or_default());
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // Digits after the point of the value times 10^scale; zeros at the end say nothing.
    let zeros = fraction.iter().rev().take_while(|byte| **byte == b'0').count();
    let fraction = &fraction[..fraction.len() - zeros];
    let mut value: i128 = 0;
    for byte in whole.iter().chain(fraction) {
        byte.is_ascii_digit().then_some(())?;
        value = value.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
    }
    let shift = i64::from(scale).checked_add(exponent)?.checked_sub(fraction.len() as i64)?;
    value = match shift {
        _ if value == 0 => 0,
        0..=MAX_DIGITS => value.checked_mul(10i128.checked_pow(shift as u32)?)?,
        -38..0 => {
            let unit = 10i128.pow(shift.unsigned_abs() as u32);
            (value % unit == 0).then_some(value / unit)?
        }
        _ => return None,
    };
    (value < 10i128.pow(precision.into())).then_some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        let table: [(&str, Option<i128>); 20] = [
            ("1", Some(100)),
            ("-1.5", Some(-150)),
            ("+0.05", Some(5)),
            (".5", Some(50)),
            ("5.", Some(500)),
            ("1.230", Some(123)),
            ("1.234", None),
            ("12345.67", None),
            ("1234.56", Some(123_456)),
            ("1e3", Some(100_000)),
            ("1e2", Some(10_000)),
            ("1.5E+1", Some(1500)),
            ("150e-2", Some(150)),
            ("1e-3", None),
            ("1e99", None),
            ("0e99", Some(0)),
            ("1e", None),
            ("1e9999999999999999999", None),
            ("", None),
            (".", None),
        ];
        for (text, value) in table {
            assert_eq!(decimal(text.as_bytes(), 6, 2), value, "{text:?}");
        }
        assert_eq!(decimal(&[b'9'; 38], 38, 0), Some(10i128.pow(38) - 1));
        assert_eq!(decimal(&[b'9'; 60], 38, 0), None);
        let zeros = format!("1.{}", "0".repeat(60));
        assert_eq!(decimal(zeros.as_bytes(), 6, 2), Some(100));
    }

    #[test]
    fn numbers_and_booleans() {
        assert_eq!((int64(b"007"), int64(b"-9223372036854775808")), (Some(7), Some(i64::MIN)));
        assert_eq!((int64(b"9223372036854775808"), int64(b"1.5"), int64(b" 1"), int64(b"")), (None, None, None, None));
        assert_eq!(
            (int64(b"3.0"), int64(b"-1e3"), int64(b"1e19"), int64(b"3.")),
            (Some(3), Some(-1000), None, Some(3))
        );
        assert_eq!(
            (float64(b"1e3"), float64(b"nan"), float64(b"inf"), float64(b"1e999")),
            (Some(1000.0), None, None, None)
        );
        assert_eq!((boolean(b"TRUE"), boolean(b"n"), boolean(b"2")), (Some(true), Some(false), None));
    }
    proptest::proptest! {
        #[test]
        fn short_numbers_are_what_the_library_reads(text in "[-+]?[0-9]{0,19}([.][0-9]{0,17})?(e5)?") {
            let bytes = text.as_bytes();
            if let Some(value) = short_float64(bytes) {
                assert_eq!(Ok(value.to_bits()), lexical_core::parse::<f64>(bytes).map(f64::to_bits), "{text:?}");
            }
            if let Some(value) = short_int64(bytes) {
                assert_eq!(Ok(value), lexical_core::parse::<i64>(bytes), "{text:?}");
            }
        }
    }

    #[test]
    fn bounds_of_short_numbers() {
        for text in ["1.", ".5", "1e5", "1234567890123456", "+1", "", "-", ".", "1.2.3"] {
            assert_eq!(short_float64(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(short_float64(b"-123456789.012345"), Some(-123_456_789.012_345));
        assert_eq!(short_int64(b"999999999999999999"), Some(10i64.pow(18) - 1));
        assert_eq!(short_int64(b"1000000000000000000"), None);
    }
}
