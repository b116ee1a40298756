//! The parts of a date as they stand in a text, before anyone says which of them is the day.

/// The signs and the order in which the parts of a date stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `2024-01-31`: a year of four digits, and two numbers.
    YearFirst(u8),
    /// `31/01/2024`: two numbers, and a year of four digits.
    YearLast(u8),
    /// `31.01.24`: three numbers of at most two digits.
    Short(u8),
    /// `20240131`.
    Compact,
    /// `31-Jan-2024`.
    DayName(u8, YearDigits),
    /// `Jan 31, 2024`, or without the comma.
    NameDay {
        /// Tells whether there is a comma.
        comma: bool,
    },
    /// `2024-Jan-31`.
    YearName(u8),
    /// `31JAN2024`, as SAS writes it.
    Joined,
}

/// Digits of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum YearDigits {
    Two,
    Four,
}

/// The word for a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MonthName {
    /// Three letters.
    Short,
    /// The whole name.
    Long,
    /// May is both.
    Both,
}

/// The parts of a date at the beginning of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct DateParts {
    pub(super) shape: Shape,
    /// The numbers in their order; a month that is named is its number.
    pub(super) numbers: [u16; 3],
    /// The kind of the month's name, where it has one.
    pub(super) name: Option<MonthName>,
    /// The digits of each number, 0 of a name.
    pub(super) digits: [u8; 3],
    /// The position after the date.
    pub(super) end: usize,
}

/// A run of digits at a position: its value and its length, of at most eight digits.
#[inline]
fn digits(text: &[u8], at: usize) -> (u32, usize) {
    let mut value = 0;
    let mut length = 0;
    while let Some(byte @ b'0'..=b'9') = text.get(at + length) {
        if length == 8 {
            return (0, 9);
        }
        value = value * 10 + u32::from(byte - b'0');
        length += 1;
    }
    (value, length)
}

/// The names of months, in lower case.
pub(crate) const MONTHS: [&[u8]; 12] = [
    b"january",
    b"february",
    b"march",
    b"april",
    b"may",
    b"june",
    b"july",
    b"august",
    b"september",
    b"october",
    b"november",
    b"december",
];

/// The month whose name stands at a position: its number, the kind of name and the length.
fn month(text: &[u8], at: usize) -> Option<(u16, MonthName, usize)> {
    let rest = &text[at..];
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = &rest[..length];
    let index = MONTHS.iter().position(|name| {
        name.eq_ignore_ascii_case(word) || (length == 3 && name.len() > 3 && name[..3].eq_ignore_ascii_case(word))
    })?;
    let name = match length {
        3 if index == 4 => MonthName::Both,
        3 => MonthName::Short,
        _ => MonthName::Long,
    };
    Some((index as u16 + 1, name, length))
}

impl DateParts {
    /// The parts at the beginning of a text; `None` where it does not begin with a date.
    #[inline]
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        match text.first()? {
            b'0'..=b'9' => Self::with_digit(text),
            byte if byte.is_ascii_alphabetic() => Self::with_name(text),
            _ => None,
        }
    }

    fn with_digit(text: &[u8]) -> Option<Self> {
        let (first, length) = digits(text, 0);
        let sign = *text.get(length)?;
        match length {
            8 => Some(Self {
                shape: Shape::Compact,
                numbers: [(first / 10_000) as u16, (first / 100 % 100) as u16, (first % 100) as u16],
                name: None,
                digits: [4, 2, 2],
                end: 8,
            }),
            1 | 2 | 4 if matches!(sign, b'-' | b'/' | b'.') => {
                let at = length + 1;
                if text.get(at).is_some_and(u8::is_ascii_alphabetic) {
                    return Self::name_in_the_middle(text, first, length, sign);
                }
                let (second, second_length) = digits(text, at);
                let at = at + second_length;
                if !(1..=2).contains(&second_length) || text.get(at) != Some(&sign) {
                    return None;
                }
                let (third, third_length) = digits(text, at + 1);
                let shape = match (length, third_length) {
                    (4, 1 | 2) => Shape::YearFirst(sign),
                    (1 | 2, 4) => Shape::YearLast(sign),
                    (1 | 2, 1 | 2) => Shape::Short(sign),
                    _ => return None,
                };
                Some(Self {
                    shape,
                    numbers: [first as u16, second as u16, third as u16],
                    name: None,
                    digits: [length as u8, second_length as u8, third_length as u8],
                    end: at + 1 + third_length,
                })
            }
            1 | 2 if sign == b' ' => Self::name_in_the_middle(text, first, length, sign),
            1 | 2 if sign.is_ascii_alphabetic() => {
                let (month, name, name_length) = month(text, length)?;
                let (year, year_length) = digits(text, length + name_length);
                (year_length == 4 && name != MonthName::Long).then_some(Self {
                    shape: Shape::Joined,
                    numbers: [first as u16, month, year as u16],
                    name: Some(name),
                    digits: [length as u8, 0, 4],
                    end: length + name_length + 4,
                })
            }
            _ => None,
        }
    }

    /// `31-Jan-2024` or `2024-Jan-31`.
    fn name_in_the_middle(text: &[u8], first: u32, length: usize, sign: u8) -> Option<Self> {
        let (month, name, name_length) = month(text, length + 1)?;
        let at = length + 1 + name_length;
        (text.get(at) == Some(&sign)).then_some(())?;
        let (third, third_length) = digits(text, at + 1);
        let shape = match (length, third_length) {
            (1 | 2, 4) => Shape::DayName(sign, YearDigits::Four),
            (1 | 2, 2) => Shape::DayName(sign, YearDigits::Two),
            (4, 1 | 2) => Shape::YearName(sign),
            _ => return None,
        };
        Some(Self {
            shape,
            numbers: [first as u16, month, third as u16],
            name: Some(name),
            digits: [length as u8, 0, third_length as u8],
            end: at + 1 + third_length,
        })
    }

    /// `Jan 31, 2024`.
    fn with_name(text: &[u8]) -> Option<Self> {
        let (month, name, name_length) = month(text, 0)?;
        (text.get(name_length) == Some(&b' ')).then_some(())?;
        let (day, day_length) = digits(text, name_length + 1);
        let at = name_length + 1 + day_length;
        let comma = text.get(at) == Some(&b',');
        let at = at + usize::from(comma);
        (text.get(at) == Some(&b' ') && (1..=2).contains(&day_length)).then_some(())?;
        let (year, year_length) = digits(text, at + 1);
        (year_length == 4).then_some(Self {
            shape: Shape::NameDay { comma },
            numbers: [month, day as u16, year as u16],
            name: Some(name),
            digits: [0, day_length as u8, 4],
            end: at + 1 + year_length,
        })
    }
}
