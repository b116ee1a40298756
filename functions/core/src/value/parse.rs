//! The parsers of typed values. A text that is not exactly of the type has no value.

use std::str::{FromStr, from_utf8};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

const SECONDS_A_DAY: i64 = 86_400;

/// Decimal digits with an optional sign; `None` beyond 64 bits.
#[inline]
pub(super) fn int64(text: &[u8]) -> Option<i64> {
    lexical_core::parse(text).ok()
}

/// A finite double; `NaN` and infinities are no values.
#[inline]
pub(super) fn float64(text: &[u8]) -> Option<f64> {
    lexical_core::parse::<f64>(text).ok().filter(|value| value.is_finite())
}

pub(super) fn boolean(text: &[u8]) -> Option<bool> {
    const TRUE: [&[u8]; 5] = [b"true", b"t", b"yes", b"y", b"1"];
    const FALSE: [&[u8]; 5] = [b"false", b"f", b"no", b"n", b"0"];
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
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let point = digits.iter().position(|byte| *byte == b'.').unwrap_or(digits.len());
    let (whole, fraction) = (&digits[..point], digits.get(point + 1..).unwrap_or_default());
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let kept = fraction.len().min(scale.into());
    let mut value: i128 = 0;
    for byte in whole.iter().chain(&fraction[..kept]) {
        byte.is_ascii_digit().then_some(())?;
        value = value.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
    }
    fraction[kept..].iter().all(|byte| *byte == b'0').then_some(())?;
    value = value.checked_mul(10i128.checked_pow(u32::from(scale) - kept as u32)?)?;
    (value < 10i128.pow(precision.into())).then_some(if negative { -value } else { value })
}

/// Days since 1970-01-01.
pub(super) fn date(text: &[u8]) -> Option<i32> {
    (text.len() == 10 && text[4] == b'-').then_some(())?;
    let date = Date::from_str(from_utf8(text).ok()?).ok()?;
    let midnight = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    i32::try_from(midnight.as_second().div_euclid(SECONDS_A_DAY)).ok()
}

/// Microseconds since 1970-01-01T00:00:00Z.
pub(super) fn timestamp(text: &[u8]) -> Option<i64> {
    (text.len() >= 10 && text[4] == b'-').then_some(())?;
    let zoned = text[10..].iter().any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'));
    let text = from_utf8(text).ok()?;
    let moment = if zoned {
        Timestamp::from_str(text).ok()?
    } else {
        Offset::UTC.to_timestamp(DateTime::from_str(text).ok()?).ok()?
    };
    Some(moment.as_microsecond())
}

/// The ISO 8601 text of a date given as days since 1970-01-01.
pub fn date_text(days: i32) -> String {
    Timestamp::from_second(i64::from(days) * SECONDS_A_DAY)
        .map_or_else(|_| days.to_string(), |moment| Offset::UTC.to_datetime(moment).date().to_string())
}

/// The ISO 8601 text, in UTC, of a timestamp given as microseconds since 1970-01-01T00:00:00Z.
pub fn timestamp_text(microseconds: i64) -> String {
    Timestamp::from_microsecond(microseconds).map_or_else(|_| microseconds.to_string(), |moment| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        let table: [(&str, Option<i128>); 12] = [
            ("1", Some(100)),
            ("-1.5", Some(-150)),
            ("+0.05", Some(5)),
            (".5", Some(50)),
            ("5.", Some(500)),
            ("1.230", Some(123)),
            ("1.234", None),
            ("12345.67", None),
            ("1234.56", Some(123_456)),
            ("1e3", None),
            ("", None),
            (".", None),
        ];
        for (text, value) in table {
            assert_eq!(decimal(text.as_bytes(), 6, 2), value, "{text:?}");
        }
        assert_eq!(decimal(&[b'9'; 38], 38, 0), Some(10i128.pow(38) - 1));
        assert_eq!(decimal(&[b'9'; 60], 38, 0), None);
    }

    #[test]
    fn dates_and_timestamps() {
        assert_eq!(date(b"1970-01-02"), Some(1));
        assert_eq!(date(b"1969-12-31"), Some(-1));
        assert_eq!(date(b"2024-02-29").map(date_text).as_deref(), Some("2024-02-29"));
        assert_eq!((date(b"2023-02-29"), date(b"20240101"), date(b"2024-1-1")), (None, None, None));
        assert_eq!(timestamp(b"1970-01-01T00:00:01.5Z"), Some(1_500_000));
        assert_eq!(timestamp(b"1970-01-01 01:00:00+01:00"), Some(0));
        assert_eq!(timestamp(b"1970-01-01 00:00:01"), Some(1_000_000));
        assert_eq!(timestamp(b"2024-05-05T24:61:00"), None);
        assert_eq!(timestamp_text(1_500_000), "1970-01-01T00:00:01.5Z");
    }

    #[test]
    fn numbers_and_booleans() {
        assert_eq!((int64(b"007"), int64(b"-9223372036854775808")), (Some(7), Some(i64::MIN)));
        assert_eq!((int64(b"9223372036854775808"), int64(b"1.0"), int64(b" 1"), int64(b"")), (None, None, None, None));
        assert_eq!(
            (float64(b"1e3"), float64(b"nan"), float64(b"inf"), float64(b"1e999")),
            (Some(1000.0), None, None, None)
        );
        assert_eq!((boolean(b"TRUE"), boolean(b"n"), boolean(b"2")), (Some(true), Some(false), None));
    }
}
