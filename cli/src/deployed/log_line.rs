//! A line of a function's log: JSON with fields, or a text.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// Fields that stand before the others, or are said otherwise.
const BEFORE: [&str; 4] = ["timestamp", "level", "message", "target"];

/// A line of a function's log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogLine {
    /// The time: RFC 3339, in UTC.
    pub timestamp: String,
    /// The function.
    pub function: String,
    /// Its fields, those of its spans among them; of a text the message alone.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl LogLine {
    /// Reads a line of a function's log, with its time in milliseconds since 1970-01-01T00:00:00Z.
    pub(super) fn of(milliseconds: i64, function: &str, text: &str) -> Self {
        let time = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
        let mut fields = Map::new();
        match serde_json::from_str(text.trim()) {
            Ok(Value::Object(object)) => gather(object, &mut fields),
            _ => fields.extend([("message".to_owned(), text.trim_end().into())]),
        }
        fields.retain(|name, _| name != "timestamp" && name != "function");
        LogLine { timestamp: format!("{time:.3}"), function: function.to_owned(), fields }
    }

    /// Tells whether a field has this value, written as a text or as a number.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.fields.get(name).is_some_and(|found| plain(found) == value)
    }
}

/// Takes the fields of a line, and those of its spans where the line itself has none of that name.
fn gather(object: Map<String, Value>, fields: &mut Map<String, Value>) {
    let mut inner = Vec::new();
    for (name, value) in object {
        match value {
            Value::Object(object) if matches!(name.as_str(), "fields" | "span") => inner.push(object),
            Value::Array(spans) if name == "spans" => {
                inner.extend(spans.into_iter().rev().filter_map(|span| match span {
                    Value::Object(object) => Some(object),
                    _ => None,
                }));
            }
            value => drop(fields.entry(name).or_insert(value)),
        }
    }
    for object in inner {
        for (name, value) in object {
            fields.entry(name).or_insert(value);
        }
    }
}

/// A value as it stands in a line.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time =
            self.timestamp.split_once('T').map_or(self.timestamp.as_str(), |(_, time)| time.trim_end_matches('Z'));
        write!(f, "{time} {}", self.function)?;
        for name in ["level", "message"] {
            if let Some(value) = self.fields.get(name) {
                write!(f, " {}", plain(value))?;
            }
        }
        let others = self.fields.iter().filter(|(name, _)| !BEFORE.contains(&name.as_str()));
        for (name, value) in others {
            let text = plain(value);
            if text.contains([' ', '"', '\n']) {
                write!(f, " {name}={text:?}")?;
            } else {
                write!(f, " {name}={text}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let nested = r#"{"timestamp":"x","level":"WARN","fields":{"message":"a GET is resumed","at":5,"code":"E"},"target":"t",
            "span":{"name":"chunk","chunk":3},"spans":[{"run":"r","chunk":9},{"name":"inner"}]}"#;
        let flat = r#"{"level":"ERROR","message":"a b","run":"r","chunk":3,"error":"two words"}"#;
        let table = [
            (nested, "00:00:01.500 processor WARN a GET is resumed at=5 chunk=3 code=E name=chunk run=r"),
            (flat, "00:00:01.500 processor ERROR a b chunk=3 error=\"two words\" run=r"),
            ("plain text\n", "00:00:01.500 processor plain text"),
            ("[1]", "00:00:01.500 processor [1]"),
        ];
        for (text, expected) in table {
            assert_eq!(LogLine::of(1500, "processor", text).to_string(), expected);
        }
        let line = LogLine::of(1500, "processor", nested);
        assert!(line.has("chunk", "3") && line.has("run", "r") && !line.has("chunk", "9"));
        let json = serde_json::to_value(line).unwrap();
        assert_eq!(
            (json["timestamp"].as_str(), json["function"].as_str()),
            (Some("1970-01-01T00:00:01.500Z"), Some("processor"))
        );
        assert_eq!((json["chunk"].as_u64(), json["message"].as_str()), (Some(3), Some("a GET is resumed")));
    }
}
