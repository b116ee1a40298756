//! The place of a figure on the line of numbers, so that figures of any type can be compared.

use fanout_core::message::Figure;
use fanout_core::{Observed, observe};

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
    match observe(text.as_bytes()) {
        Observed::Int64(value) => Some(value as f64),
        Observed::Float64(value) => Some(value),
        Observed::Date(days) => Some(f64::from(days)),
        Observed::Timestamp(microseconds) => Some(microseconds as f64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        let text = |text: &str| place(&Figure::Text(text.to_owned()));
        assert_eq!(text("1970-01-03"), Some(2.0));
        assert_eq!(text("1970-01-01T00:00:01Z"), Some(1e6));
        assert_eq!(text("12.50"), Some(12.5));
        assert_eq!((text("a"), place(&Figure::Boolean(true))), (None, None));
        assert_eq!(place(&Figure::Integer(-3)), Some(-3.0));
    }
}
