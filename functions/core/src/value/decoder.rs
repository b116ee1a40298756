use std::borrow::Cow;

use super::{ColumnType, Observed, Reason, Refused, observe, parse};
use crate::Format;
use crate::scan::{Batch, Field, Record};

/// The columns of a run in header order, with the types that the dataset declares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// One for each name of the header.
    pub columns: Vec<SchemaColumn>,
}

/// One column of a [`Schema`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaColumn {
    /// The column's name.
    pub name: String,
    /// The declared type; `None` leaves the text as it stands.
    pub column_type: Option<ColumnType>,
    /// Whether an empty field is a value (null) rather than a reason to refuse the record.
    pub nullable: bool,
}

/// The values of one declared column, one for each row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values<T> {
    /// The values; a default one where the row is null.
    pub values: Vec<T>,
    /// Whether the row has a value.
    pub valid: Vec<bool>,
    /// Number of rows without one.
    pub nulls: usize,
}

impl<T: Copy + Default> Values<T> {
    /// The value of a row, `None` where it is null.
    pub fn get(&self, row: usize) -> Option<T> {
        self.valid[row].then(|| self.values[row])
    }

    fn keep(&mut self, rows: &[bool]) {
        let mut row = 0..;
        self.values.retain(|_| row.next().is_none_or(|row: usize| rows[row]));
        let mut row = 0..;
        self.valid.retain(|_| row.next().is_none_or(|row: usize| rows[row]));
        self.nulls = self.valid.iter().filter(|valid| !**valid).count();
    }
}

/// The decoded values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Text, declared or not: read it from the rows' fields.
    Text,
    /// Declared `int64`.
    Int64(Values<i64>),
    /// Declared `float64`.
    Float64(Values<f64>),
    /// Declared `decimal(p,s)`: the value times 10^scale.
    Decimal(Values<i128>, u8),
    /// Declared `boolean`.
    Boolean(Values<bool>),
    /// Declared `date`: days since 1970-01-01.
    Date(Values<i32>),
    /// Declared `timestamp`: microseconds since 1970-01-01T00:00:00Z.
    Timestamp(Values<i64>),
}

/// One value of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// An empty field. In a text column an empty field in quotes is an empty text instead.
    Null,
    /// Of an `int64` column.
    Int64(i64),
    /// Of a `float64` column.
    Float64(f64),
    /// Of a `decimal` column: the value times 10^scale, and the scale.
    Decimal(i128, u8),
    /// Of a `boolean` column.
    Boolean(bool),
    /// Of a `date` column: days since 1970-01-01.
    Date(i32),
    /// Of a `timestamp` column: microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// Of a `string` column, or of one without a declared type.
    Text(Cow<'a, str>),
}

/// An accepted record of a batch.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// Its index in the batch.
    record: u32,
    /// Index of its first field in the batch's fields.
    first_field: u32,
}

/// Turns batches of records into rows: refuses records that don't fit the header and the declared
/// types, and parses the declared columns once for all outputs.
#[derive(Debug)]
pub struct Decoder {
    schema: Schema,
    rows: Vec<Row>,
    columns: Vec<Column>,
    refused: Vec<Refused>,
}

impl Decoder {
    /// A decoder for records under this schema.
    pub fn new(schema: Schema) -> Self {
        let columns = schema.columns.iter().map(|column| empty_column(column.column_type)).collect();
        Self { schema, rows: Vec::new(), columns, refused: Vec::new() }
    }

