//! The decoder of one column of a batch.

use super::moment::MomentFormat;
use super::null::{is_null_text, is_null_value, null_word};
use super::reading::Reading;
use super::rows::Row;
use super::type_proof::TypeProof;
use super::{Column, ColumnType, Reason, SchemaColumn, TypeCandidates, TypeSource, Values, number, parse};
use crate::Format;
use crate::message::SeenTypes;
use crate::scan::{Batch, Field};

/// Decodes one column, batch by batch.
#[derive(Debug)]
pub(super) struct ColumnDecoder {
    index: usize,
    reading: Reading,
    nullable: bool,
    declared: Option<ColumnType>,
    null_words: Vec<String>,
    /// Of an inferred type its proof.
    proof: Option<TypeProof>,
}

impl ColumnDecoder {
    pub(super) fn new(index: usize, column: &SchemaColumn) -> Self {
        let proof = match &column.source {
            TypeSource::Inferred(candidates, delimiter) => Some(TypeProof::new(*candidates, *delimiter)),
            TypeSource::Declared(_) | TypeSource::Text => None,
        };
        Self {
            index,
            reading: Reading::of(column),
            nullable: column.nullable,
            declared: matches!(column.source, TypeSource::Declared(_)).then_some(column.column_type).flatten(),
            null_words: column.null_words().to_vec(),
            proof,
        }
    }

    /// Tells whether the column's type was inferred.
    pub(super) fn is_inferred(&self) -> bool {
        self.proof.is_some()
    }

    /// Tells whether all values so far are of the type that was inferred.
    pub(super) fn holds(&self) -> bool {
        self.proof.as_ref().is_none_or(TypeProof::holds)
    }

    /// Returns the types that the values fit, where the column's type was inferred.
    pub(super) fn seen(&self) -> Option<SeenTypes> {
        self.proof.as_ref()?.seen(self.index)
    }

    /// Decodes a declared column, and appends the rows that it refuses to `bad`.
    pub(super) fn declared(
        &self,
        batch: &Batch<'_>,
        rows: &[Row],
        values: &mut Column,
        bad: &mut Vec<(usize, Reason)>,
    ) {
        let Some(expected) = self.declared else { return };
        let column = self.index;
        let field = |row: &Row| batch.field(row.first_field as usize + column);
        if matches!(self.reading, Reading::Text) {
            if !self.nullable {
                let null = |(_, row): &(usize, &Row)| is_null_text(&field(row), &self.null_words);
                let missing = rows.iter().enumerate().filter(null);
                bad.extend(missing.map(|(row, _)| (row, Reason::MissingValue { column, expected })));
            }
            return;
        }
        for row in self.read(batch, rows, values) {
            let text = field(&rows[row]).trimmed();
            if !is_null_value(&text, &self.null_words) {
                let found = String::from_utf8_lossy(&text).chars().take(100).collect();
                bad.push((row, Reason::InvalidValue { column, expected, found }));
            } else if !self.nullable {
                bad.push((row, Reason::MissingValue { column, expected }));
            }
        }
    }

    /// Decodes a column whose type was inferred. Where values do not fit, the column's values are of no use.
    pub(super) fn inferred(&mut self, batch: &Batch<'_>, rows: &[Row], values: &mut Column) {
        let json = batch.format() == Format::JsonLines;
        let column = self.index;
        let field = |row: &Row| batch.field(row.first_field as usize + column);
        let typed = self.proof.as_ref().is_some_and(|proof| proof.found.is_some() && proof.holds());
        let mut fits = false;
        if typed {
            let missing = self.read(batch, rows, values);
            fits = missing.iter().all(|row| is_null(&field(&rows[*row]), json));
        }
        let Some(proof) = self.proof.as_mut().filter(|proof| !proof.is_over()) else { return };
        if fits && proof.implied {
            if let Column::Int64(values) = values {
                proof.take_integers(&values.values);
            }
            return;
        }
        for row in rows {
            let field = field(row);
            let value = || (batch.record(row.record as usize).offset(), text(&field));
            proof.take(TypeCandidates::of_field(&field, json), value);
        }
    }

