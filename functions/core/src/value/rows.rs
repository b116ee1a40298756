//! The accepted records of a batch, read by row and column.

use std::borrow::Cow;
use std::ops::Range;

use super::complex_texts::ComplexTexts;
use super::null::is_null_text;
use super::{Column, Schema, Values};
use crate::Format;
use crate::scan::{Batch, Field, Record};

/// One value of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// An empty field, or a word for null. In a text column an empty field in quotes is an empty text instead.
    Null,
    /// A value of an `int64` column.
    Int64(i64),
    /// A value of a `float64` column.
    Float64(f64),
    /// A value of a `decimal` column: the value times 10^scale, and the scale.
    Decimal(i128, u8),
    /// A value of a `boolean` column.
    Boolean(bool),
    /// A value of a `date` column: days since 1970-01-01.
    Date(i32),
    /// A value of a `timestamp` column: microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// A value of a `string` column, or of a column without a type.
    Text(Cow<'a, str>),
}

/// An accepted record of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The record's index in the batch.
    pub(super) record: u32,
    /// The index of the record's first field in the batch's fields.
    pub(super) first_field: u32,
}

/// The accepted records of one batch with their typed columns.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    pub(super) batch: Batch<'a>,
    pub(super) rows: &'a [Row],
    pub(super) columns: &'a [Column],
    pub(super) complex: &'a ComplexTexts,
    pub(super) schema: &'a Schema,
}

impl<'a> Rows<'a> {
    /// Number of rows; may be 0.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether every record of the batch was refused.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The columns.
    pub fn schema(&self) -> &'a Schema {
        self.schema
    }

    /// The values of a column of declared type, for all rows at once.
    pub fn column(&self, column: usize) -> &'a Column {
        &self.columns[column]
    }

    /// The record behind a row.
    pub fn record(&self, row: usize) -> Record<'a> {
        self.batch.record(self.rows[row].record as usize)
    }

    /// One field of a row, as it stands in the object; `column` must be one of the schema.
    #[inline]
    pub fn field(&self, row: usize, column: usize) -> Field<'a> {
        assert!(column < self.columns.len(), "column {column} of {}", self.columns.len());
        self.batch.field(self.rows[row].first_field as usize + column)
    }

    /// The value of a row's field as text: without its quotes, doubled quotes made single, escapes resolved.
    #[inline]
    pub fn text(&self, row: usize, column: usize) -> &'a [u8] {
        assert!(column < self.columns.len(), "column {column} of {}", self.columns.len());
        self.text_at(self.rows[row].first_field as usize + column)
    }

    #[inline]
    fn text_at(&self, field: usize) -> &'a [u8] {
        self.batch.field(field).standing().unwrap_or_else(|| self.complex.get(field))
    }

    /// The values of a text column, row by row; `None` where one is null.
    #[inline]
    pub fn texts(&self, column: usize) -> impl ExactSizeIterator<Item = Option<&'a [u8]>> + use<'a> {
        self.texts_of(0..self.rows.len(), column)
    }

    /// The values of a text column in a half-open range of rows; `None` where one is null.
    #[inline]
    pub fn texts_of(
        &self,
        range: Range<usize>,
        column: usize,
    ) -> impl ExactSizeIterator<Item = Option<&'a [u8]>> + use<'a> {
        let (rows, words) = (*self, self.schema.columns[column].null_words());
        self.rows[range].iter().map(move |row| {
            let index = row.first_field as usize + column;
            let field = rows.batch.field(index);
            (!is_null_text(&field, words)).then(|| field.standing().unwrap_or_else(|| rows.complex.get(index)))
        })
    }

    /// Tells whether the field of a row is null in its column.
    #[inline]
    pub fn is_null(&self, row: usize, column: usize) -> bool {
        match &self.columns[column] {
            Column::Text => is_null_text(&self.field(row, column), self.schema.columns[column].null_words()),
            Column::Int64(values) | Column::Timestamp(values) => !values.valid[row],
            Column::Float64(values) => !values.valid[row],
            Column::Decimal(values, _) => !values.valid[row],
            Column::Boolean(values) => !values.valid[row],
            Column::Date(values) => !values.valid[row],
        }
    }

    /// Returns the format of the records.
    pub fn format(&self) -> Format {
        self.batch.format()
    }

    /// One value of a row.
    pub fn value(&self, row: usize, column: usize) -> Value<'a> {
        fn or_null<'a, T: Copy + Default>(values: &Values<T>, row: usize, make: impl Fn(T) -> Value<'a>) -> Value<'a> {
            values.get(row).map_or(Value::Null, make)
        }
        match &self.columns[column] {
            Column::Int64(values) => or_null(values, row, Value::Int64),
            Column::Float64(values) => or_null(values, row, Value::Float64),
            Column::Decimal(values, scale) => or_null(values, row, |value| Value::Decimal(value, *scale)),
            Column::Boolean(values) => or_null(values, row, Value::Boolean),
            Column::Date(values) => or_null(values, row, Value::Date),
            Column::Timestamp(values) => or_null(values, row, Value::Timestamp),
            Column::Text => {
                if self.is_null(row, column) {
                    return Value::Null;
                }
                Value::Text(String::from_utf8_lossy(self.text(row, column)))
            }
        }
    }
}
