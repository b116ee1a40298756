//! The place of a figure on the line of numbers, so that figures of any type can be compared.

use fanout_core::message::Figure;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

/// Returns the place of a figure: a number as itself, a date in days, a timestamp in microseconds. Texts and booleans
/// have none.
pub(crate) fn place(figure: &Figure) -> Option<f64> {
    match figure {
        Figure::Integer(value) => Some(*value as f64),
        Figure::Float(value) => Some(*value),
        Figure::Boolean(_) => None,
        Figure::Text(text) => place_of_text(text),
    }
}

/// Returns the place of a value that stands as text.
pub(crate) fn place_of_text(text: &str) -> Option<f64> {
    let number = || text.parse::<f64>().ok().filter(|number| number.is_finite());
    // A date is a timestamp's beginning: the longer one comes first.
    let timestamp = || text.parse::<Timestamp>().ok().map(|time| time.as_microsecond() as f64);
    let days = |date: Date| date.duration_since(Date::constant(1970, 1, 1)).as_secs() as f64 / 86_400.0;
    let date = || text.parse::<Date>().ok().or_else(|| text.parse::<DateTime>().ok().map(DateTime::date)).map(days);
    number().or_else(timestamp).or_else(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        let text = |text: &str| place(&Figure::Text(text.to_owned()));
        assert_eq!(text("1970-01-03"), Some(2.0));
        assert_eq!(text("1970-01-01T00:00:01Z"), Some(1e6));
        assert_eq!(text("1900-01-01 00:00:00"), Some(-25_567.0));
        assert_eq!(text("12.50"), Some(12.5));
        assert_eq!((text("a"), place(&Figure::Boolean(true))), (None, None));
        assert_eq!(place(&Figure::Integer(-3)), Some(-3.0));
    }
}
