//! The results that the plainest reading expects of a run.

use serde_json::{Map, Value};

use crate::Record;

/// One record as the output `jsonl` writes it. The names must be sorted.
pub fn line<'v>(names: &[impl ToString], values: impl Iterator<Item = &'v str>) -> String {
    let pairs = names.iter().zip(values).map(|(name, value)| (name.to_string(), Value::from(value)));
    // serde_json keeps keys sorted.
    format!("{}\n", Value::Object(Map::from_iter(pairs)))
}

/// Returns the expected results of these records of `text`: the JSON lines of those with as many fields as
/// there are names and only UTF-8 without NUL in them, and the bytes of the others, the unreadable ones too.
pub fn expected(text: &[u8], records: &[Record], names: &[impl ToString]) -> (String, Vec<u8>) {
    let (mut lines, mut rejects) = (String::new(), Vec::new());
    for record in records {
        let text_of = |field: &'_ Vec<u8>| String::from_utf8(field.clone()).ok().filter(|text| !text.contains('\0'));
        let texts =
            record.fields.as_ref().ok().and_then(|fields| fields.iter().map(text_of).collect::<Option<Vec<_>>>());
        match texts {
            Some(texts) if texts.len() == names.len() => {
                lines.push_str(&line(names, texts.iter().map(String::as_str)));
            }
            _ => rejects.extend_from_slice(&text[record.range.clone()]),
        }
    }
    (lines, rejects)
}
