//! The scanner of JSON lines on any bytes, against serde_json.

use fanout_core::{Decoder, Dialect, JsonLines, OtherKeys, Scanner, Schema, SchemaColumn, Start};
use serde_json::Value;

const NAMES: [&str; 2] = ["a", "b"];

/// Input: whether more keys are passed over, the size of the pieces, and lines. They are read the same in
/// pieces as in one, and what is accepted is what serde_json makes of the line.
pub fn json_lines(input: &[u8]) {
    let [choice, piece, text @ ..] = input else { return };
    let more_keys = choice % 2 == 1;
    let whole = read(text, text.len().max(1), more_keys);
    assert_eq!(read(text, usize::from(*piece) + 1, more_keys), whole);
    for (line, values) in whole {
        let Some(values) = values else { continue };
        // It has limits of its own: how deep values nest, how large numbers are.
        let Ok(Value::Object(object)) = serde_json::from_slice(&line) else { continue };
        assert!(more_keys || object.keys().all(|key| NAMES.contains(&key.as_str())), "{object:?}");
        for (name, value) in NAMES.iter().zip(values) {
            let theirs = object.get(*name).unwrap_or(&Value::Null);
            let ours = match value {
                None => Value::Null,
                Some((true, text)) => Value::String(String::from_utf8(text).expect("UTF-8")),
                Some((false, text)) => serde_json::from_slice(&text).expect("a JSON value"),
            };
            assert_eq!(&ours, theirs, "{name}");
        }
    }
}

/// Each line, and the values of the two columns if it is accepted: whether it is a string, and its bytes.
type Found = Vec<(Vec<u8>, Option<Vec<Option<(bool, Vec<u8>)>>>)>;

fn read(text: &[u8], piece: usize, more_keys: bool) -> Found {
    let names = NAMES.map(str::to_owned);
    let column = |name: &String| SchemaColumn::text(name);
    let mut decoder = Decoder::new(Schema { columns: names.iter().map(column).collect() });
    let other_keys = if more_keys { OtherKeys::Collected } else { OtherKeys::Refused };
    let mut json = JsonLines::new(&names, other_keys);
    let mut scanner = Scanner::new(&Dialect::of_lines(), Start::Boundary, 0, u64::MAX, 1000);
    let mut found = Vec::new();
    let mut pieces = text.chunks(piece);
    while !scanner.is_done() {
        match pieces.next() {
            Some(piece) => scanner.push(piece),
            None => scanner.finish(),
        }
        while let Some(lines) = scanner.next_batch() {
            let batch = json.read(lines);
            decoder.decode(&batch);
            let rows = decoder.rows(batch);
            let mut accepted = (0..rows.len()).map(|row| {
                let values = (0..NAMES.len()).map(|column| {
                    let field = rows.field(row, column);
                    (!field.raw().is_empty()).then(|| (field.is_quoted(), field.value().into_owned()))
                });
                values.collect()
            });
            let refused: Vec<usize> = decoder.refused().iter().map(|refused| refused.record).collect();
            for (index, line) in batch.records().enumerate() {
                let values = if refused.contains(&index) { None } else { accepted.next() };
                found.push((line.raw().to_vec(), values));
            }
        }
    }
    found
}
