//! The kinds of values, by their looks. They are coarser than column types, and serve to compare readings.

use crate::value::{MONTHS, date_layouts, is_plain_number};

/// The look of a field's value. Coarser than types are: its only use is to compare readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Empty,
    /// A word for no value.
    Null,
    /// A number in any way of writing: 1, -2.5, 1,5, 1.000,25, 12 %, $3.
    Number,
    Date,
    Time,
    Timestamp,
    Boolean,
    /// An address or an identifier of fixed form.
    Token,
    Text,
}

impl Kind {
    /// The kind of a value without its quotes.
    pub(super) fn of(value: &[u8]) -> Self {
        let value = value.trim_ascii();
        match value {
            [] => return Kind::Empty,
            _ if value.len() > 64 => return if is_url(value) { Kind::Token } else { Kind::Text },
            _ if is_null(value) => return Kind::Null,
            _ => {}
        }
        let first = value[0];
        if first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.' | b',' | b'(' | b'$') || !first.is_ascii() {
            if is_number(value) {
                return Kind::Number;
            }
            if let Some(kind) = date_or_time(value) {
                return kind;
            }
        } else if first.is_ascii_alphabetic() {
            if is_boolean(value) {
                return Kind::Boolean;
            }
            if let Some(kind) = date_or_time(value) {
                return kind;
            }
        }
        if is_token(value) { Kind::Token } else { Kind::Text }
    }

    /// Tells whether values of this kind are recognised by their form.
    pub(super) fn is_typed(self) -> bool {
        !matches!(self, Kind::Empty | Kind::Null | Kind::Text)
    }

    pub(super) fn is_missing(self) -> bool {
        matches!(self, Kind::Empty | Kind::Null)
    }
}

fn is_null(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 13] =
        [b"na", b"n/a", b"nan", b"null", b"none", b"nil", b"\\n", b"-", b"--", b"?", b".", b"#n/a", b"(null)"];
    value.len() <= 6 && WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

fn is_boolean(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] = [b"true", b"false", b"yes", b"no", b"on", b"off"];
    value.len() <= 5 && WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Tells whether the value is a number, with either decimal separator, groups of three, a sign of a
/// currency or a percent sign.
pub(super) fn is_number(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"(").and_then(|inner| inner.strip_suffix(b")")).unwrap_or(value);
    let value = value.strip_suffix(b"%").unwrap_or(value).trim_ascii();
    let value = value.strip_prefix(b"-").or_else(|| value.strip_prefix(b"+")).unwrap_or(value);
    let mut value = value;
    // UTF-8 of the euro, pound and yen signs, their single bytes, and the dollar.
    for sign in [&b"$"[..], b"\xe2\x82\xac", b"\xc2\xa3", b"\xc2\xa5", b"\x80", b"\xa3"] {
        value = value.strip_prefix(sign).or_else(|| value.strip_suffix(sign)).unwrap_or(value).trim_ascii();
    }
    is_plain_number(value.strip_prefix(b"-").unwrap_or(value))
}

/// A date, a time of day, or both, in the usual ways of writing.
fn date_or_time(value: &[u8]) -> Option<Kind> {
    if is_time(value) {
        return Some(Kind::Time);
    }
    match date_layouts(value) {
        Some((_, true)) => Some(Kind::Timestamp),
        Some((_, false)) => Some(Kind::Date),
        None => is_month_of_year(value).then_some(Kind::Date),
    }
}

/// `9:05`, `09:05:30.25`, with `AM`, `Z` or an offset after it.
fn is_time(value: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let hours = digits(value);
    if !(1..=2).contains(&hours) || value.get(hours) != Some(&b':') {
        return false;
    }
    let mut rest = &value[hours + 1..];
    if digits(rest) != 2 {
        return false;
    }
    rest = &rest[2..];
    if rest.first() == Some(&b':') {
        if digits(&rest[1..]) != 2 {
            return false;
        }
        rest = &rest[3..];
        if matches!(rest.first(), Some(b'.' | b',')) && digits(&rest[1..]) > 0 {
            rest = &rest[1 + digits(&rest[1..])..];
        }
    }
    let rest = rest.trim_ascii();
    let offset = matches!(rest.first(), Some(b'+' | b'-'))
        && rest.len() <= 6
        && rest[1..].iter().all(|byte| byte.is_ascii_digit() || *byte == b':');
    rest.is_empty()
        || offset
        || [&b"z"[..], b"am", b"pm", b"utc", b"gmt"].iter().any(|word| rest.eq_ignore_ascii_case(word))
}

/// A year and a month: `2024-01`, `Jan 2024`.
fn is_month_of_year(value: &[u8]) -> bool {
    let year = |part: &[u8]| part.len() == 4 && matches!(part[0], b'1' | b'2') && part.iter().all(u8::is_ascii_digit);
    match value {
        [digits @ .., b'-', tens @ (b'0' | b'1'), ones @ b'0'..=b'9'] => {
            year(digits) && (1..=12).contains(&((tens - b'0') * 10 + ones - b'0'))
        }
        _ => value
            .iter()
            .position(|byte| matches!(byte, b' ' | b'-'))
            .is_some_and(|at| is_month(&value[..at]) && year(&value[at + 1..])),
    }
}

