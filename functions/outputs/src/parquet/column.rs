//! The Parquet schema of a run, and the buffered values of one column.

use std::hash::Hash;

use bytes::Bytes;
use fanout_core::{Column, ColumnType, Rows, Schema, SchemaColumn, Values};
use hashbrown::HashSet;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
    Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;
use parquet::schema::types::Type;
use std::sync::Arc;

/// Digits of the longest decimals that every 64-bit integer holds.
const INT64_DIGITS: u8 = 18;

/// Bytes of a longer decimal.
const LONG_DECIMAL: usize = 16;

/// Texts and long decimals that are handed to the encoder at once: each is an object of its own there.
const SLICE: usize = 4096;

/// Values that are looked at to tell whether they repeat, and those from which on that pays.
const SAMPLE: usize = 4096;
const FEWEST: usize = 64;

/// The schema of every part of a run.
pub(super) fn schema(schema: &Schema) -> Result<Type, ParquetError> {
    let fields = schema.columns.iter().map(|column| field(column).map(Arc::new)).collect::<Result<_, _>>()?;
    Type::group_type_builder("schema").with_fields(fields).build()
}

fn field(column: &SchemaColumn) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.column_type {
        None | Some(ColumnType::String) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Some(ColumnType::Int64) => (Physical::INT64, None),
        Some(ColumnType::Float64) => (Physical::DOUBLE, None),
        Some(ColumnType::Boolean) => (Physical::BOOLEAN, None),
        Some(ColumnType::Date) => (Physical::INT32, Some(LogicalType::Date)),
        Some(ColumnType::Timestamp) => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        Some(ColumnType::Decimal { precision, scale }) => {
            let physical = if precision <= INT64_DIGITS { Physical::INT64 } else { Physical::FIXED_LEN_BYTE_ARRAY };
            (physical, Some(LogicalType::decimal(scale.into(), precision.into())))
        }
    };
    let mut field = Type::primitive_type_builder(&column.name, physical)
        .with_repetition(if column.nullable { Repetition::OPTIONAL } else { Repetition::REQUIRED })
        .with_logical_type(logical);
    if physical == Physical::FIXED_LEN_BYTE_ARRAY {
        field = field.with_length(LONG_DECIMAL as i32);
    }
    if let Some(ColumnType::Decimal { precision, scale }) = column.column_type {
        field = field.with_precision(precision.into()).with_scale(scale.into());
    }
    field.build()
}

/// The values of one column of the row group that is being filled.
pub(super) struct ColumnBuffer {
    /// The definition levels of a nullable column: 1 for each row with a value, 0 for null.
    levels: Option<Vec<i16>>,
    values: Buffer,
}

/// Values without their nulls.
enum Buffer {
    Int64(Vec<i64>),
    Int32(Vec<i32>),
    Double(Vec<f64>),
    Boolean(Vec<bool>),
    Long(Vec<i128>),
    /// The texts one after another, and where each ends.
    Text(Vec<u8>, Vec<usize>),
}

impl ColumnBuffer {
    pub(super) fn new(column: &SchemaColumn) -> Self {
        let values = match column.column_type {
            None | Some(ColumnType::String) => Buffer::Text(Vec::new(), Vec::new()),
            Some(ColumnType::Int64 | ColumnType::Timestamp) => Buffer::Int64(Vec::new()),
            Some(ColumnType::Decimal { precision, .. }) if precision <= INT64_DIGITS => Buffer::Int64(Vec::new()),
            Some(ColumnType::Decimal { .. }) => Buffer::Long(Vec::new()),
            Some(ColumnType::Float64) => Buffer::Double(Vec::new()),
            Some(ColumnType::Boolean) => Buffer::Boolean(Vec::new()),
            Some(ColumnType::Date) => Buffer::Int32(Vec::new()),
        };
        Self { levels: column.nullable.then(Vec::new), values }
    }

    /// Appends the rows' values of the column at `index`; returns the bytes that are held now.
    pub(super) fn extend(&mut self, rows: &Rows<'_>, index: usize) -> usize {
        let levels = &mut self.levels;
        let held = match (&mut self.values, rows.column(index)) {
            (Buffer::Text(bytes, ends), _) => {
                for text in rows.texts(index) {
                    if let Some(levels) = levels {
                        levels.push(i16::from(text.is_some()));
                    }
                    if let Some(text) = text {
                        bytes.extend_from_slice(text);
                        ends.push(bytes.len());
                    }
                }
                bytes.len() + size_of_val(&ends[..])
            }
            (Buffer::Int64(kept), Column::Int64(values) | Column::Timestamp(values)) => {
                append(levels, kept, values, |value| value)
            }
            // At most 18 digits.
            (Buffer::Int64(kept), Column::Decimal(values, _)) => append(levels, kept, values, |value| value as i64),
            (Buffer::Long(kept), Column::Decimal(values, _)) => append(levels, kept, values, |value| value),
            (Buffer::Double(kept), Column::Float64(values)) => append(levels, kept, values, |value| value),
            (Buffer::Boolean(kept), Column::Boolean(values)) => append(levels, kept, values, |value| value),
            (Buffer::Int32(kept), Column::Date(values)) => append(levels, kept, values, |value| value),
            // The decoder and this buffer are made of one schema.
            _ => unreachable!("column {index} is decoded as another type than the schema has"),
        };
        held + levels.as_ref().map_or(0, |levels| size_of_val(&levels[..]))
    }

