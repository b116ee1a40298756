//! A dataset from the beginning of an object: detection, and a type for each column.

use thiserror::Error;

use crate::detect::{DetectError, Detected, Evidence, Given, HeaderFound, Samples, TrailingDelimiter, detect};
use crate::message::{ColumnRule, Dataset, HeaderMatch, HeaderRule};
use crate::scan::{Batch, Keys, Scanner, Start};
use crate::value::{Decoder, Observed};
use crate::{
    Code, Coded, ColumnType, DEFAULT_MAX_RECORD, Dialect, Encoding, Format, HeaderError, JsonLines, read_header,
};

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

/// The reason why no dataset can be inferred.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InferError {
    /// The object is nothing that is read, or nothing consistent is in it.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// The header can't be read in the dialect that was detected.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The object has a thing that no dataset can say.
    #[error("detected {evidence}: a dataset cannot say this; {remedy}")]
    Unsayable {
        /// The thing and its reason.
        evidence: String,
        /// The next step.
        remedy: &'static str,
        /// The code.
        code: Code,
    },
}

impl Coded for InferError {
    fn code(&self) -> Code {
        match self {
            InferError::Detect(error) => error.code(),
            InferError::Header(error) => error.code(),
            InferError::Unsayable { code, .. } => *code,
        }
    }
}

/// Infers a dataset from the beginning of an object, for a person to edit.
///
/// `sample` are the first bytes of an object of `size` bytes; a record that is cut at its end isn't
/// looked at. Dialect and header are those that [`detect`] finds. A column whose values all are of one
/// type gets it: numbers with two digits after the point, all of them, are decimals. One without a null
/// is declared to have none, and one without a value isn't declared. Of JSON lines the columns are the
/// keys; one with nested values isn't declared either, as a string would change it.
///
/// # Errors
///
/// [`InferError`] where the object is no table, or a table of which a dataset can't say all.
pub fn infer(sample: &[u8], size: u64) -> Result<Inferred, InferError> {
    let whole = sample.len() as u64 >= size;
    let detected = detect(&Samples { first: sample, whole, windows: &[] }, &Given::default())?;
    check_sayable(&detected)?;
    let mark = detected.encoding.mark;
    let text = &sample[mark..];
    if detected.format == Format::JsonLines {
        return Ok(Inferred { dataset: json_lines(sample, size, mark)?, evidence: detected.evidence });
    }
    let mut dataset = Dataset { dialect: detected.dialect, ..Dataset::default() };
    if detected.header == HeaderFound::None {
        let expect = (1..=detected.columns).map(|number| format!("column_{number}")).collect();
        dataset.header = HeaderRule { expect, matches: HeaderMatch::None };
    } else {
        let first = read_header(sample, size, &dataset, Encoding::UTF_8)?.ok_or(HeaderError::Missing { size })?;
        let header = HeaderRule { expect: first.names, matches: HeaderMatch::Exact };
        // Of names that had to be made unique nothing is expected.
        if read_header(sample, size, &Dataset { header: header.clone(), ..dataset.clone() }, Encoding::UTF_8).is_ok() {
            dataset.header = header;
        }
    }
    if let Some(header) = read_header(sample, size, &dataset, Encoding::UTF_8)? {
        let data = text.get(header.data_start as usize - mark..).unwrap_or_default();
        let dialect = dataset.dialect.clone();
        declare(&mut dataset, &header.names, |see| {
            each_batch(data, whole, &dialect, |batch| see(&batch));
        });
    }
    Ok(Inferred { dataset, evidence: detected.evidence })
}

/// Refuses what was detected and has no word in a dataset: never a dataset that reads the object wrongly.
fn check_sayable(detected: &Detected) -> Result<(), InferError> {
    const REMOVE_LINES: &str = "remove the lines before the header";
    const ONE_HEADER: &str = "give the object one header line with a name for each column";
    const NO_TRAILING: &str = "remove the delimiter at the end of lines";
    const PLAIN_QUOTES: &str = "write the fields in quotes, and quotes in them doubled";
    const UTF_8: &str = "convert it to UTF-8";
    let layout = Code::HeaderMismatch;
    let found = if !detected.encoding.encoding.is_utf8() {
        ("encoding", UTF_8, Code::UnsupportedEncoding)
    } else if detected.skip_lines > 0 {
        ("skip_lines", REMOVE_LINES, layout)
    } else if !matches!(detected.header, HeaderFound::Record | HeaderFound::None) {
        ("header", ONE_HEADER, layout)
    } else if matches!(detected.trailing_delimiter, TrailingDelimiter::Records | TrailingDelimiter::Header) {
        ("trailing delimiter", NO_TRAILING, layout)
    } else if detected.escape_outside_quotes {
        ("escape", PLAIN_QUOTES, layout)
    } else if detected.blanks_around_quotes {
        ("trim", PLAIN_QUOTES, layout)
    } else {
        return Ok(());
    };
    let (what, remedy, code) = found;
    let evidence = detected.evidence.iter().find(|evidence| evidence.what == what);
    Err(InferError::Unsayable { evidence: evidence.map_or_else(|| what.to_owned(), ToString::to_string), remedy, code })
}

fn json_lines(sample: &[u8], size: u64, mark: usize) -> Result<Dataset, InferError> {
    // The lines that aren't cut, as if they were all.
    let cut = (sample.len() as u64) < size;
    let end = sample.iter().rposition(|byte| cut && *byte == b'\n').map_or(sample.len(), |at| at + 1);
    let sample = &sample[..end];
    read_header(sample, end as u64, &Dataset::default(), Encoding::UTF_8)?.ok_or(HeaderError::Missing { size })?;
    let lines = |use_lines: &mut dyn FnMut(Batch<'_>)| {
        each_batch(&sample[mark..], true, &Dialect::of_lines(), use_lines);
    };
    // All keys of the sample: a run takes those of its beginning for its header, and refuses later ones.
    let mut keys = Keys::default();
    lines(&mut |batch| batch.records().for_each(|line| keys.add(&line, Encoding::UTF_8)));
    let names = keys.names;
    let rule = HeaderRule { expect: names.clone(), matches: HeaderMatch::Exact };
    let mut dataset = Dataset { format: Some(Format::JsonLines), header: rule, ..Dataset::default() };
    let mut objects = JsonLines::new(&names, false);
    declare(&mut dataset, &names, |see| lines(&mut |batch| see(&objects.read(batch))));
    Ok(dataset)
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
        if let Some(column_type) = column.column_type() {
            dataset.columns.insert(name.clone(), ColumnRule { column_type, nullable: column.nulls > 0 });
        }
    }
}

/// Calls `use_batch` with all records, batch by batch, up to one that cannot be read.
fn each_batch(text: &[u8], whole: bool, dialect: &Dialect, mut use_batch: impl FnMut(Batch<'_>)) {
    let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, DEFAULT_MAX_RECORD);
    scanner.push(text);
    if whole {
        scanner.finish();
    }
    while let Ok(Some(batch)) = scanner.next_batch() {
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
