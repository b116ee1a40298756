//! The page's sections of outputs that it does not know: any JSON, up to a bounded size.

use maud::{Markup, html};
use serde_json::Value;

use crate::escape::printable;
use crate::numbers::count;

/// Values of a list, or of an object, that are shown.
const ITEMS: usize = 50;

/// Any JSON: names with values as a list, lists as lists, everything else as text.
pub(super) fn value(value: &Value) -> Markup {
    html! {
        @match value {
            Value::Object(fields) => {
                dl.values {
                    @for (name, found) in fields.iter().take(ITEMS) {
                        div { dt { bdi { (printable(name)) } } dd { (self::value(found)) } }
                    }
                }
                (beyond(fields.len()))
            }
            Value::Array(items) => {
                ol { @for item in items.iter().take(ITEMS) { li { (self::value(item)) } } }
                (beyond(items.len()))
            }
            Value::String(text) => { bdi { (printable(text)) } }
            Value::Null => { span.quiet { "–" } }
            Value::Number(number) => { (number.as_u64().map_or_else(|| number.to_string(), count)) }
            Value::Bool(truth) => { (truth) }
        }
    }
}

fn beyond(found: usize) -> Markup {
    html! { @if found > ITEMS { p.quiet { "and " (count((found - ITEMS) as u64)) " more in report.json" } } }
}

#[cfg(test)]
mod tests {
    use super::*;

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
