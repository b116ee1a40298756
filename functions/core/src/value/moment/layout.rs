//! The layouts of dates: which part is the year, the month and the day.

use std::fmt;

use jiff::civil::Date;

use super::date_parts::{DateParts, MonthName, Shape, YearDigits};

/// The order of a date's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    YearMonthDay,
    DayMonthYear,
    MonthDayYear,
}

use Order::{DayMonthYear as Dmy, MonthDayYear as Mdy, YearMonthDay as Ymd};

/// One layout: its format, in the directives of `strftime`, and how its parts stand.
struct Entry {
    format: &'static str,
    shape: Shape,
    order: Order,
    name: Option<MonthName>,
}

const fn numbers(format: &'static str, shape: Shape, order: Order) -> Entry {
    Entry { format, shape, order, name: None }
}

const fn named(format: &'static str, shape: Shape, order: Order, name: MonthName) -> Entry {
    Entry { format, shape, order, name: Some(name) }
}

const FOUR: YearDigits = YearDigits::Four;
const TWO: YearDigits = YearDigits::Two;
const SHORT: MonthName = MonthName::Short;
const LONG: MonthName = MonthName::Long;

/// All layouts. Where a text fits several that mean the same, the first one counts.
const LAYOUTS: [Entry; 40] = [
    numbers("%Y-%m-%d", Shape::YearFirst(b'-'), Ymd),
    numbers("%Y/%m/%d", Shape::YearFirst(b'/'), Ymd),
    numbers("%Y.%m.%d", Shape::YearFirst(b'.'), Ymd),
    numbers("%d-%m-%Y", Shape::YearLast(b'-'), Dmy),
    numbers("%d/%m/%Y", Shape::YearLast(b'/'), Dmy),
    numbers("%d.%m.%Y", Shape::YearLast(b'.'), Dmy),
    numbers("%m-%d-%Y", Shape::YearLast(b'-'), Mdy),
    numbers("%m/%d/%Y", Shape::YearLast(b'/'), Mdy),
    numbers("%m.%d.%Y", Shape::YearLast(b'.'), Mdy),
    numbers("%d-%m-%y", Shape::Short(b'-'), Dmy),
    numbers("%d/%m/%y", Shape::Short(b'/'), Dmy),
    numbers("%d.%m.%y", Shape::Short(b'.'), Dmy),
    numbers("%m-%d-%y", Shape::Short(b'-'), Mdy),
    numbers("%m/%d/%y", Shape::Short(b'/'), Mdy),
    numbers("%m.%d.%y", Shape::Short(b'.'), Mdy),
    numbers("%y-%m-%d", Shape::Short(b'-'), Ymd),
    numbers("%y/%m/%d", Shape::Short(b'/'), Ymd),
    numbers("%y.%m.%d", Shape::Short(b'.'), Ymd),
    numbers("%Y%m%d", Shape::Compact, Ymd),
    named("%d %b %Y", Shape::DayName(b' ', FOUR), Dmy, SHORT),
    named("%d-%b-%Y", Shape::DayName(b'-', FOUR), Dmy, SHORT),
    named("%d/%b/%Y", Shape::DayName(b'/', FOUR), Dmy, SHORT),
    named("%d.%b.%Y", Shape::DayName(b'.', FOUR), Dmy, SHORT),
    named("%d %B %Y", Shape::DayName(b' ', FOUR), Dmy, LONG),
    named("%d-%B-%Y", Shape::DayName(b'-', FOUR), Dmy, LONG),
    named("%d/%B/%Y", Shape::DayName(b'/', FOUR), Dmy, LONG),
    named("%d.%B.%Y", Shape::DayName(b'.', FOUR), Dmy, LONG),
    named("%d %b %y", Shape::DayName(b' ', TWO), Dmy, SHORT),
    named("%d-%b-%y", Shape::DayName(b'-', TWO), Dmy, SHORT),
    named("%d/%b/%y", Shape::DayName(b'/', TWO), Dmy, SHORT),
    named("%d %B %y", Shape::DayName(b' ', TWO), Dmy, LONG),
    named("%d-%B-%y", Shape::DayName(b'-', TWO), Dmy, LONG),
    named("%b %d, %Y", Shape::NameDay { comma: true }, Mdy, SHORT),
    named("%B %d, %Y", Shape::NameDay { comma: true }, Mdy, LONG),
    named("%b %d %Y", Shape::NameDay { comma: false }, Mdy, SHORT),
    named("%B %d %Y", Shape::NameDay { comma: false }, Mdy, LONG),
    named("%Y-%b-%d", Shape::YearName(b'-'), Ymd, SHORT),
    named("%Y-%B-%d", Shape::YearName(b'-'), Ymd, LONG),
    named("%Y/%b/%d", Shape::YearName(b'/'), Ymd, SHORT),
    named("%d%b%Y", Shape::Joined, Dmy, SHORT),
];

