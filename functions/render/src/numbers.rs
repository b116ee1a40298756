//! The one way in which numbers are written for a person.

use fanout_core::ColumnType;
use fanout_core::message::Figure;

use crate::escape::printable;

/// Magnitudes that are written without an exponent.
const PLAIN: std::ops::Range<f64> = 1e-4..1e15;

/// A number in six significant digits, or without a fraction where it has more before its point, for a person.
pub(crate) fn short(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !PLAIN.contains(&magnitude) {
        return format!("{value:.5e}");
    }
    let whole_digits = if magnitude < 1.0 { 1 } else { magnitude.log10() as usize + 1 };
    let text = format!("{value:.digits$}", digits = 6 - whole_digits.min(6));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A number with its digits in groups of three.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A double in few digits, those before its point in groups of three.
pub(crate) fn number(value: f64) -> String {
    grouped(&short(value))
}

/// A number in decimal notation with the digits before its point in groups of three.
fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    match digits[..end].parse() {
        Ok(whole) => format!("{sign}{}{}", count(whole), &digits[end..]),
        Err(_) => text.to_owned(),
    }
}

/// A number and its noun: `1 record`, `2 records`.
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A time in the units that suit it.
pub fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..10 => format!("{:.2} s", milliseconds as f64 / 1e3),
        10..60 => format!("{:.1} s", milliseconds as f64 / 1e3),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", count(seconds / 3600), seconds % 3600 / 60),
    }
}

/// The bytes of a second.
pub fn rate(bytes_done: u64, milliseconds: u64) -> String {
    let second = bytes_done as f64 * 1e3 / milliseconds.max(1) as f64;
    format!("{}/s", bytes(second as u64))
}

/// A size in the unit that suits it.
pub fn bytes(size: u64) -> String {
    let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    match units.into_iter().find(|(_, unit)| size as f64 >= *unit) {
        Some((name, unit)) => format!("{} {name}", rounded(size as f64 / unit)),
        None => format!("{size} B"),
    }
}

/// Three significant digits of a number below 1,000 or so.
fn rounded(value: f64) -> String {
    if value >= 99.95 { format!("{value:.0}") } else { format!("{value:.1}") }
}

/// A share as a percentage.
pub(crate) fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        percent if percent < 0.1 => "< 0.1 %".to_owned(),
        percent => format!("{percent:.1} %"),
    }
}

/// A figure of a column.
pub(crate) fn figure(figure: &Figure) -> String {
    match figure {
        Figure::Boolean(value) => value.to_string(),
        Figure::Integer(value) if *value < 0 => format!("-{}", count(value.unsigned_abs())),
        Figure::Integer(value) => count(value.unsigned_abs()),
        Figure::Float(value) => number(*value),
        Figure::Text(text) if text.is_empty() => "empty text".to_owned(),
        Figure::Text(text) => printable(text),
    }
}

/// A value of a column with all its digits: nothing of it is rounded.
pub(crate) fn exact(figure: &Figure, column_type: ColumnType) -> String {
    match figure {
        Figure::Float(value) if *value == 0.0 || PLAIN.contains(&value.abs()) => grouped(&value.to_string()),
        Figure::Float(value) => format!("{value:e}"),
        Figure::Text(digits) if matches!(column_type, ColumnType::Decimal { .. }) => grouped(&printable(digits)),
        other => self::figure(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_sizes_and_shares() {
        assert_eq!([0, 7, 999, 1000, 1_234_567].map(count), ["0", "7", "999", "1,000", "1,234,567"]);
        assert_eq!([5, 1500, 99_960_000, 2_000_000_000].map(bytes), ["5 B", "1.5 kB", "100 MB", "2.0 GB"]);
        assert_eq!([0.0, 0.0005, 0.5].map(percent), ["0 %", "< 0.1 %", "50.0 %"]);
        assert_eq!([0.5, -15_000.0, 1234.5, 1e300].map(number), ["0.5", "-15,000", "1,234.5", "1.00000e300"]);
        assert_eq!(figure(&Figure::Text(String::new())), "empty text");
        assert_eq!(figure(&Figure::Integer(i64::MIN)), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn nouns_times_and_rates() {
        assert_eq!([0, 1, 2000].map(|number| counted(number, "record")), ["0 records", "1 record", "2,000 records"]);
        let times = [4, 9_999, 12_345, 133_000, 3_725_000].map(duration);
        assert_eq!(times, ["0.00 s", "10.00 s", "12.3 s", "2 min 13 s", "1 h 02 min"]);
        assert_eq!([rate(55_000_000, 500), rate(10, 0)], ["110 MB/s", "10.0 kB/s"]);
    }

    #[test]
    fn nothing_of_a_value_is_rounded() {
        let decimal = ColumnType::Decimal { precision: 38, scale: 2 };
        let table = [
            (Figure::Float(19_999.97), ColumnType::Float64, "19,999.97"),
            (Figure::Float(-179.603_123), ColumnType::Float64, "-179.603123"),
            (Figure::Float(0.1 + 0.2), ColumnType::Float64, "0.30000000000000004"),
            (Figure::Float(1e300), ColumnType::Float64, "1e300"),
            (Figure::Float(-0.0), ColumnType::Float64, "-0"),
            (Figure::Float(2.5e-9), ColumnType::Float64, "2.5e-9"),
            (Figure::Integer(-1000), ColumnType::Int64, "-1,000"),
            (Figure::Text("-1234567.50".into()), decimal, "-1,234,567.50"),
            (Figure::Text("99999999999999999999999999".into()), decimal, "99999999999999999999999999"),
            (Figure::Text("2024".into()), ColumnType::String, "2024"),
        ];
        for (figure, column_type, text) in table {
            assert_eq!(exact(&figure, column_type), text);
        }
    }

    #[test]
    fn six_digits() {
        let table = [
            (0.0, "0"),
            (1.5, "1.5"),
            (-1234.5, "-1234.5"),
            (100.0, "100"),
            (1e10, "10000000000"),
            (9_892_520.4, "9892520"),
            (0.25, "0.25"),
            (123_456.789, "123457"),
            (1e-9, "1.00000e-9"),
            (1e300, "1.00000e300"),
        ];
        for (value, text) in table {
            assert_eq!(short(value), text);
        }
    }
}
