//! The Parquet schema of a run, and the buffered values of one column.

use std::hash::Hash;
use std::ops::Range;

use bytes::Bytes;
use fanout_core::{Column, ColumnType, Rows, Schema, SchemaColumn, Values};
use hashbrown::HashSet;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::writer::{ColumnWriter, get_column_writer, get_typed_column_writer_mut};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
    Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, Type};
use std::sync::Arc;

use super::extremes::{self, Ordered};
use crate::part::memory_of;

/// Digits of the longest decimals that every 64-bit integer holds.
const INT64_DIGITS: u8 = 18;

/// Bytes of a longer decimal.
const LONG_DECIMAL: usize = 16;

/// Texts and long decimals that are handed to the encoder at once: each is an object of its own there.
const SLICE: usize = 1024;

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

    /// Appends the values of a half-open range of rows, of the column at `index`; returns the bytes that are held now.
    pub(super) fn extend(&mut self, rows: &Rows<'_>, range: Range<usize>, index: usize) -> usize {
        let levels = &mut self.levels;
        let held = match (&mut self.values, rows.column(index)) {
            (Buffer::Text(bytes, ends), _) => {
                for text in rows.texts_of(range, index) {
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
                append(levels, kept, values, range, |value| value)
            }
            // At most 18 digits.
            (Buffer::Int64(kept), Column::Decimal(values, _)) => {
                append(levels, kept, values, range, |value| value as i64)
            }
            (Buffer::Long(kept), Column::Decimal(values, _)) => append(levels, kept, values, range, |value| value),
            (Buffer::Double(kept), Column::Float64(values)) => append(levels, kept, values, range, |value| value),
            (Buffer::Boolean(kept), Column::Boolean(values)) => append(levels, kept, values, range, |value| value),
            (Buffer::Int32(kept), Column::Date(values)) => append(levels, kept, values, range, |value| value),
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

    /// Tells whether the encoder leaves the statistics of the values to this buffer.
    pub(super) fn has_statistics(&self) -> bool {
        !matches!(self.values, Buffer::Long(_))
    }

    /// Encodes the values as the next column of a row group, and forgets them; returns the size of its pages, and what
    /// it was before their compression. `pages` is a buffer, empty before and after.
    pub(super) fn write_to(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
        column: ColumnDescPtr,
        properties: WriterPropertiesPtr,
        pages: &mut Vec<u8>,
    ) -> Result<(i64, i64), ParquetError> {
        let mut sink = TrackedWrite::new(std::mem::take(pages));
        let pages_to = Box::new(SerializedPageWriter::new(&mut sink));
        let mut writer = get_column_writer(column.clone(), properties, pages_to);
        let texts = match &mut self.values {
            Buffer::Text(bytes, _) => Bytes::from(std::mem::take(bytes)),
            _ => Bytes::new(),
        };
        let statistics = self.encode(&column, &mut writer, &texts)?;
        let mut closed = writer.close()?;
        if let Some(statistics) = statistics {
            closed.metadata = closed.metadata.into_builder().set_statistics(statistics).build()?;
        }
        let sizes = (closed.metadata.compressed_size(), closed.metadata.uncompressed_size());
        let encoded = Bytes::from(sink.into_inner()?);
        group.append_column(&encoded, closed)?;
        *pages = memory_of(encoded);
        if let Buffer::Text(bytes, _) = &mut self.values {
            *bytes = memory_of(texts);
        }
        Ok(sizes)
    }

    /// Encodes the values, and forgets them; returns the statistics that the encoder does not make. `texts` are those
    /// of a column of texts.
    fn encode(
        &mut self,
        column: &ColumnDescPtr,
        writer: &mut ColumnWriter<'_>,
        texts: &Bytes,
    ) -> Result<Option<Statistics>, ParquetError> {
        let levels = self.levels.as_deref();
        let statistics = match &mut self.values {
            Buffer::Int64(values) => write::<Int64Type>(column, writer, values, levels).map(Some),
            Buffer::Int32(values) => write::<Int32Type>(column, writer, values, levels).map(Some),
            Buffer::Double(values) => write::<DoubleType>(column, writer, values, levels).map(Some),
            Buffer::Boolean(values) => write::<BoolType>(column, writer, values, levels).map(Some),
            Buffer::Long(values) => {
                let bytes = |index: usize| {
                    let value: i128 = values[index];
                    FixedLenByteArray::from(value.to_be_bytes().to_vec())
                };
                write_slices::<FixedLenByteArrayType>(writer, values.len(), bytes, levels)?;
                values.clear();
                Ok(None)
            }
            Buffer::Text(_, ends) => {
                let text = |index: usize| {
                    let start = if index == 0 { 0 } else { ends[index - 1] };
                    ByteArray::from(texts.slice(start..ends[index]))
                };
                write_slices::<ByteArrayType>(writer, ends.len(), text, levels)?;
                let starts = std::iter::once(0).chain(ends.iter().copied());
                let all = starts.zip(&*ends).map(|(start, end)| &texts[start..*end]);
                let statistics = extremes::of_texts(all, nulls(levels, ends.len()));
                ends.clear();
                Ok(Some(statistics))
            }
        };
        if let Some(levels) = &mut self.levels {
            levels.clear();
        }
        statistics
    }
}

/// Tells whether at most one in 50 of the first values comes again, and of values from all places: in a sample of 4096
/// that many repeats are those of 100,000 different values, and with so many the encoder drops its dictionary. Or whether
/// three in four of all values are different, judged by the sample: indices into that many save nothing.
fn hardly_repeat<V: Eq + Hash>(count: usize, value: impl Fn(usize) -> V) -> bool {
    let sample = SAMPLE.min(count);
    if sample < FEWEST {
        return false;
    }
    let most = sample / 4;
    let repeats = |step: usize| {
        let mut different = HashSet::with_capacity(sample);
        (0..sample).filter(|index| !different.insert(value(index * step))).take(most).count()
    };
    let repeats = match repeats(1) {
        first if first == most => return false,
        first => first.max(repeats(count / sample)),
    };
    // A value drawn from among `all` comes again for the first time in `sample` as often as pairs of draws are equal.
    let all = (sample * sample) as f64 / (2 * repeats.max(1)) as f64;
    let different = all * (1.0 - (-(count as f64) / all).exp());
    repeats <= sample / 50 || (repeats < most && different > 0.75 * count as f64)
}

fn append<T: Copy + Default, V: Clone + Default>(
    levels: &mut Option<Vec<i16>>,
    kept: &mut Vec<V>,
    values: &Values<T>,
    range: Range<usize>,
    value: impl Fn(T) -> V,
) -> usize {
    let (all, valid) = (&values.values[range.clone()], &values.valid[range]);
    if let Some(levels) = levels {
        levels.extend(valid.iter().map(|valid| i16::from(*valid)));
    }
    if values.nulls == 0 {
        kept.extend(all.iter().map(|one| value(*one)));
    } else {
        // Each value is written, and written over where it is null: without a branch on what comes at random.
        let mut end = kept.len();
        kept.resize(end + all.len(), V::default());
        for (one, valid) in all.iter().zip(valid) {
            kept[end] = value(*one);
            end += usize::from(*valid);
        }
        kept.truncate(end);
    }
    size_of_val(&kept[..])
}

/// The number of nulls beside so many values.
fn nulls(levels: Option<&[i16]>, values: usize) -> u64 {
    levels.map_or(0, |levels| levels.len() - values) as u64
}

/// Writes values, and forgets them; returns their statistics.
fn write<T: DataType>(
    column: &ColumnDescPtr,
    writer: &mut ColumnWriter<'_>,
    values: &mut Vec<T::T>,
    levels: Option<&[i16]>,
) -> Result<Statistics, ParquetError>
where
    T::T: Ordered,
{
    let statistics = extremes::of_values::<T>(column, values, nulls(levels, values.len()));
    get_typed_column_writer_mut::<T>(writer).write_batch(values, levels, None)?;
    values.clear();
    Ok(statistics)
}

/// Writes `count` values that are made one slice at a time.
fn write_slices<T: DataType>(
    writer: &mut ColumnWriter<'_>,
    count: usize,
    value: impl Fn(usize) -> T::T,
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let writer = get_typed_column_writer_mut::<T>(writer);
    let mut next = 0;
    let mut make = |present: usize| -> Vec<T::T> {
        next += present;
        (next - present..next).map(&value).collect()
    };
    match levels {
        None => {
            for first in (0..count).step_by(SLICE) {
                writer.write_batch(&make(SLICE.min(count - first)), None, None)?;
            }
        }
        Some(levels) => {
            for levels in levels.chunks(SLICE) {
                let present = levels.iter().filter(|level| **level == 1).count();
                writer.write_batch(&make(present), Some(levels), None)?;
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
        // Values that come at random.
        let drawn = |count: usize, all: usize| (0..count).map(move |n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % all);
        let table: [(&str, Vec<usize>, bool); 10] = [
            ("none", vec![], false),
            ("few", (0..63).collect(), false),
            ("all different", (0..64).collect(), true),
            ("many, all different", (0..500_000).collect(), true),
            ("one in a hundred again", (0..40_000).map(|n| n - usize::from(n % 100 == 1)).collect(), true),
            ("one in ten again", (0..40_000).map(|n| n - usize::from(n % 10 == 1)).collect(), false),
            ("different at first", (0..100_000).map(|n| n % 5_000).collect(), false),
            ("few of many", drawn(20_000, 90_000).collect(), true),
            ("many of few", drawn(200_000, 90_000).collect(), false),
            ("the same at first", (0..100_000).map(|n| n.max(5_000)).collect(), false),
        ];
        for (case, values, expected) in table {
            assert_eq!(hardly_repeat(values.len(), |index| values[index]), expected, "{case}");
        }
    }
}
