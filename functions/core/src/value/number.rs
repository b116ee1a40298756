//! Numbers as people write them: decimal and thousands separators, and what a type keeps of a text.

use super::separators::{LONGEST, Separators};
use super::short_number::{short_float64, short_int64, sign};

/// Whole numbers up to this one are doubles without a loss.
const EXACT: u64 = 1 << 53;

/// Digits that every double keeps.
const KEPT_DIGITS: usize = 15;

/// Ways of writing numbers, of which detection knows. Of those that mean the same the first one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberStyle(u8);

/// The separators of each style, and its bits among [`Numbers`]: as whole number, and as number with a fraction.
const STYLES: [(Separators, u16, u16); 7] = [
    (Separators::PLAIN, 1, 1 << 1),
    (Separators { decimal: b'.', thousands: Some(',') }, 1 << 2, 1 << 3),
    // Its whole numbers are plain.
    (Separators { decimal: b',', thousands: None }, 0, 1 << 4),
    (Separators { decimal: b',', thousands: Some('.') }, 1 << 5, 1 << 6),
    (Separators { decimal: b',', thousands: Some(' ') }, 1 << 7, 1 << 8),
    // Its whole numbers are those before.
    (Separators { decimal: b'.', thousands: Some(' ') }, 0, 1 << 9),
    (Separators { decimal: b'.', thousands: Some('\'') }, 1 << 10, 1 << 11),
];

/// Tells whether a text is a number in one of the styles.
pub(crate) fn is_number(text: &[u8]) -> bool {
    !Numbers::of(text).is_empty()
}

/// The bits of numbers with a point, in the styles in which it stands before the fraction.
const POINTS: u16 = 1 << 1 | 1 << 3 | 1 << 9 | 1 << 11;

/// The style in which points group digits.
const POINT_GROUPS: usize = 3;

/// A set of types of numbers, each in one style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Numbers(pub(crate) u16);

/// A type of numbers in one style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberType {
    /// Tells whether it is `float64`, else `int64`.
    pub(crate) float: bool,
    style: NumberStyle,
}

impl NumberStyle {
    pub(crate) fn separators(self) -> Separators {
        STYLES[usize::from(self.0)].0
    }

    pub(crate) fn is_plain(self) -> bool {
        self.0 == 0
    }
}

impl NumberType {
    pub(crate) const INT64: Self = Self { float: false, style: NumberStyle(0) };
    pub(crate) const FLOAT64: Self = Self { float: true, style: NumberStyle(0) };

    pub(crate) fn style(self) -> NumberStyle {
        self.style
    }

    /// Tells whether the type is in a set.
    pub(crate) fn is_in(self, numbers: Numbers) -> bool {
        let (_, int, float) = STYLES[usize::from(self.style.0)];
        numbers.0 & if self.float { float } else { int } != 0
    }

    /// The types that every number of this type is of as well, whole numbers over 2^53 apart.
    pub(crate) fn implied(self) -> Numbers {
        let (_, int, float) = STYLES[usize::from(self.style.0)];
        if self == Self::INT64 {
            return Numbers::ALL;
        }
        if self == Self::FLOAT64 {
            // A point is a point in these styles; where it groups others must be looked at one by one.
            return Numbers(POINTS);
        }
        match (self.style.0, self.float) {
            (2, true) => Numbers(1 << 4 | 1 << 6 | 1 << 8),
            (4, false) => Numbers(1 << 7 | 1 << 8 | 1 << 9),
            (_, false) => Numbers(int | float),
            (_, true) => Numbers(float),
        }
    }
}

impl Numbers {
    pub(crate) const ALL: Self = Self((1 << 12) - 1);

    /// All types with a fraction.
    pub(crate) const FLOATS: Self = Self(1 << 1 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 8 | 1 << 9 | 1 << 11);

    /// The two types that JSON has.
    pub(crate) const JSON: Self = Self(0b11);

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Tells whether a whole number is among the types.
    pub(crate) fn has_integers(self) -> bool {
        self.0 & !Self::FLOATS.0 != 0
    }

    /// The first type. `None` where there is none, or where a sign may be either separator, and `delimiter` does not
    /// tell: who delimits by commas has points in decimals.
    pub(crate) fn unambiguous(self, delimiter: u8) -> Option<NumberType> {
        let mut types = (0..STYLES.len() as u8).flat_map(|index| {
            let (_, int, float) = STYLES[usize::from(index)];
            [(false, int), (true, float)].map(|(float, bit)| (NumberType { float, style: NumberStyle(index) }, bit))
        });
        let (first, bit) = types.find(|(_, bit)| self.0 & bit != 0)?;
        let grouped_by_comma = matches!(bit, 0b100 | 0b1000);
        (!grouped_by_comma || self.0 & (1 << 4) == 0 || delimiter == b',').then_some(first)
    }

