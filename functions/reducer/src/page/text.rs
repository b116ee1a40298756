use fanout_core::message::Figure;
use fanout_core::short;
use maud::{Markup, html};
use serde_json::Value;

/// Values of a list, or of an object, that are shown.
const SHOWN: usize = 50;

/// A text from data with its control characters as escapes: it can't hide what it is.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || turns(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Whether a character changes the direction of those after it (Unicode, Bidi_Control).
fn turns(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A number with its digits in groups of three.
pub(super) fn count(number: u64) -> String {
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
pub(super) fn number(value: f64) -> String {
    let text = short(value);
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    match digits[..end].parse() {
        Ok(whole) => format!("{sign}{}{}", count(whole), &digits[end..]),
        Err(_) => text,
    }
}

/// A size in the unit that suits it.
pub(super) fn bytes(size: u64) -> String {
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
pub(super) fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        percent if percent < 0.1 => "< 0.1 %".to_owned(),
        percent => format!("{percent:.1} %"),
    }
}

/// A figure of a column.
pub(super) fn figure(figure: &Figure) -> String {
    match figure {
        Figure::Boolean(value) => value.to_string(),
        Figure::Integer(value) if *value < 0 => format!("-{}", count(value.unsigned_abs())),
        Figure::Integer(value) => count(value.unsigned_abs()),
        Figure::Float(value) => number(*value),
        Figure::Text(text) => shown(text),
    }
}

/// Any JSON: names with values as a list, lists as lists, everything else as text.
pub(super) fn value(value: &Value) -> Markup {
    html! {
        @match value {
            Value::Object(fields) => {
                dl.values {
                    @for (name, found) in fields.iter().take(SHOWN) {
                        div { dt { bdi { (shown(name)) } } dd { (self::value(found)) } }
                    }
                }
                (beyond(fields.len()))
            }
            Value::Array(items) => {
                ol { @for item in items.iter().take(SHOWN) { li { (self::value(item)) } } }
                (beyond(items.len()))
            }
            Value::String(text) => { bdi { (shown(text)) } }
            Value::Null => { span.quiet { "–" } }
            Value::Number(number) => { (number.as_u64().map_or_else(|| number.to_string(), count)) }
            Value::Bool(truth) => { (truth) }
        }
    }
}

fn beyond(found: usize) -> Markup {
    html! { @if found > SHOWN { p.quiet { "and " (count((found - SHOWN) as u64)) " more in report.json" } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts() {
        assert_eq!([0, 7, 999, 1000, 1_234_567].map(count), ["0", "7", "999", "1,000", "1,234,567"]);
        assert_eq!([5, 1500, 99_960_000, 2_000_000_000].map(bytes), ["5 B", "1.5 kB", "100 MB", "2.0 GB"]);
        assert_eq!([0.0, 0.0005, 0.5].map(percent), ["0 %", "< 0.1 %", "50.0 %"]);
        assert_eq!([0.5, -15_000.0, 1234.5, 1e300].map(number), ["0.5", "-15,000", "1,234.5", "1.00000e300"]);
        assert_eq!(figure(&Figure::Integer(i64::MIN)), "-9,223,372,036,854,775,808");
        assert_eq!(shown("a\x1b[2J\nb\u{202e}"), "a\\u{1b}[2J\\nb\\u{202e}");
    }

    #[test]
    fn sections_of_any_shape_are_text() {
        let found = serde_json::json!({"<b>": [1000, null, true, "</dl><script>"], "deep": {"x": -1.5}});
        let text = value(&found).into_string();
        assert!(text.contains("&lt;b&gt;") && text.contains("1,000") && text.contains("-1.5"), "{text}");
        assert!(!text.contains("<script>") && !text.contains("<b>"), "{text}");
        let many: Vec<u8> = vec![1; 60];
        assert!(value(&serde_json::json!(many)).into_string().contains("and 10 more in report.json"));
    }
}