fn is_month(part: &[u8]) -> bool {
    part.len() >= 3
        && MONTHS.iter().any(|month| {
            part.eq_ignore_ascii_case(month)
                || (part.len() <= 4 && month.len() >= part.len() && month[..part.len()].eq_ignore_ascii_case(part))
        })
}

fn is_url(value: &[u8]) -> bool {
    let end = value.iter().take(12).position(|byte| *byte == b':');
    end.is_some_and(|at| at >= 2 && value[..at].iter().all(u8::is_ascii_alphabetic) && value[at..].starts_with(b"://"))
        && !value.contains(&b' ')
}

/// A URL, an e-mail, IP or MAC address, or a UUID.
fn is_token(value: &[u8]) -> bool {
    if value.contains(&b' ') {
        return false;
    }
    let email = || {
        let mut parts = value.split(|byte| *byte == b'@');
        let (name, domain, more) = (parts.next(), parts.next(), parts.next());
        let plain =
            |part: &[u8]| part.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+'));
        more.is_none()
            && name.is_some_and(|name| !name.is_empty() && plain(name))
            && domain.is_some_and(|domain| domain.contains(&b'.') && plain(domain))
    };
    let ip = || {
        let parts: Vec<&[u8]> = value.split(|byte| *byte == b'.').collect();
        parts.len() == 4 && parts.iter().all(|p| (1..=3).contains(&p.len()) && p.iter().all(u8::is_ascii_digit))
    };
    let uuid = || {
        value.len() == 36
            && value
                .iter()
                .enumerate()
                .all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
    };
    let mac = || {
        value.len() == 17
            && value.iter().enumerate().all(|(at, byte)| match at % 3 {
                2 => matches!(byte, b':' | b'-'),
                _ => byte.is_ascii_hexdigit(),
            })
    };
    is_url(value) || email() || ip() || uuid() || mac()
}

/// The form of a code: its runs of digits and of letters as one of each, all else as it stands.
/// `None` where there is no digit.
pub(super) fn pattern(value: &[u8]) -> Option<Vec<u8>> {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => b'0',
        b'a'..=b'z' | b'A'..=b'Z' | 0x80..=0xff => b'a',
        other => other,
    };
    let mut form: Vec<u8> = value.iter().map(|byte| class(*byte)).collect();
    form.dedup_by(|next, last| next == last && matches!(*next, b'0' | b'a'));
    form.contains(&b'0').then_some(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let table: [(&str, Kind); 47] = [
            ("", Kind::Empty),
            ("  ", Kind::Empty),
            ("NA", Kind::Null),
            ("-", Kind::Null),
            ("\\N", Kind::Null),
            ("0", Kind::Number),
            ("-1.5e-3", Kind::Number),
            (" 1,5 ", Kind::Number),
            ("1.234.567,89", Kind::Number),
            ("1,234.50", Kind::Number),
            ("1 234,50", Kind::Number),
            ("1'234.5", Kind::Number),
            ("12 %", Kind::Number),
            ("$3.50", Kind::Number),
            ("€5", Kind::Number),
            (".5", Kind::Number),
            ("(12)", Kind::Number),
            ("1,2,3", Kind::Text),
            ("5;2", Kind::Text),
            ("1.2.3", Kind::Text),
            ("12.34.56", Kind::Text),
            ("2024-01-31", Kind::Date),
            ("31/01/2024", Kind::Date),
            ("1/31/24", Kind::Date),
            ("31.1.2024", Kind::Date),
            ("11 February 2017", Kind::Date),
            ("Feb 3, 2017", Kind::Date),
            ("1 Mar 2000", Kind::Date),
            ("2024-01", Kind::Date),
            ("Jan 2024", Kind::Date),
            ("10:30", Kind::Time),
            ("9:05:30.25 PM", Kind::Time),
            ("2024-01-01T10:00:00Z", Kind::Timestamp),
            ("2024-01-01 10:00:00+01:00", Kind::Timestamp),
            ("01/02/2024 10:00", Kind::Timestamp),
            ("true", Kind::Boolean),
            ("off", Kind::Boolean),
            ("https://example.com/a?b=1,2", Kind::Token),
            ("a@example.com", Kind::Token),
            ("10.0.0.1", Kind::Token),
            ("123e4567-e89b-12d3-a456-426614174000", Kind::Token),
            ("2024-01-01,10", Kind::Text),
            ("12-34-56-78", Kind::Text),
            ("item 3", Kind::Text),
            ("A-1", Kind::Text),
            ("Anna", Kind::Text),
            ("e5", Kind::Text),
        ];
        for (value, kind) in table {
            assert_eq!(Kind::of(value.as_bytes()), kind, "{value:?}");
        }
    }
}
