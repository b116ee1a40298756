//! The typed values of one column of a batch.

use super::ColumnType;

/// The values of one typed column, one for each row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values<T> {
    /// The values; a default one where the row is null.
    pub values: Vec<T>,
    /// Tells whether the row has a value.
    pub valid: Vec<bool>,
    /// Number of rows without one.
    pub nulls: usize,
}

impl<T: Copy + Default> Values<T> {
    /// The value of a row, `None` where it is null.
    pub fn get(&self, row: usize) -> Option<T> {
        self.valid[row].then(|| self.values[row])
    }

    pub(super) fn keep(&mut self, rows: &[bool]) {
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
    /// Text: read it from the rows' fields.
    Text,
    /// `int64`.
    Int64(Values<i64>),
    /// `float64`.
    Float64(Values<f64>),
    /// `decimal(p,s)`: the value times 10^scale.
    Decimal(Values<i128>, u8),
    /// `boolean`.
    Boolean(Values<bool>),
    /// `date`: days since 1970-01-01.
    Date(Values<i32>),
    /// `timestamp`: microseconds since 1970-01-01T00:00:00Z.
    Timestamp(Values<i64>),
}

impl Column {
    /// Makes an empty column for a type.
    pub(super) fn of_type(column_type: Option<ColumnType>) -> Self {
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

    /// Drops the rows that `rows` does not keep.
    pub(super) fn keep(&mut self, rows: &[bool]) {
        match self {
            Column::Text => {}
            Column::Int64(values) | Column::Timestamp(values) => values.keep(rows),
            Column::Float64(values) => values.keep(rows),
            Column::Decimal(values, _) => values.keep(rows),
            Column::Boolean(values) => values.keep(rows),
            Column::Date(values) => values.keep(rows),
        }
    }
}