/// A layout of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateLayout(u8);

impl fmt::Display for DateLayout {
    /// The format, in the directives of `strftime`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry().format)
    }
}

impl DateLayout {
    /// `2024-01-31`, as ISO 8601 has it.
    pub(crate) const ISO: Self = Self(0);

    /// `20240131`, as ISO 8601 has it in its basic format. Only with a time of day is it told from a number.
    pub(super) const COMPACT: Self = Self(18);

    /// All layouts.
    fn all() -> impl Iterator<Item = Self> {
        (0..LAYOUTS.len() as u8).map(Self)
    }

    /// The layout with which a format begins, and the rest of the format.
    pub(super) fn at_start_of(format: &str) -> Option<(Self, &str)> {
        Self::all().find_map(|layout| Some((layout, format.strip_prefix(layout.entry().format)?)))
    }

    fn entry(self) -> &'static Entry {
        &LAYOUTS[usize::from(self.0)]
    }

    pub(super) fn is_compact(self) -> bool {
        self == Self::COMPACT
    }

    /// The date that these parts are in this layout.
    #[inline]
    pub(super) fn date(self, parts: &DateParts) -> Option<Date> {
        let Entry { shape, order, name, .. } = self.entry();
        if *shape != parts.shape {
            return None;
        }
        match (name, parts.name) {
            (None, None) | (_, Some(MonthName::Both)) => {}
            (known, found) if *known == found => {}
            _ => return None,
        }
        let [first, second, third] = parts.numbers;
        let [first_digits, _, third_digits] = parts.digits;
        let (year, month, day, digits) = match order {
            Ymd => (first, second, third, first_digits),
            Dmy => (third, second, first, third_digits),
            Mdy => (third, first, second, third_digits),
        };
        let year = match digits {
            4 => year,
            // The rule of POSIX: 69 is 1969, and 68 is 2068.
            2 if year < 69 => 2000 + year,
            2 => 1900 + year,
            _ => return None,
        };
        if year == 0 {
            return None;
        }
        Date::new(year as i16, month as i8, day as i8).ok()
    }
}

/// A set of layouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct DateLayouts(pub(crate) u64);

impl DateLayouts {
    /// All layouts.
    pub(crate) const ALL: Self = Self((1 << LAYOUTS.len()) - 1);

    /// One layout.
    pub(crate) fn only(layout: DateLayout) -> Self {
        Self(1 << layout.0)
    }

    /// The layouts in which these parts are a date.
    pub(super) fn of(parts: &DateParts) -> Self {
        DateLayout::all()
            .filter(|layout| layout.date(parts).is_some())
            .fold(Self(0), |all, one| Self(all.0 | 1 << one.0))
    }

    pub(crate) fn has(self, layout: DateLayout) -> bool {
        self.0 & (1 << layout.0) != 0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The first layout, where all of them read the parts in the same order.
    pub(crate) fn unambiguous(self) -> Option<DateLayout> {
        let mut layouts = DateLayout::all().filter(|layout| self.has(*layout));
        let first = layouts.next()?;
        layouts.all(|other| other.entry().order == first.entry().order).then_some(first)
    }

    /// The formats of the layouts.
    pub(crate) fn formats(self) -> impl Iterator<Item = &'static str> {
        DateLayout::all().filter(move |layout| self.has(*layout)).map(|layout| layout.entry().format)
    }
}
