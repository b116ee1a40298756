//! The format of dates and timestamps that a dataset names.

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::Offset;

use super::{DateLayout, days};

/// The ways of writing the time of day that need no format of their own: any time is read after a known date.
const TIMES: [&str; 12] = [
    "",
    "%H:%M",
    "%H:%M:%S",
    "%H:%M:%S%.f",
    "%I:%M %p",
    "%I:%M:%S %p",
    "%I:%M:%S%.f %p",
    "%T",
    "%R",
    "%T%.f",
    "%H:%M:%S.%f",
    "%H%M%S",
];

/// A format of dates or timestamps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MomentFormat {
    /// A known layout of the date. A time of day follows it in any way.
    Layout(DateLayout),
    /// Any format of jiff's `strptime`.
    Pattern(String),
}

impl MomentFormat {
    /// The format that a dataset writes in the directives of `strftime`.
    pub(crate) fn of(format: &str) -> Self {
        if let Some((layout, rest)) = DateLayout::at_start_of(format) {
            let zone = ["%z", "%:z", "Z"].iter().find_map(|zone| rest.strip_suffix(zone)).unwrap_or(rest);
            let time = zone.trim_end().trim_start_matches([' ', 'T']);
            if TIMES.contains(&time) && (rest.is_empty() || rest.starts_with([' ', 'T'])) {
                return MomentFormat::Layout(layout);
            }
        }
        MomentFormat::Pattern(format.to_owned())
    }

    /// Refuses a format in which no date can be read.
    pub(crate) fn validate(format: &str) -> Result<(), String> {
        let example = DateTime::constant(2004, 12, 25, 13, 14, 15, 0);
        let Self::Pattern(pattern) = Self::of(format) else { return Ok(()) };
        let zoned = example.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| error.to_string())?;
        let text = jiff::fmt::strtime::format(&pattern, &zoned).map_err(|error| error.to_string())?;
        let parsed = BrokenDownTime::parse(&pattern, &text).and_then(|parts| parts.to_date());
        match parsed {
            Ok(date) if date == example.date() => Ok(()),
            Ok(date) => Err(format!("it reads 2004-12-25, written as {text:?}, as {date}")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Days since 1970-01-01.
    pub(crate) fn date(&self, text: &[u8]) -> Option<i32> {
        match self {
            MomentFormat::Layout(layout) => super::date(text, *layout),
            MomentFormat::Pattern(pattern) => {
                Some(days(BrokenDownTime::parse(pattern, text).ok()?.to_date().ok()?)).filter(|_| !leaps(text))
            }
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn timestamp(&self, text: &[u8]) -> Option<i64> {
        match self {
            MomentFormat::Layout(layout) => super::timestamp(text, *layout),
            MomentFormat::Pattern(pattern) => {
                let parts = BrokenDownTime::parse(pattern, text).ok().filter(|_| !leaps(text))?;
                let offset = parts.offset().unwrap_or(Offset::UTC);
                let since = parts.to_datetime().ok()?.duration_since(super::EPOCH.at(0, 0, 0, 0));
                let nanoseconds = since.as_nanos() - i128::from(offset.seconds()) * 1_000_000_000;
                i64::try_from(nanoseconds.div_euclid(1000)).ok()
            }
        }
    }
}

/// Tells whether a text may have a 60th second, which jiff takes for the 59th.
fn leaps(text: &[u8]) -> bool {
    text.ends_with(b"60") || text.windows(3).any(|part| part == b":60")
}