    /// Decodes a batch; see [`Decoder::rows`] and [`Decoder::refused`].
    pub fn decode(&mut self, batch: &Batch<'_>) {
        self.rows.clear();
        self.refused.clear();
        let width = self.schema.columns.len();
        let mut faults = batch.faults().iter().peekable();
        for index in 0..batch.len() {
            let found = batch.record(index).len();
            if let Some(fault) = faults.next_if(|fault| fault.record == index) {
                self.refused.push(fault.clone());
            } else if found == width {
                self.rows.push(Row { record: index as u32, first_field: batch.first_field(index) });
            } else {
                self.refused.push(Refused { record: index, reason: Reason::FieldCount { expected: width, found } });
            }
        }
        // Of JSON each line was looked at already.
        if batch.format() == Format::Csv && !is_clean(batch.bytes()) {
            let refused = &mut self.refused;
            self.rows.retain(|row| match unclean(&batch.record(row.record as usize)) {
                Some(reason) => {
                    refused.push(Refused { record: row.record as usize, reason });
                    false
                }
                None => true,
            });
        }
        let mut bad = Vec::new();
        for (index, column) in self.columns.iter_mut().enumerate() {
            decode_column(batch, &self.rows, index, &self.schema.columns[index], column, &mut bad);
        }
        self.refuse(bad);
    }

    /// Refuses further rows of the batch just decoded, each given by its row number and the reason.
    pub fn refuse(&mut self, bad: Vec<(usize, Reason)>) {
        if !bad.is_empty() {
            let mut keep = vec![true; self.rows.len()];
            for (row, reason) in bad {
                // The first reason found for a record is the one that is told.
                if std::mem::replace(&mut keep[row], false) {
                    self.refused.push(Refused { record: self.rows[row].record as usize, reason });
                }
            }
            let mut row = 0..;
            self.rows.retain(|_| row.next().is_none_or(|row: usize| keep[row]));
            self.columns.iter_mut().for_each(|column| keep_rows(column, &keep));
        }
        self.refused.sort_by_key(|refused| refused.record);
    }

    /// The accepted records of the batch that was decoded last, which must be `batch`.
    pub fn rows<'a>(&'a self, batch: Batch<'a>) -> Rows<'a> {
        Rows { batch, rows: &self.rows, columns: &self.columns, schema: &self.schema }
    }

    /// The refused records of the batch that was decoded last, in their order.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// The columns.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }
}

/// The accepted records of one batch with their typed columns.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    batch: Batch<'a>,
    rows: &'a [Row],
    columns: &'a [Column],
    schema: &'a Schema,
}

impl<'a> Rows<'a> {
    /// Number of rows; may be 0.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether every record of the batch was refused.
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

    /// What the records are written in.
    pub fn format(&self) -> Format {
        self.batch.format()
    }

    /// The value of a field of a column without a declared type, and what it looks like. A string of
    /// JSON is no number and no boolean, whatever its characters are; it may be a date or a timestamp.
    #[inline]
    pub fn observed(&self, row: usize, column: usize) -> (Observed, Cow<'a, [u8]>) {
        let field = self.field(row, column);
        let value = field.value();
        let string = self.format() == Format::JsonLines && field.is_quoted();
        let observed = match observe(&value) {
            Observed::Null | Observed::Int64(_) | Observed::Float64(_) | Observed::Boolean(_) if string => {
                Observed::Text
            }
            observed => observed,
        };
        (observed, value)
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
                let field = self.field(row, column);
                if is_null_text(&field) {
                    return Value::Null;
                }
                Value::Text(match field.value() {
                    Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
                    Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
                })
            }
        }
    }
}

/// In a text column only a field without a byte is null: quotes make it an empty text.
#[inline]
fn is_null_text(field: &Field<'_>) -> bool {
    field.raw().is_empty()
}

fn is_clean(bytes: &[u8]) -> bool {
    simdutf8::basic::from_utf8(bytes).is_ok() && memchr::memchr(0, bytes).is_none()
}

fn unclean(record: &Record<'_>) -> Option<Reason> {
    if let Err(error) = std::str::from_utf8(record.raw()) {
        return Some(Reason::InvalidUtf8 { at: record.offset() + error.valid_up_to() as u64 });
    }
    memchr::memchr(0, record.raw()).map(|at| Reason::Nul { at: record.offset() + at as u64 })
}