    /// Tells whether the values hardly repeat: the dictionary that the encoder begins for them would end as large as
    /// they are.
    pub(super) fn is_distinct(&self) -> bool {
        match &self.values {
            Buffer::Int64(values) => hardly_repeat(values.len(), |index| values[index]),
            Buffer::Int32(values) => hardly_repeat(values.len(), |index| values[index]),
            Buffer::Double(values) => hardly_repeat(values.len(), |index| values[index].to_bits()),
            Buffer::Boolean(_) => false,
            Buffer::Long(values) => hardly_repeat(values.len(), |index| values[index]),
            Buffer::Text(bytes, ends) => {
                hardly_repeat(ends.len(), |index| &bytes[if index == 0 { 0 } else { ends[index - 1] }..ends[index]])
            }
        }
    }

    /// Encodes the values, and forgets them.
    pub(super) fn write_to(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.levels.as_deref();
        match &mut self.values {
            Buffer::Int64(values) => write::<Int64Type>(writer, values, levels)?,
            Buffer::Int32(values) => write::<Int32Type>(writer, values, levels)?,
            Buffer::Double(values) => write::<DoubleType>(writer, values, levels)?,
            Buffer::Boolean(values) => write::<BoolType>(writer, values, levels)?,
            Buffer::Long(values) => {
                let bytes = |index: usize| {
                    let value: i128 = values[index];
                    FixedLenByteArray::from(value.to_be_bytes().to_vec())
                };
                write_slices::<FixedLenByteArrayType>(writer, values.len(), bytes, levels)?;
                values.clear();
            }
            Buffer::Text(bytes, ends) => {
                let all = Bytes::from(std::mem::take(bytes));
                let text = |index: usize| {
                    let start = if index == 0 { 0 } else { ends[index - 1] };
                    ByteArray::from(all.slice(start..ends[index]))
                };
                write_slices::<ByteArrayType>(writer, ends.len(), text, levels)?;
                ends.clear();
            }
        }
        if let Some(levels) = &mut self.levels {
            levels.clear();
        }
        Ok(())
    }
}

/// Tells whether at most one in 50 of the first values comes again, and of values from all places. In a sample of 4096
/// that many repeats are those of 100,000 different values: with so many the encoder drops its dictionary.
fn hardly_repeat<V: Eq + Hash>(count: usize, value: impl Fn(usize) -> V) -> bool {
    let sample = SAMPLE.min(count);
    let few_repeats = |step: usize| {
        let mut different = HashSet::new();
        let mut repeats = (0..sample).filter(|index| !different.insert(value(index * step)));
        repeats.nth(sample / 50).is_none()
    };
    sample >= FEWEST && few_repeats(1) && few_repeats(count / sample)
}

fn append<T: Copy + Default, V>(
    levels: &mut Option<Vec<i16>>,
    kept: &mut Vec<V>,
    values: &Values<T>,
    value: impl Fn(T) -> V,
) -> usize {
    if let Some(levels) = levels {
        levels.extend(values.valid.iter().map(|valid| i16::from(*valid)));
    }
    if values.nulls == 0 {
        kept.extend(values.values.iter().map(|one| value(*one)));
    } else {
        kept.extend(values.values.iter().zip(&values.valid).filter(|(_, valid)| **valid).map(|(one, _)| value(*one)));
    }
    size_of_val(&kept[..])
}

fn write<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    values: &mut Vec<T::T>,
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    writer.typed::<T>().write_batch(values, levels, None)?;
    values.clear();
    Ok(())
}

/// Writes `count` values that are made one slice at a time.
fn write_slices<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    count: usize,
    value: impl Fn(usize) -> T::T,
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let mut next = 0;
    let mut make = |present: usize| -> Vec<T::T> {
        next += present;
        (next - present..next).map(&value).collect()
    };
    match levels {
        None => {
            for first in (0..count).step_by(SLICE) {
                writer.typed::<T>().write_batch(&make(SLICE.min(count - first)), None, None)?;
            }
        }
        Some(levels) => {
            for levels in levels.chunks(SLICE) {
                let present = levels.iter().filter(|level| **level == 1).count();
                writer.typed::<T>().write_batch(&make(present), Some(levels), None)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_hardly_repeat() {
        let table: [(&str, Vec<usize>, bool); 8] = [
            ("none", vec![], false),
            ("few", (0..63).collect(), false),
            ("all different", (0..64).collect(), true),
            ("many, all different", (0..500_000).collect(), true),
            ("one in a hundred again", (0..40_000).map(|n| n - usize::from(n % 100 == 1)).collect(), true),
            ("one in ten again", (0..40_000).map(|n| n - usize::from(n % 10 == 1)).collect(), false),
            ("different at first", (0..100_000).map(|n| n % 5_000).collect(), false),
            ("the same at first", (0..100_000).map(|n| n.max(5_000)).collect(), false),
        ];
        for (case, values, expected) in table {
            assert_eq!(hardly_repeat(values.len(), |index| values[index]), expected, "{case}");
        }
    }
}