    /// Reads the values; returns the rows without one.
    fn read(&self, batch: &Batch<'_>, rows: &[Row], column: &mut Column) -> Vec<usize> {
        let source = Source { batch, rows, index: self.index, strings: self.strings(batch.format()) };
        match (column, &self.reading) {
            (Column::Int64(values), Reading::Int64(digits)) => match (digits.is_plain(), digits.is_inferred()) {
                (true, true) => source.read(values, number::int64),
                (true, false) => source.read(values, parse::int64),
                (false, true) => source.read(values, |text| digits.with_signs(text, number::int64)),
                (false, false) => source.read(values, |text| digits.with_signs(text, parse::int64)),
            },
            (Column::Float64(values), Reading::Float64(digits)) => match (digits.is_plain(), digits.is_inferred()) {
                (true, true) => source.read(values, number::float64),
                (true, false) => source.read(values, parse::float64),
                (false, true) => source.read(values, |text| digits.with_signs(text, number::float64)),
                (false, false) => source.read(values, |text| digits.with_signs(text, parse::float64)),
            },
            (Column::Decimal(values, _), Reading::Decimal(digits, precision, scale)) => {
                let decimal = |text: &[u8]| parse::decimal(text, *precision, *scale);
                if digits.is_plain() {
                    source.read(values, decimal)
                } else {
                    source.read(values, |text| digits.with_signs(text, decimal))
                }
            }
            // What programs write, before what people may.
            (Column::Boolean(values), Reading::Boolean(words)) if words.are_usual() => {
                source.read(values, |text| match text {
                    b"true" => Some(true),
                    b"false" => Some(false),
                    _ => words.value(text),
                })
            }
            (Column::Boolean(values), Reading::Boolean(words)) => source.read(values, |text| words.value(text)),
            (Column::Date(values), Reading::Date(MomentFormat::Layout(layout))) => {
                source.read(values, |text| super::moment::date(text, *layout))
            }
            (Column::Date(values), Reading::Date(format)) => source.read(values, |text| format.date(text)),
            (Column::Timestamp(values), Reading::Timestamp(MomentFormat::Layout(layout))) => {
                source.read(values, |text| super::moment::timestamp(text, *layout))
            }
            (Column::Timestamp(values), Reading::Timestamp(format)) => {
                source.read(values, |text| format.timestamp(text))
            }
            // The column is made of the schema, as the reading is.
            _ => Vec::new(),
        }
    }

    /// Of JSON, whether values of an inferred type are strings; dates are.
    fn strings(&self, format: Format) -> Option<bool> {
        let json = format == Format::JsonLines && self.is_inferred();
        json.then_some(matches!(self.reading, Reading::Date(_) | Reading::Timestamp(_)))
    }
}

/// Tells whether a field of an inferred type is null.
fn is_null(field: &Field<'_>, json: bool) -> bool {
    if json {
        return field.raw().is_empty();
    }
    let value = field.trimmed();
    value.is_empty() || null_word(&value).is_some()
}

fn text(field: &Field<'_>) -> String {
    String::from_utf8_lossy(&field.value()).into_owned()
}

/// The fields of one column of a batch.
struct Source<'a> {
    batch: &'a Batch<'a>,
    rows: &'a [Row],
    index: usize,
    /// Of an inferred type in JSON, whether its values are strings.
    strings: Option<bool>,
}

impl Source<'_> {
    /// Reads the values; returns the rows without one.
    #[inline(always)]
    fn read<T: Copy + Default>(&self, values: &mut Values<T>, value: impl Fn(&[u8]) -> Option<T>) -> Vec<usize> {
        let mut missing = Vec::new();
        // Copies, so that they are not loaded again for each field.
        let (batch, column, strings) = (*self.batch, self.index, self.strings);
        values.values.clear();
        values.values.extend(self.rows.iter().enumerate().map(|(index, row)| {
            let field = batch.field(row.first_field as usize + column);
            let found = match field.plain() {
                _ if strings.is_some_and(|strings| strings != field.is_quoted()) => None,
                Some(text) => value(text),
                None => value(&field.trimmed()),
            };
            found.unwrap_or_else(|| {
                missing.push(index);
                T::default()
            })
        }));
        values.valid.clear();
        values.valid.resize(self.rows.len(), true);
        values.nulls = missing.len();
        for row in &missing {
            values.valid[*row] = false;
        }
        missing
    }
}