fn empty_column(column_type: Option<ColumnType>) -> Column {
    match column_type {
        None | Some(ColumnType::String) => Column::Text,
        Some(ColumnType::Int64) => Column::Int64(Values::default()),
        Some(ColumnType::Float64) => Column::Float64(Values::default()),
        Some(ColumnType::Decimal { scale, .. }) => Column::Decimal(Values::default(), scale),
        Some(ColumnType::Boolean) => Column::Boolean(Values::default()),
        Some(ColumnType::Date) => Column::Date(Values::default()),
        Some(ColumnType::Timestamp) => Column::Timestamp(Values::default()),
    }
}

fn keep_rows(column: &mut Column, rows: &[bool]) {
    match column {
        Column::Text => {}
        Column::Int64(values) | Column::Timestamp(values) => values.keep(rows),
        Column::Float64(values) => values.keep(rows),
        Column::Decimal(values, _) => values.keep(rows),
        Column::Boolean(values) => values.keep(rows),
        Column::Date(values) => values.keep(rows),
    }
}

fn decode_column(
    batch: &Batch<'_>,
    rows: &[Row],
    index: usize,
    schema: &SchemaColumn,
    column: &mut Column,
    bad: &mut Vec<(usize, Reason)>,
) {
    let Some(expected) = schema.column_type else { return };
    let mut source = Source { batch, rows, index, expected, nullable: schema.nullable, bad };
    match (column, expected) {
        (Column::Text, _) => source.text(),
        (Column::Int64(values), _) => source.parse(values, parse::int64),
        (Column::Float64(values), _) => source.parse(values, parse::float64),
        (Column::Boolean(values), _) => source.parse(values, parse::boolean),
        (Column::Date(values), _) => source.parse(values, parse::date),
        (Column::Timestamp(values), _) => source.parse(values, parse::timestamp),
        (Column::Decimal(values, scale), ColumnType::Decimal { precision, .. }) => {
            let scale = *scale;
            source.parse(values, |text| parse::decimal(text, precision, scale));
        }
        (Column::Decimal(..), _) => {}
    }
}

/// One declared column of a batch.
struct Source<'a, 'b> {
    batch: &'a Batch<'a>,
    rows: &'a [Row],
    index: usize,
    expected: ColumnType,
    nullable: bool,
    bad: &'b mut Vec<(usize, Reason)>,
}

impl Source<'_, '_> {
    #[inline(always)]
    fn parse<T: Copy + Default>(&mut self, values: &mut Values<T>, parse: impl Fn(&[u8]) -> Option<T>) {
        let mut missing = Vec::new();
        values.values.clear();
        values.values.extend(self.rows.iter().enumerate().map(|(row, place)| {
            let field = self.batch.field(place.first_field as usize + self.index);
            let value = if field.is_quoted() { parse(&field.value()) } else { parse(field.raw()) };
            value.unwrap_or_else(|| {
                missing.push(row);
                T::default()
            })
        }));
        values.valid.clear();
        values.valid.resize(self.rows.len(), true);
        values.nulls = missing.len();
        for row in missing {
            values.valid[row] = false;
            let field = self.batch.field(self.rows[row].first_field as usize + self.index);
            self.no_value(row, &field.value());
        }
    }

    fn text(&mut self) {
        if self.nullable {
            return;
        }
        for (row, place) in self.rows.iter().enumerate() {
            if is_null_text(&self.batch.field(place.first_field as usize + self.index)) {
                self.no_value(row, b"");
            }
        }
    }

    #[cold]
    fn no_value(&mut self, row: usize, text: &[u8]) {
        let (column, expected) = (self.index, self.expected);
        if !text.is_empty() {
            let found = String::from_utf8_lossy(text).chars().take(100).collect();
            self.bad.push((row, Reason::InvalidValue { column, expected, found }));
        } else if !self.nullable {
            self.bad.push((row, Reason::MissingValue { column, expected }));
        }
    }
}
