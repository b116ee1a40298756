//! The type that a text shows, where none is declared.

use super::null::is_null_value;
use super::parse;

/// The look of a field's text where no type is declared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Observed {
    /// No byte.
    Null,
    /// An integer as a program would write it: no leading zero, no plus sign.
    Int64(i64),
    /// A number with a fraction or an exponent.
    Float64(f64),
    /// `true` or `false` in any case.
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// Anything else. A number whose text isn't the usual one, as `007` or `+1`, is text: an
    /// identifier, most likely, that would lose its zeros as a number.
    Text,
}

/// Looks at the value of a field.
///
/// ```
/// use fanout_core::{Observed, observe};
///
/// assert_eq!(observe(b"1970-01-02"), Observed::Date(1));
/// assert_eq!(observe(b"007"), Observed::Text);
/// ```
#[inline]
pub fn observe(text: &[u8]) -> Observed {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    match digits {
        [] if is_null_value(text) => Observed::Null,
        [b'0', b'0'..=b'9', ..] => Observed::Text,
        [b'0'..=b'9', ..] => {
            if let Some(value) = parse::int64(text) {
                return Observed::Int64(value);
            }
            // A whole number beyond 64 bits would be rounded as a float.
            if !digits.iter().all(u8::is_ascii_digit)
                && let Some(value) = parse::float64(text)
            {
                return Observed::Float64(value);
            }
            moment(text)
        }
        [b'.', ..] => parse::float64(text).map_or(Observed::Text, Observed::Float64),
        _ if text.eq_ignore_ascii_case(b"true") => Observed::Boolean(true),
        _ if text.eq_ignore_ascii_case(b"false") => Observed::Boolean(false),
        _ => Observed::Text,
    }
}

fn moment(text: &[u8]) -> Observed {
    if let Some(days) = parse::date(text) {
        return Observed::Date(days);
    }
    parse::timestamp(text).map_or(Observed::Text, Observed::Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks() {
        let table = [
            ("", Observed::Null),
            ("0", Observed::Int64(0)),
            ("-12", Observed::Int64(-12)),
            ("0.5", Observed::Float64(0.5)),
            ("-.5", Observed::Float64(-0.5)),
            ("1e3", Observed::Float64(1000.0)),
            ("007", Observed::Text),
            ("+1", Observed::Text),
            ("12345678901234567890", Observed::Text),
            ("-", Observed::Text),
            ("nan", Observed::Text),
            ("True", Observed::Boolean(true)),
            ("yes", Observed::Text),
            ("1970-01-02", Observed::Date(1)),
            ("1970-01-01T00:00:01Z", Observed::Timestamp(1_000_000)),
            ("10.0.0.1", Observed::Text),
        ];
        for (text, look) in table {
            assert_eq!(observe(text.as_bytes()), look, "{text:?}");
        }
    }
}
