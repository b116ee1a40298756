//! Moments as Ion writes them, in backticks: `` `2017T` ``, `` `2017-01-02T03:04Z` ``. Their offset from UTC is known
//! where they are written; a column has moments in UTC.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Ident, Value};

use super::{Made, made};

/// A moment in words of its own place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    /// Its date and time there: `2017-01-02T03:04:05.006`.
    pub(super) local: String,
    /// Minutes that its place is ahead of UTC.
    pub(super) offset: i32,
}

impl Moment {
    /// Reads a moment: a year and `T` at least. `None` where the text is something else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let digits = |text: &str, number: usize| text.len() == number && text.bytes().all(|byte| byte.is_ascii_digit());
        let mut fields = date.split('-');
        let year = fields.next().filter(|year| digits(year, 4))?;
        let month = fields.next().unwrap_or("01");
        let day = fields.next().unwrap_or("01");
        if fields.next().is_some() || !digits(month, 2) || !digits(day, 2) {
            return None;
        }
        let time = time.trim_end_matches('Z');
        let (time, offset) = match time.rfind(['+', '-']) {
            Some(place) => (&time[..place], minutes(&time[place..])?),
            None => (time, 0),
        };
        let time = match time.len() {
            0 => "00:00:00".to_owned(),
            5 => format!("{time}:00"),
            _ => time.to_owned(),
        };
        let known = time.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
        known.then(|| Self { local: format!("{year}-{month}-{day}T{time}"), offset })
    }

    /// The offset, as `+08:00`.
    pub(super) fn zone(&self, colon: &str) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let (hours, minutes) = (self.offset.abs() / 60, self.offset.abs() % 60);
        format!("{sign}{hours:02}{colon}{minutes:02}")
    }

    /// The moment itself, in UTC.
    pub(super) fn literal(&self) -> String {
        format!("CAST('{}{}' AS TIMESTAMP(6))", self.local, self.zone(":"))
    }

    /// The date and time of its place, as if these were UTC.
    pub(super) fn local_literal(&self) -> String {
        format!("CAST('{}' AS TIMESTAMP(6))", self.local)
    }
}

/// The minutes of an offset as `+08:00`.
fn minutes(text: &str) -> Option<i32> {
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let minutes = hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?;
    Some(if sign == "-" { -minutes } else { minutes })
}

/// The moment that an expression is: a name in backticks, or a text that only Ion reads; `None` where it is another one.
pub(super) fn written(expr: &Expr) -> Option<Moment> {
    match expr {
        Expr::Identifier(ident) if ident.quote_style == Some('`') => Moment::read(&ident.value),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Moment::read(text),
            _ => None,
        },
        _ => None,
    }
}

/// The moment that stands in backticks; `None` where it is a column, or another name.
pub(crate) fn moment(ident: &Ident, columns: &[String]) -> Option<Made<Expr>> {
    if ident.quote_style != Some('`') || columns.contains(&ident.value) {
        return None;
    }
    let found = made(&Moment::read(&ident.value)?.literal());
    Some(match found {
        ControlFlow::Continue(Some(expr)) => ControlFlow::Continue(expr),
        ControlFlow::Continue(None) => ControlFlow::Continue(Expr::Identifier(ident.clone())),
        ControlFlow::Break(error) => ControlFlow::Break(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let table = [
            ("2010T", "2010-01-01T00:00:00", "+00:00"),
            ("2010-05T", "2010-05-01T00:00:00", "+00:00"),
            ("2010-01-01T23:00", "2010-01-01T23:00:00", "+00:00"),
            ("2017-01-02T03:04Z", "2017-01-02T03:04:00", "+00:00"),
            ("2017-01-02T03:04:05.006Z", "2017-01-02T03:04:05.006", "+00:00"),
            ("2017-01-02T03:04:05+07:08", "2017-01-02T03:04:05", "+07:08"),
            ("2007-02-23T12:14:33.079-08:00", "2007-02-23T12:14:33.079", "-08:00"),
        ];
        for (text, local, zone) in table {
            let found = Moment::read(text).unwrap();
            assert_eq!((found.local.as_str(), found.zone(":").as_str()), (local, zone), "{text}");
        }
        for text in ["2010", "Total", "20T", "2010-1T", "2010-01-01Tx", "2010-01-01T03:04+0700"] {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }
}
