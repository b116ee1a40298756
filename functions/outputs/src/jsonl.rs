//! The output `jsonl`: each record as a JSON object on its own line.

use async_trait::async_trait;
use fanout_core::{Format, Rows, Value, date_text, timestamp_text};
use serde::Serialize;

use crate::count::RecordCount;
use crate::{ChunkContext, Finished, Merge, Output, OutputError, OutputKind, PartBuffer, RunContext};

const NAME: &str = "jsonl";

/// Every record as a JSON object on a line of its own, names in header order, parts in chunk order.
///
/// A column without a type has texts as they stand for CSV. For JSON lines it has the values that they were, and
/// `null` where the key was missing. An empty field is `null`, but in quotes an empty text. Decimals are numbers with
/// their exact digits, dates and timestamps are ISO 8601 texts.
pub(crate) struct JsonLines;

impl OutputKind for JsonLines {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        let mut keys = Vec::new();
        for (index, column) in chunk.schema.columns.iter().enumerate() {
            let mut key = vec![if index == 0 { b'{' } else { b',' }];
            append(&mut key, &column.name)?;
            key.push(b':');
            keys.push(key);
        }
        let key = format!("data/part-{:05}.jsonl", chunk.index);
        Ok(Box::new(Lines { keys, part: PartBuffer::new(chunk.parts.clone(), NAME, key) }))
    }

    fn merge(&self, _run: &RunContext) -> Box<dyn Merge> {
        Box::new(RecordCount::new(NAME))
    }
}

struct Lines {
    /// Each column's `{"name":` or `,"name":`.
    keys: Vec<Vec<u8>>,
    part: PartBuffer,
}

#[async_trait]
impl Output for Lines {
    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), OutputError> {
        let schema = rows.schema();
        let json = rows.format() == Format::JsonLines;
        let line = self.part.buffer();
        for row in 0..rows.len() {
            for (column, key) in self.keys.iter().enumerate() {
                line.extend_from_slice(key);
                match rows.value(row, column) {
                    Value::Null => line.extend_from_slice(b"null"),
                    Value::Int64(value) => append(line, &value)?,
                    Value::Float64(value) => append(line, &value)?,
                    Value::Boolean(value) => append(line, &value)?,
                    Value::Decimal(value, scale) => line.extend_from_slice(decimal_text(value, scale).as_bytes()),
                    Value::Date(days) => append(line, &date_text(days))?,
                    Value::Timestamp(microseconds) => append(line, &timestamp_text(microseconds))?,
                    // Not a string: JSON as it stands.
                    Value::Text(text)
                        if json
                            && schema.columns[column].column_type.is_none()
                            && !rows.field(row, column).is_quoted() =>
                    {
                        line.extend_from_slice(text.as_bytes());
                    }
                    Value::Text(text) => append(line, &text)?,
                }
            }
            line.extend_from_slice(b"}\n");
        }
        self.part.appended(rows.len() as u64).await
    }

    async fn finish(self: Box<Self>) -> Result<Finished, OutputError> {
        let part = self.part.finish().await?;
        let records = part.as_ref().map_or(0, |part| part.records);
        Ok(Finished { partial: RecordCount::partial(NAME, records)?, parts: part.into_iter().collect() })
    }
}

fn append<T: Serialize + ?Sized>(line: &mut Vec<u8>, value: &T) -> Result<(), OutputError> {
    serde_json::to_writer(line, value).map_err(|source| OutputError::Partial { output: NAME, source })
}

/// The exact digits of a decimal that is given times 10^scale.
pub(crate) fn decimal_text(value: i128, scale: u8) -> String {
    let scale = usize::from(scale);
    let digits = format!("{:0width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if value < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        let table =
            [(0, 0, "0"), (-5, 0, "-5"), (5, 2, "0.05"), (-5, 2, "-0.05"), (12345, 2, "123.45"), (100, 2, "1.00")];
        for (value, scale, text) in table {
            assert_eq!(decimal_text(value, scale), text);
        }
    }
}
