//! The place in an object that an error names.

use serde::{Deserialize, Serialize};

/// A place in an object, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The number of the chunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk: Option<u64>,
    /// The offset of a byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub byte: Option<u64>,
    /// The number of a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// The number of a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

impl Place {
    /// Reads the place out of an error's text: errors name places as `chunk 12`, `byte 4096`, `record 3`, `line 4`. The
    /// first of each counts. An error that came from Step Functions has nothing but its text.
    pub fn of_text(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let after = |noun: &str| {
            let pairs = words.windows(2).filter(|two| two[0].trim_start_matches(['(', '"']) == noun);
            pairs.filter_map(|two| two[1].trim_end_matches([':', ',', ';', '.', ')']).parse().ok()).next()
        };
        Self { chunk: after("chunk"), byte: after("byte"), record: after("record"), line: after("line") }
    }

    /// Tells whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = [("chunk", self.chunk), ("byte", self.byte), ("record", self.record), ("line", self.line)];
        let known = known.iter().filter_map(|(noun, number)| number.map(|number| format!("{noun} {number}")));
        f.write_str(&known.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_texts() {
        let table = [
            ("chunk 12: b/k: the gzip stream is damaged at byte 4096 of the object", "chunk 12, byte 4096"),
            ("b/k: header: record at byte 0: expected a closing quote, found none", "byte 0"),
            ("after 3 rounds of repair chunk 7 [5, 9) still does not begin at byte 5, where", "chunk 7, byte 5"),
            ("a value (line 4, record 3, byte 47): no", "byte 47, record 3, line 4"),
            ("no chunk of it, and no byte", ""),
        ];
        for (text, place) in table {
            assert_eq!(Place::of_text(text).to_string(), place, "{text}");
        }
    }
}
