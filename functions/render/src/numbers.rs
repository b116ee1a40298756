//! The one way in which numbers are written for a person.

use fanout_core::message::Figure;

use crate::escape::printable;

/// A number in six significant digits, for a person.
pub(crate) fn short(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e6).contains(&magnitude) {
        return format!("{value:.5e}");
    }
    let whole_digits = if magnitude < 1.0 { 1 } else { magnitude.log10() as usize + 1 };
    let text = format!("{value:.digits$}", digits = 6 - whole_digits.min(6));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A number with its digits in groups of three.
pub(crate) fn count(number: u64) -> String {
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
    let text = short(value);
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    match digits[..end].parse() {
        Ok(whole) => format!("{sign}{}{}", count(whole), &digits[end..]),
        Err(_) => text,
    }
}

/// A size in the unit that suits it.
pub(crate) fn bytes(size: u64) -> String {
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
        Figure::Text(text) => printable(text),
    }
}

/// A figure that is known exactly, in all its digits.
pub(crate) fn exact(value: &Figure) -> String {
    match value {
        Figure::Float(value) if (1e-4..1e15).contains(&value.abs()) => grouped(&value.to_string()),
        Figure::Text(text) if is_decimal(text) => grouped(text),
        _ => figure(value),
    }
}

/// Tells whether a text is a decimal number in digits.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.matches('.').count() <= 1
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Writes the digits before the point of a number in groups of three.
fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let end = digits.find('.').unwrap_or(digits.len());
    match digits[..end].parse() {
        Ok(whole) => format!("{sign}{}{}", count(whole), &digits[end..]),
        Err(_) => text.to_owned(),
    }
}

/// A number with its noun: `1 record`, `2 records`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// Milliseconds in the unit that suits them.
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..120_000 => format!("{} s", short((ms as f64 / 1e3 * 100.0).round() / 100.0)),
        _ => {
            let seconds = ms / 1000;
            match seconds / 3600 {
                0 => format!("{} min {} s", seconds / 60, seconds % 60),
                hours => format!("{hours} h {} min", seconds % 3600 / 60),
            }
        }
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
        assert_eq!(figure(&Figure::Integer(i64::MIN)), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn exact_figures_keep_their_digits() {
        let table = [
            (Figure::Float(19_999.97), "19,999.97"),
            (Figure::Float(-0.000_25), "-0.00025"),
            (Figure::Float(1e-9), "1.00000e-9"),
            (Figure::Text("-1234567.50".into()), "-1,234,567.50"),
            (Figure::Text("2024-01-02".into()), "2024-01-02"),
            (Figure::Text("99999999999999999999.5".into()), "99999999999999999999.5"),
            (Figure::Text("1.2.3".into()), "1.2.3"),
        ];
        for (figure, text) in table {
            assert_eq!(exact(&figure), text);
        }
    }

    #[test]
    fn durations() {
        let table =
            [(7, "7 ms"), (1490, "1.49 s"), (119_999, "120 s"), (125_000, "2 min 5 s"), (7_260_000, "2 h 1 min")];
        for (ms, text) in table {
            assert_eq!(duration(ms), text);
        }
    }

    #[test]
    fn six_digits() {
        let table = [
            (0.0, "0"),
            (1.5, "1.5"),
            (-1234.5, "-1234.5"),
            (100.0, "100"),
            (1e10, "1.00000e10"),
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
