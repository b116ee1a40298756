//! A dataset from samples: detection, and a type for each column.

use super::{Resolved, Samples, resolve};
use crate::message::{ColumnRule, Dataset, Evidence, HeaderMatch};
use crate::scan::{Batch, RecordLayout, Scanner, Start};
use crate::value::{Decoder, Observed};
use crate::{ColumnType, Dialect, Format, HeaderError, JsonLines};

/// Digits of a decimal column: enough for what a sample may not show.
const PRECISION: u8 = 18;

/// Digits after the point that make numbers decimals: amounts of money.
const SCALE: u8 = 2;

/// A dataset, and the evidence for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Inferred {
    /// The dataset, for a person to edit.
    pub dataset: Dataset,
    /// The things detected, each with its reason.
    pub evidence: Vec<Evidence>,
}

/// Infers a dataset from the samples of an object of `size` bytes, for a person to edit.
///
/// The dataset is the one that [`resolve`] finds, with the names of the header, and with the types of columns
/// that `dataset` does not declare. A column whose values in the first sample all are of one type gets
/// it: numbers with two digits after the point, all of them, are decimals. Every column may be null. One
/// without a value isn't declared, and one with nested JSON neither, as a string would change it.
///
/// `None` asks for a longer first sample.
///
/// # Errors
///
/// As [`resolve`].
pub fn infer(samples: &Samples<'_>, size: u64, dataset: &Dataset) -> Result<Option<Inferred>, HeaderError> {
    let Some(Resolved { dataset: mut resolved, header, encoding, footer_start, evidence }) =
        resolve(samples, size, dataset)?
    else {
        return Ok(None);
    };
    if resolved.expected_names().is_empty() {
        // Of names that had to be made unique nothing can be expected.
        let mut expecting = resolved.clone();
        expecting.header.get_or_insert_default().expect = header.names.clone();
        if resolve(samples, size, &expecting).is_ok() {
            resolved = Dataset { header: expecting.header, ..resolved };
        }
    }
    if header.format == Format::JsonLines && resolved.expected_names().is_empty() {
        resolved.header.get_or_insert_default().expect = header.names.clone();
    }
    let text = samples.first.get(header.data_start as usize..).unwrap_or_default();
    let text = encoding.encoding.text(text, samples.whole);
    let reading = resolved.clone();
    declare(&mut resolved, &header.names, |see| match header.format {
        Format::JsonLines => {
            let more = dataset.header_match() == HeaderMatch::Superset;
            let mut objects = JsonLines::new(&header.names, more);
            each_batch(&text, samples.whole, &Dialect::of_lines(), |batch| see(&objects.read(batch)));
        }
        Format::Csv => {
            let footer = footer_start.filter(|_| samples.whole).map(|at| at - header.data_start);
            let mut layout = RecordLayout::new(&header.names, &reading, footer);
            each_batch(&text, samples.whole, &reading.dialect.dialect(), |batch| see(&layout.arrange(batch)));
        }
    });
    Ok(Some(Inferred { dataset: resolved, evidence }))
}

/// Declares the columns by the records of the batches that `batches` shows.
fn declare(dataset: &mut Dataset, names: &[String], batches: impl FnOnce(&mut dyn FnMut(&Batch<'_>))) {
    let mut columns = vec![Seen::default(); names.len()];
    // Nothing is declared yet: it refuses what isn't a record of these columns.
    let mut decoder = Decoder::new(Dataset::default().schema(names));
    batches(&mut |batch| {
        decoder.decode(batch);
        let rows = decoder.rows(*batch);
        for row in 0..rows.len() {
            for (index, column) in columns.iter_mut().enumerate() {
                let (observed, value) = rows.observed(row, index);
                // A text of JSON without quotes is an object or an array.
                let bare = rows.format() == Format::JsonLines && !rows.field(row, index).is_quoted();
                column.look_at(observed, &value, bare);
            }
        }
    });
    for (name, column) in names.iter().zip(columns) {
        if let Some(column_type) = column.column_type()
            && !dataset.columns.contains_key(name)
        {
            // A sample can't show that no null comes later.
            dataset.columns.insert(name.clone(), ColumnRule { column_type, nullable: true });
        }
    }
}

/// Calls `use_batch` with all records, batch by batch, up to one that cannot be read.
fn each_batch(text: &[u8], whole: bool, dialect: &Dialect, mut use_batch: impl FnMut(Batch<'_>)) {
    let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, text.len().max(1));
    scanner.push(text);
    if whole {
        scanner.finish();
    }
    while let Some(batch) = scanner.next_batch() {
        use_batch(batch);
    }
}

/// The looks of a column's values.
#[derive(Debug, Clone, Default)]
struct Seen {
    nulls: u64,
    integers: u64,
    floats: u64,
    /// Numbers with two digits after the point.
    money: u64,
    booleans: u64,
    dates: u64,
    timestamps: u64,
    texts: u64,
    /// Objects and arrays of JSON.
    nested: u64,
}

impl Seen {
    fn look_at(&mut self, observed: Observed, value: &[u8], bare: bool) {
        let count = match observed {
            Observed::Null => &mut self.nulls,
            Observed::Int64(_) => &mut self.integers,
            Observed::Float64(_) => {
                let point = value.iter().position(|byte| *byte == b'.');
                let digits = value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
                let scale = point.map(|point| value.len() - point - 1);
                self.money += u64::from(digits && scale == Some(SCALE.into()) && value.len() < PRECISION.into());
                &mut self.floats
            }
            Observed::Boolean(_) => &mut self.booleans,
            Observed::Date(_) => &mut self.dates,
            Observed::Timestamp(_) => &mut self.timestamps,
            Observed::Text if bare => &mut self.nested,
            Observed::Text => &mut self.texts,
        };
        *count += 1;
    }

    /// The type that all values have.
    fn column_type(&self) -> Option<ColumnType> {
        let all = self.integers + self.floats + self.booleans + self.dates + self.timestamps + self.texts;
        Some(match all {
            0 => return None,
            _ if self.nested > 0 => return None,
            _ if self.integers == all => ColumnType::Int64,
            _ if self.money == all => ColumnType::Decimal { precision: PRECISION, scale: SCALE },
            _ if self.integers + self.floats == all => ColumnType::Float64,
            _ if self.booleans == all => ColumnType::Boolean,
            _ if self.dates == all => ColumnType::Date,
            _ if self.timestamps == all => ColumnType::Timestamp,
            _ => ColumnType::String,
        })
    }
}

#[cfg(test)]
mod tests;
