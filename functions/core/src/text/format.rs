//! The formats that are read: CSV and JSON lines.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The format of an object's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub enum Format {
    /// Records and fields as the [`crate::Dialect`] says.
    #[default]
    Csv,
    /// A JSON object on each line (jsonlines.org): see [`crate::JsonLines`].
    JsonLines,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Csv => "CSV",
            Format::JsonLines => "JSON lines",
        })
    }
}

impl Format {
    /// Recognises the first bytes of a text, after its byte-order mark: JSON lines where they
    /// open an object, else CSV. No careful writer begins the name of a CSV column with `{"`.
    pub fn of(text: &[u8]) -> Self {
        match first_line(text).strip_prefix(b"{").map(<[u8]>::trim_ascii_start) {
            Some([b'"' | b'}', ..] | []) => Format::JsonLines,
            _ => Format::Csv,
        }
    }
}

/// The text from its first line on that isn't blank, without the spaces that it begins with.
fn first_line(text: &[u8]) -> &[u8] {
    let blank = text.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let line = &text[blank..];
    &line[line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks() {
        let table = [
            ("{\"id\": 1}\n", Format::JsonLines),
            ("\r\n { }\n", Format::JsonLines),
            ("{\n  \"pretty\": 1\n}", Format::JsonLines),
            ("{id},name\n", Format::Csv),
            ("id,\"{\"\"a\"\": 1}\"\n", Format::Csv),
            ("\"{\",b\n", Format::Csv),
            (" \n{\"id\": 1}\n", Format::Csv),
            ("", Format::Csv),
        ];
        for (text, format) in table {
            assert_eq!(Format::of(text.as_bytes()), format, "{text:?}");
        }
    }
}
