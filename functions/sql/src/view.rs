//! The Arrow view of a batch: the types of the run as types of Arrow, and its rows as columns of Arrow.
//!
//! `int64`, `float64`, `boolean` and `date` are the types of these names; `decimal(p,s)` is exact; `timestamp` is in
//! microseconds, as UTC and without a zone; text is UTF-8. A view has the columns that are asked for, and copies them.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, RecordBatchOptions,
    StringViewArray, StringViewBuilder, TimestampMicrosecondArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Schema as ArrowSchema, SchemaRef, TimeUnit};
use datafusion::arrow::error::ArrowError;
use fanout_core::{Column, ColumnType, Rows, Schema, Values};

/// The columns of a run as Arrow has them.
pub(crate) fn arrow_schema(schema: &Schema) -> SchemaRef {
    let field =
        |column: &fanout_core::SchemaColumn| Field::new(&column.name, arrow_type(column.column_type), column.nullable);
    Arc::new(ArrowSchema::new(schema.columns.iter().map(field).collect::<Vec<_>>()))
}

fn arrow_type(column_type: Option<ColumnType>) -> DataType {
    match column_type {
        None | Some(ColumnType::String) => DataType::Utf8View,
        Some(ColumnType::Int64) => DataType::Int64,
        Some(ColumnType::Float64) => DataType::Float64,
        Some(ColumnType::Decimal { precision, scale }) => DataType::Decimal128(precision, scale as i8),
        Some(ColumnType::Boolean) => DataType::Boolean,
        Some(ColumnType::Date) => DataType::Date32,
        Some(ColumnType::Timestamp) => DataType::Timestamp(TimeUnit::Microsecond, None),
    }
}

/// The name of a type in results: that of a dataset's columns, where there is one.
pub(crate) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string".to_owned(),
        DataType::Int64 => "int64".to_owned(),
        DataType::Float64 => "float64".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(_, None) => "timestamp".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        other => other.to_string().to_lowercase(),
    }
}

/// The columns at these indices of all rows, as `schema` names them.
///
/// # Errors
///
/// [`ArrowError`] where the columns are not those of the schema, or texts of one batch are beyond 4 GiB.
pub(crate) fn record_batch(rows: &Rows<'_>, columns: &[usize], schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let mut arrays = Vec::with_capacity(columns.len());
    for (index, field) in columns.iter().zip(schema.fields()) {
        arrays.push(array(rows, *index, field.data_type())?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(schema.clone(), arrays, &options)
}

/// The batch without texts that none of its rows has: a slice or a filter leaves the whole buffers behind.
///
/// # Errors
///
/// [`ArrowError`] where the columns do not make a batch again, which does not happen.
pub(crate) fn compacted(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let compact = |column: &ArrayRef| -> ArrayRef {
        match column.as_any().downcast_ref::<StringViewArray>() {
            Some(texts) => Arc::new(texts.gc()),
            None => column.clone(),
        }
    };
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), batch.columns().iter().map(compact).collect(), &options)
}

fn array(rows: &Rows<'_>, index: usize, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    Ok(match rows.column(index) {
        Column::Int64(values) => Arc::new(Int64Array::new(values.values.clone().into(), nulls(values))),
        Column::Float64(values) => Arc::new(Float64Array::new(values.values.clone().into(), nulls(values))),
        Column::Boolean(values) => Arc::new(BooleanArray::new(values.values.clone().into(), nulls(values))),
        Column::Date(values) => Arc::new(Date32Array::new(values.values.clone().into(), nulls(values))),
        Column::Timestamp(values) => {
            Arc::new(TimestampMicrosecondArray::new(values.values.clone().into(), nulls(values)))
        }
        Column::Decimal(values, _) => Arc::new(
            Decimal128Array::new(values.values.clone().into(), nulls(values)).with_data_type(data_type.clone()),
        ),
        Column::Text => text(rows, index)?,
    })
}

fn nulls<T>(values: &Values<T>) -> Option<NullBuffer> {
    (values.nulls > 0).then(|| NullBuffer::from(values.valid.as_slice()))
}

fn text(rows: &Rows<'_>, index: usize) -> Result<ArrayRef, ArrowError> {
    let mut builder = StringViewBuilder::with_capacity(rows.len());
    for row in 0..rows.len() {
        if rows.is_null(row, index) {
            builder.append_null();
        } else {
            builder.try_append_value(String::from_utf8_lossy(&rows.field(row, index).value()))?;
        }
    }
    Ok(Arc::new(builder.finish()))
}
