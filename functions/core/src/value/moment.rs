//! Dates and timestamps: the layouts of dates, the time of day, and formats that a dataset names.
//!
//! The calendar is jiff's. What stands here is what one pass over a text needs: all layouts in which it could
//! be a date, and the time of day in any of the usual ways.

mod date_parts;
mod format;
mod layout;
mod time_of_day;

pub(crate) use date_parts::MONTHS;
pub(crate) use format::MomentFormat;
pub(super) use layout::{DateLayout, DateLayouts};

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use date_parts::DateParts;

/// 1970-01-01.
const EPOCH: Date = Date::constant(1970, 1, 1);

const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

/// Days since 1970-01-01.
fn days(date: Date) -> i32 {
    // From year 1 to 9999 these are under 4 million.
    (date.duration_since(EPOCH).as_hours() / 24) as i32
}

/// Days since 1970-01-01 of a text in this layout.
pub(super) fn date(text: &[u8], layout: DateLayout) -> Option<i32> {
    let parts = DateParts::of(text).filter(|parts| parts.end == text.len())?;
    layout.date(&parts).map(days)
}

/// Microseconds since 1970-01-01T00:00:00Z of a date in this layout, with or without a time of day.
/// A time without a zone is one of UTC. Fractions of a microsecond are cut, before 1970 as after it.
pub(super) fn timestamp(text: &[u8], layout: DateLayout) -> Option<i64> {
    let parts = DateParts::of(text)?;
    let midnight = i64::from(days(layout.date(&parts)?)) * MICROSECONDS_A_DAY;
    match &text[parts.end..] {
        [] => Some(midnight),
        rest => time_of_day::microseconds(rest, layout.is_compact()).map(|time| midnight + time),
    }
}

/// The layouts in which a text is a date, or a date with a time of day, and whether it has a time.
pub(crate) fn layouts(text: &[u8]) -> Option<(DateLayouts, bool)> {
    let parts = DateParts::of(text)?;
    let layouts = DateLayouts::of(&parts);
    let rest = &text[parts.end..];
    if layouts.is_empty() {
        return None;
    }
    let compact = layouts == DateLayouts::only(DateLayout::COMPACT);
    match rest {
        // Eight digits alone are a number.
        [] => (!compact).then_some((layouts, false)),
        _ => time_of_day::microseconds(rest, compact).map(|_| (layouts, true)),
    }
}

/// The ISO 8601 text of a date given as days since 1970-01-01.
pub fn date_text(days: i32) -> String {
    EPOCH
        .checked_add(SignedDuration::from_hours(i64::from(days) * 24))
        .map_or_else(|_| days.to_string(), |date| date.to_string())
}

/// The ISO 8601 text, in UTC, of a timestamp given as microseconds since 1970-01-01T00:00:00Z.
pub fn timestamp_text(microseconds: i64) -> String {
    DateTime::from_parts(EPOCH, jiff::civil::Time::midnight())
        .checked_add(SignedDuration::from_micros(microseconds))
        .map_or_else(|_| microseconds.to_string(), |moment| format!("{moment}Z"))
}

#[cfg(test)]
mod tests;
