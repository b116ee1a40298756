//! The items of the table: their keys, and attributes for values.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use fanout_core::{Rows, Value, date_text, timestamp_text};

/// The partition key: the run's id and the chunk's number.
pub(crate) const PARTITION: &str = "fanout_chunk";

/// The sort key: the number of the record within its chunk.
pub(crate) const SORT: &str = "fanout_record";

/// An item, or the key of one.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The partition of a chunk.
pub(crate) fn partition(run_id: &str, index: u64) -> String {
    format!("{run_id}#{index}")
}

/// The key of a record in its partition. Zeros in front let texts sort as the numbers do.
pub(crate) fn sort(record: u64) -> String {
    format!("{record:012}")
}

/// The item of a row: its key, and an attribute for each value that is not null.
pub(crate) fn item(partition: &str, record: u64, rows: &Rows<'_>, row: usize) -> Item {
    let mut item = HashMap::from([
        (PARTITION.to_owned(), AttributeValue::S(partition.to_owned())),
        (SORT.to_owned(), AttributeValue::S(sort(record))),
    ]);
    for (index, column) in rows.schema().columns.iter().enumerate() {
        if let Some(value) = attribute(rows.value(row, index)) {
            item.insert(column.name.clone(), value);
        }
    }
    item
}

/// The attribute of a value; `None` of null.
fn attribute(value: Value<'_>) -> Option<AttributeValue> {
    Some(match value {
        Value::Null => return None,
        Value::Int64(value) => AttributeValue::N(value.to_string()),
        Value::Float64(value) if is_number(value) => AttributeValue::N(value.to_string()),
        Value::Float64(value) => AttributeValue::S(value.to_string()),
        Value::Decimal(value, scale) => AttributeValue::N(format!("{value}E-{scale}")),
        Value::Boolean(value) => AttributeValue::Bool(value),
        Value::Date(days) => AttributeValue::S(date_text(days)),
        Value::Timestamp(microseconds) => AttributeValue::S(timestamp_text(microseconds)),
        Value::Text(text) => AttributeValue::S(text.into_owned()),
    })
}

/// Tells whether DynamoDB has such a number: 0, or from 1E-130 up to 1E+126, of either sign.
fn is_number(value: f64) -> bool {
    value == 0.0 || (1e-130..1e126).contains(&value.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_the_numbers_do() {
        assert_eq!(partition("run", 7), "run#7");
        assert!(sort(9) < sort(10) && sort(99_999) < sort(100_000));
    }

    #[test]
    fn values_become_attributes() {
        let number = |text: &str| Some(AttributeValue::N(text.to_owned()));
        let text = |text: &str| Some(AttributeValue::S(text.to_owned()));
        assert_eq!(attribute(Value::Null), None);
        assert_eq!(attribute(Value::Int64(-5)), number("-5"));
        assert_eq!(attribute(Value::Float64(0.25)), number("0.25"));
        assert_eq!(attribute(Value::Float64(f64::NAN)), text("NaN"));
        assert!(attribute(Value::Float64(1e300)).is_some_and(|value| value.is_s()));
        assert_eq!(attribute(Value::Decimal(12345, 2)), number("12345E-2"));
        assert_eq!(attribute(Value::Boolean(true)), Some(AttributeValue::Bool(true)));
        assert_eq!(attribute(Value::Date(0)), text("1970-01-01"));
        assert_eq!(attribute(Value::Text("".into())), text(""));
    }
}
