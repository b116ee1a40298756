//! The things that were detected, in a line for a terminal.

use fanout_core::message::Evidence;

use crate::escape::printable;

/// Returns what was detected of an object in one line: `detected: semicolons, windows-1252, 2 lines before the
/// header`. Usual things are left out; the report has all of them with their reasons.
pub fn detected_line(evidence: &[Evidence]) -> String {
    let told: Vec<String> = evidence.iter().filter_map(in_words).collect();
    format!("detected: {}", if told.is_empty() { "UTF-8".to_owned() } else { told.join(", ") })
}

fn in_words(evidence: &Evidence) -> Option<String> {
    let value = printable(&evidence.value);
    Some(match evidence.what.as_str() {
        // Told by a sentence of its own.
        "resumed" => return None,
        "encoding" if value == "UTF-8" => return None,
        "encoding" | "format" | "columns" => value,
        "delimiter" if value.len() > 1 && !value.contains(' ') => format!("{value}s"),
        "delimiter" => format!("fields separated by {value}"),
        "skip_lines" => format!("{value} before the header"),
        "footer" => format!("{value} after the last record"),
        "header" if value == "none" => "no header".to_owned(),
        "header" if value == "first record" => "a header".to_owned(),
        "header" => format!("header: {value}"),
        "terminator" => format!("records that end with {value}"),
        "comment" => format!("comments after {value}"),
        "trailing delimiter" => format!("a delimiter {value}"),
        "trim" | "marks" => value,
        "late keys" => format!("keys after the samples: {value}"),
        "names" => format!("names that differ only by case: {value}"),
        what => match what.strip_prefix("type of ") {
            Some(name) if value == "string" => format!("{} left as text", printable(name)),
            Some(name) => format!("{} as {value}", printable(name)),
            None => format!("{what} {value}"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let line = |told: &[(&str, &str)]| {
            let evidence: Vec<Evidence> = told
                .iter()
                .map(|(what, value)| Evidence {
                    what: (*what).to_owned(),
                    value: (*value).to_owned(),
                    sentence: String::new(),
                })
                .collect();
            detected_line(&evidence)
        };
        let table: [(&[(&str, &str)], &str); 4] = [
            (
                &[("encoding", "UTF-8"), ("delimiter", "comma"), ("header", "first record")],
                "detected: commas, a header",
            ),
            (
                &[("encoding", "windows-1252"), ("delimiter", "semicolon"), ("skip_lines", "2 lines")],
                "detected: windows-1252, semicolons, 2 lines before the header",
            ),
            (&[("type of when", "date"), ("type of \u{1b}", "string")], "detected: when as date, \\u{1b} left as text"),
            (&[("delimiter", "byte 0x1f"), ("header", "none")], "detected: fields separated by byte 0x1f, no header"),
        ];
        for (told, expected) in table {
            assert_eq!(line(told), expected);
        }
    }
}