    /// The types of which a text is a number.
    pub(crate) fn of(text: &[u8]) -> Self {
        if !matches!(text.first(), Some(b'0'..=b'9' | b'-' | b'.' | b',')) || text.len() > LONGEST {
            return Self(0);
        }
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        let points = digits.iter().filter(|byte| **byte == b'.').count();
        let others = digits.iter().filter(|byte| !byte.is_ascii_digit()).count();
        // Without a sign, or with one point, most styles read a text in the same way.
        match (points, others) {
            (0, 0) => Self::of_plain(text, Self::ALL.0 & !Self::FLOATS.0, Self::FLOATS.0),
            (1, 1) => {
                let grouped = Self::in_styles(text, &STYLES[POINT_GROUPS..=POINT_GROUPS]);
                Self(Self::of_plain(text, 0, POINTS).0 | grouped.0)
            }
            _ => Self::in_styles(text, &STYLES),
        }
    }

    /// The types of which a text is a number, in some styles.
    fn in_styles(text: &[u8], styles: &[(Separators, u16, u16)]) -> Self {
        let mut found = 0;
        let mut buffer = [0; LONGEST];
        for (separators, int, float) in styles {
            let plain = if *separators == Separators::PLAIN { Some(text) } else { separators.plain(text, &mut buffer) };
            found |= plain.map_or(0, |plain| Self::of_plain(plain, *int, *float).0);
        }
        Self(found)
    }

    fn of_plain(plain: &[u8], int: u16, float: u16) -> Self {
        Self(if int64(plain).is_some() { int } else { 0 } | if float64(plain).is_some() { float } else { 0 })
    }
}

/// A whole number whose text says no more than its value: no leading zero, no plus sign.
#[inline]
pub(super) fn int64(text: &[u8]) -> Option<i64> {
    match sign(text) {
        (false, [b'0']) => Some(0),
        number @ (_, [b'1'..=b'9', ..]) => short_int64(number).or_else(|| lexical_core::parse(text).ok()),
        _ => None,
    }
}

/// Tells whether a whole number is a double without a loss.
#[inline]
pub(super) fn is_exact(value: i64) -> bool {
    value.unsigned_abs() <= EXACT
}

/// A number that is a double of which every digit survives. Whole numbers are such ones up to 2^53.
#[inline]
pub(super) fn float64(text: &[u8]) -> Option<f64> {
    let number = sign(text);
    match number.1 {
        [b'1'..=b'9', ..] | [b'0'] | [b'0', b'.', ..] => {}
        _ if is_strict(text) => {}
        _ => return None,
    }
    // Fifteen digits survive, and few numbers have more.
    short_float64(number).or_else(|| long_float64(text))
}

/// The same of a number with a longer text.
#[inline(never)]
fn long_float64(text: &[u8]) -> Option<f64> {
    let value: f64 = lexical_core::parse(text).ok()?;
    if text.len() <= KEPT_DIGITS && (1e-200..f64::INFINITY).contains(&value.abs()) {
        return Some(value);
    }
    (value.is_finite() && survives(text, value)).then_some(value)
}

/// Tells whether a number has no plus sign, no leading zero, and a digit before any exponent.
#[cold]
fn is_strict(text: &[u8]) -> bool {
    match text.strip_prefix(b"-").unwrap_or(text) {
        [b'0', b'0'..=b'9', ..] => false,
        digits => matches!(digits, [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..]),
    }
}

