//! The results that the plainest reading expects of a run.

use serde_json::{Map, Value};

use crate::Record;

/// One record of texts as the output `jsonl` writes it; a field without a byte is null. The names must be sorted.
pub fn line<'v>(names: &[impl ToString], values: impl Iterator<Item = Option<&'v str>>) -> String {
    let pairs = names.iter().zip(values).map(|(name, value)| (name.to_string(), Value::from(value)));
    // serde_json keeps keys sorted.
    format!("{}\n", Value::Object(Map::from_iter(pairs)))
}

/// The same of a row that the csv crate writes: it quotes an empty field only where it is the only one.
pub fn line_of_row(names: &[impl ToString], row: &[impl AsRef<str>]) -> String {
    line(names, row.iter().map(|value| Some(value.as_ref()).filter(|value| !value.is_empty() || row.len() == 1)))
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
                let values = texts.iter().zip(&record.absent);
                lines.push_str(&line(names, values.map(|(text, absent)| (!absent).then_some(text.as_str()))));
            }
            _ => rejects.extend_from_slice(&text[record.range.clone()]),
        }
    }
    (lines, rejects)
}
