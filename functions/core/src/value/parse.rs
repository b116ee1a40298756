//! The parsers of declared values. A text that is not exactly of the type has no value.

use super::short_number::{short_float64, short_int64, sign};

/// Digits of the longest decimal.
const MAX_DIGITS: i64 = 38;

/// Decimal digits with an optional sign; also a whole number with a fraction of zeros or an exponent, as writers of
/// JSON have it. `None` beyond 64 bits.
#[inline]
pub(super) fn int64(text: &[u8]) -> Option<i64> {
    if let Some(value) = short_int64(sign(text)) {
        return Some(value);
    }
    lexical_core::parse(text).ok().or_else(|| i64::try_from(decimal(text, MAX_DIGITS as u8, 0)?).ok())
}

/// A finite double; `NaN` and infinities are no values.
#[inline]
pub(super) fn float64(text: &[u8]) -> Option<f64> {
    if let Some(value) = short_float64(sign(text)) {
        return Some(value);
    }
    lexical_core::parse::<f64>(text).ok().filter(|value| value.is_finite())
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
}