/// Tells whether a double has the digits of a text.
#[cold]
fn survives(text: &[u8], value: f64) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    // The shortest text of a double is what most programs write.
    if zmij::Buffer::new().format_finite(value.abs()).as_bytes() == text {
        return true;
    }
    let mantissa = text.split(|byte| matches!(byte, b'e' | b'E')).next().unwrap_or_default();
    let whole = mantissa.len() == text.len() && !mantissa.contains(&b'.');
    if whole {
        return value.abs() < EXACT as f64 || mantissa == EXACT.to_string().as_bytes();
    }
    let digits: Vec<u8> = mantissa.iter().copied().filter(u8::is_ascii_digit).collect();
    let significant = digits.iter().position(|digit| *digit != b'0').map_or(&[][..], |at| &digits[at..]);
    let kept = significant.iter().rposition(|digit| *digit != b'0').map_or(0, |at| at + 1);
    let significant = &significant[..kept];
    if significant.is_empty() {
        return value == 0.0;
    }
    let shown = format!("{:.*e}", kept - 1, value.abs());
    let shown = shown.split('e').next().unwrap_or_default();
    shown.bytes().filter(u8::is_ascii_digit).eq(significant.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> String {
        let numbers = Numbers::of(text.as_bytes());
        let mut names = Vec::new();
        for (separators, int, float) in &STYLES {
            for (bit, name) in [(int, 'i'), (float, 'f')] {
                if numbers.0 & bit != 0 {
                    let group = separators.thousands.map_or(String::new(), |sign| sign.to_string());
                    names.push(format!("{name}{}{group}", char::from(separators.decimal)));
                }
            }
        }
        names.join(" ")
    }

    proptest::proptest! {
        #[test]
        fn short_cuts_change_nothing(text in "-?[0-9.,]{0,5}[0-9]{0,4}[.]?[0-9]{0,4}(e3)?") {
            let text = text.as_bytes();
            let guarded = matches!(text.first(), Some(b'0'..=b'9' | b'-' | b'.' | b','));
            let expected = if guarded { Numbers::in_styles(text, &STYLES) } else { Numbers(0) };
            assert_eq!(Numbers::of(text), expected);
        }
    }

    #[test]
    fn types_of_texts() {
        let all = "i. f. i., f., f, i,. f,. i,  f,  f.  i.' f.'";
        let table = [
            ("0", all),
            ("-12", all),
            ("9007199254740992", all),
            ("9007199254740993", "i. i., i,. i,  i.'"),
            ("9223372036854775807", "i. i., i,. i,  i.'"),
            ("9223372036854775808", ""),
            ("1.5", "f. f., f.  f.'"),
            ("1.234", "f. f., i,. f,. f.  f.'"),
            ("1,234", "i., f., f, f,. f, "),
            ("1,5", "f, f,. f, "),
            ("0,500", "f, f,. f, "),
            ("1,234,567", "i., f.,"),
            ("1,234.50", "f.,"),
            ("1.234,50", "f,."),
            ("1.234.567", "i,. f,."),
            ("1 234", "i,  f,  f. "),
            ("1\u{a0}234,5", "f, "),
            ("1'234.5", "f.'"),
            ("1e3", "f. f., f, f,. f,  f.  f.'"),
            ("007", ""),
            ("+1", ""),
            ("-0", "f. f., f, f,. f,  f.  f.'"),
            ("-", ""),
            ("1.", "f. f., f.  f.'"),
            (".5", "f. f., f.  f.'"),
            ("1,2,3", ""),
            ("12,34", "f, f,. f, "),
            ("1e999", ""),
            ("1e-999", ""),
            ("12345678901234567890.12", ""),
            ("0.30000000000000004", "f. f., f.  f.'"),
            ("413.30000000000001", "f. f., f.  f.'"),
            ("0.1234567890123456789", ""),
            ("100000000000000000000", ""),
            ("1e20", "f. f., f, f,. f,  f.  f.'"),
            ("$5", ""),
            ("5%", ""),
            ("nan", ""),
        ];
        for (text, expected) in table {
            assert_eq!(names(text), expected, "{text:?}");
        }
    }

    #[test]
    fn implied_types_hold() {
        let texts = ["7", "1.5", "1.234", "1,234", "1,5", "1,234,567", "1.234,5", "1 234", "1 234.5", "1'234", "1e5"];
        for text in texts {
            let numbers = Numbers::of(text.as_bytes());
            let types =
                (0..7).flat_map(|style| [false, true].map(|float| NumberType { float, style: NumberStyle(style) }));
            for one in types {
                if one.is_in(numbers) {
                    assert_eq!(one.implied().0 & !numbers.0, 0, "{text:?} as {one:?}");
                }
            }
        }
    }

    #[test]
    fn ambiguous_signs() {
        let first = |text: &str, delimiter| Numbers::of(text.as_bytes()).unambiguous(delimiter);
        assert_eq!(first("1,234", b';'), None);
        assert_eq!(first("1,234", b',').map(|found| (found.float, found.style.0)), Some((false, 1)));
        assert_eq!(first("1,5", b';').map(|found| (found.float, found.style.0)), Some((true, 2)));
        assert_eq!(first("1.234", b';'), Some(NumberType::FLOAT64));
        assert_eq!(first("x", b';'), None);
    }
}
