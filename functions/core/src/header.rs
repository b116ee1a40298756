//! The header of an object: its column names and the start of its data.

use std::borrow::Cow;

use thiserror::Error;

use crate::detect::{DetectError, Detected, HeaderFound, Samples, TrailingDelimiter};
use crate::message::Dataset;
use crate::scan::{Fault, Scanner, Start, lines_before};
use crate::{Code, Coded, Encoding, Format, SharedByteError, Terminator, utf16_bytes};

mod keys;
mod names;

use keys::keys;
pub(crate) use names::unique;
use names::{mismatch, validate};

/// The header of an object, and where its data begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The format of the object's text.
    pub format: Format,
    /// The records that are the header.
    pub found: HeaderFound,
    /// Column names in the order of the object, each one unique.
    pub names: Vec<String>,
    /// Offset of the first byte after the byte-order mark and the header record, in bytes.
    pub data_start: u64,
}

/// The reason why an object's header can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// No record in the whole object.
    #[error("no header record in its {size} bytes")]
    Missing {
        /// Size of the object in bytes.
        size: u64,
    },
    /// The header can't be read as a record.
    #[error("header: record at byte {offset}, line {line}: expected {}, found {}", fault.expected(), fault.found())]
    Unreadable {
        /// Offset of its first byte in the object.
        offset: u64,
        /// Its first line in the object, the first being 1.
        line: u64,
        /// The fault.
        fault: Fault,
    },
    /// The object is no text, or nothing consistent is in it.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// A byte of the dialect can't be told from parts of other characters.
    #[error(transparent)]
    SharedByte(#[from] SharedByteError),
    /// A name has bytes that the encoding does not allow.
    #[error("header: the name of column {column} isn't valid in {encoding}")]
    NotText {
        /// Number of the column, the first being 1.
        column: usize,
        /// The encoding.
        encoding: Encoding,
    },
    /// The object ends its records with CR, which the dialect doesn't.
    #[error(
        "header: the name of column {column} has a lone CR in it; if the records end with CR, set the dialect's terminator to \"cr\" or \"any\""
    )]
    LoneCr {
        /// Number of the column, the first being 1.
        column: usize,
    },
    /// No line that could be looked at is an object, or none has a key.
    #[error("none of the first {lines} lines is a JSON object with a key: JSON lines have one object on each line")]
    NotJsonLines {
        /// Lines looked at.
        lines: u64,
    },
    /// The names aren't those that the dataset expects.
    #[error("header does not match: {}", mismatch(.missing, .unexpected, .out_of_order))]
    Mismatch {
        /// Expected names that aren't there.
        missing: Vec<String>,
        /// Names that nobody expects.
        unexpected: Vec<String>,
        /// Expected names at another place: name, expected column, found column, the first being 1.
        out_of_order: Vec<(String, usize, usize)>,
    },
}

impl Coded for HeaderError {
    fn code(&self) -> Code {
        match self {
            HeaderError::Missing { .. } => Code::EmptyObject,
            HeaderError::Unreadable { fault: Fault::RecordTooLarge { .. }, .. } => Code::RecordTooLarge,
            HeaderError::Unreadable { fault: Fault::UnterminatedQuote { .. }, .. } => Code::UnterminatedQuote,
            HeaderError::Detect(error) => error.code(),
            HeaderError::SharedByte(error) => error.code(),
            HeaderError::NotText { .. } => Code::UnsupportedEncoding,
            HeaderError::Unreadable { .. }
            | HeaderError::LoneCr { .. }
            | HeaderError::NotJsonLines { .. }
            | HeaderError::Mismatch { .. } => Code::HeaderMismatch,
        }
    }
}

/// Reads and validates the header of an object of `size` bytes in the first of its samples.
///
/// JSON lines have no header record: their columns are the names that the dataset expects; where it
/// expects none, the keys of the objects in the samples, in the order in which they come, and
/// the declared columns that aren't among them.
///
/// `None` asks for a longer first sample; with the whole text it never does.
pub(crate) fn read(
    samples: &Samples<'_>,
    size: u64,
    detected: &Detected,
    dataset: &Dataset,
) -> Result<Option<Header>, HeaderError> {
    let encoding = detected.encoding.encoding;
    let start = usize::try_from(detected.text_start).unwrap_or(usize::MAX);
    let text = encoding.scanned(samples.first.get(start..).unwrap_or_default(), samples.whole);
    let terminator = detected.dialect.terminator;
    let lines = lines_before(samples.first, detected.text_start, encoding, terminator).unwrap_or(0);
    let text =
        Text { text: &text, whole: samples.whole, size, encoding, start: detected.text_start, lines, terminator };
    let header = match detected.format {
        Format::JsonLines => keys(&text, samples.windows, dataset)?.map(|names| (names, 0)),
        Format::Csv if detected.header == HeaderFound::None => Some((given_names(detected, dataset), 0)),
        Format::Csv => names_of(&text, detected, dataset)?,
    };
    let Some((names, end)) = header else {
        return if samples.whole { Err(HeaderError::Missing { size }) } else { Ok(None) };
    };
    let header = &text.text[..end];
    let bytes = if encoding.is_utf16() { utf16_bytes(header) } else { header.len() as u64 };
    Ok(Some(Header { format: detected.format, found: detected.header, names, data_start: detected.text_start + bytes }))
}

/// The text from the header on.
struct Text<'a> {
    text: &'a [u8],
    /// Tells whether this is all of it.
    whole: bool,
    /// Size of the object in bytes.
    size: u64,
    encoding: Encoding,
    /// Bytes of the object before it.
    start: u64,
    /// Line breaks before it.
    lines: u64,
    terminator: Terminator,
}

impl Text<'_> {
    /// The error of a record of the text that can't be read, by its offset there.
    fn unreadable(&self, offset: u64, fault: &Fault) -> HeaderError {
        let before = self.text.get(..offset as usize).unwrap_or(self.text);
        let bytes = if self.encoding.is_utf16() { utf16_bytes(before) } else { offset };
        let lines = lines_before(before, before.len() as u64, Encoding::UTF_8, self.terminator).unwrap_or(0);
        HeaderError::Unreadable { offset: self.start + bytes, line: self.lines + lines + 1, fault: fault.clone() }
    }
}

/// The names of an object without a header.
fn given_names(detected: &Detected, dataset: &Dataset) -> Vec<String> {
    match dataset.expected_names() {
        [] => (1..=detected.columns).map(|number| format!("column_{number}")).collect(),
        names => names.to_vec(),
    }
}

/// The names in the header records of a text, and where the first record after them begins; `None` where
/// they aren't there yet.
fn names_of(
    text: &Text<'_>,
    detected: &Detected,
    dataset: &Dataset,
) -> Result<Option<(Vec<String>, usize)>, HeaderError> {
    let rule = dataset.header.as_ref();
    let Some((mut names, end)) = (match detected.header {
        HeaderFound::Malformed => cut_names(text, detected),
        HeaderFound::Joined => records(text, detected, dataset, 2)?.map(|(records, end)| (joined(records), end)),
        _ => records(text, detected, dataset, 1)?.map(|(records, end)| (records.concat(), end)),
    }) else {
        return Ok(None);
    };
    let trailing = dataset.dialect.trailing_delimiter == Some(true)
        || matches!(detected.trailing_delimiter, TrailingDelimiter::Header | TrailingDelimiter::All);
    if trailing && names.len() > 1 && names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    match detected.header {
        HeaderFound::Short => names.insert(0, String::new()),
        HeaderFound::Gap => names.retain(|name| !name.is_empty()),
        _ => {}
    }
    if let Some(rule) = rule {
        validate(&names, rule)?;
    }
    Ok(Some((unique(names), end)))
}

/// The fields of the first `count` records, and where the next one begins.
fn records(
    text: &Text<'_>,
    detected: &Detected,
    dataset: &Dataset,
    count: usize,
) -> Result<Option<(Vec<Vec<String>>, usize)>, HeaderError> {
    let dialect = &detected.dialect;
    let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, dataset.max_record());
    scanner.push(text.text);
    if text.whole {
        scanner.finish();
    }
    let Some(batch) = scanner.next_batch() else { return Ok(None) };
    if let Some((faulty, fault)) = batch.faults().next().filter(|(faulty, _)| *faulty < count) {
        return Err(text.unreadable(batch.record(faulty).offset(), fault));
    }
    if batch.len() < count {
        return Ok(None);
    }
    let mut found = Vec::new();
    let mut end = 0;
    for record in batch.records().take(count) {
        let mut names = Vec::with_capacity(record.len());
        for (index, field) in record.fields().enumerate() {
            // Read on, the whole object would be its header, and the run would succeed with no record.
            if dialect.terminator == Terminator::Auto && !field.is_quoted() && field.raw().contains(&b'\r') {
                return Err(HeaderError::LoneCr { column: index + 1 });
            }
            let name = text.encoding.decode(&field.value()).map(Cow::into_owned);
            let name = name.ok_or(HeaderError::NotText { column: index + 1, encoding: text.encoding })?;
            // A blank around a name is no part of it, but for one in quotes.
            names.push(if field.is_quoted() { name } else { name.trim_matches([' ', '\t']).to_owned() });
        }
        found.push(names);
        end = record.next() as usize;
    }
    Ok(Some((found, end)))
}

/// The names of two records of which the first one's span columns of the second: `2019 a`, `2019 b`.
fn joined(records: Vec<Vec<String>>) -> Vec<String> {
    let [upper, lower] = <[Vec<String>; 2]>::try_from(records).unwrap_or_default();
    let mut spanning = String::new();
    let mut names = Vec::new();
    for (index, below) in lower.into_iter().enumerate() {
        let above = upper.get(index).map_or("", String::as_str);
        if !above.is_empty() {
            spanning = above.to_owned();
        }
        names.push(match (spanning.is_empty(), below.is_empty()) {
            (true, _) => below,
            (false, true) => above.to_owned(),
            (false, false) => format!("{spanning} {below}"),
        });
    }
    names
}

/// The names of a first line whose quoting is malformed: what stands between its delimiters, or between a pair of
/// quotes there.
fn cut_names(text: &Text<'_>, detected: &Detected) -> Option<(Vec<String>, usize)> {
    let start = text.text.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let end = start + text.text[start..].iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let next = end + if text.text[end..].starts_with(b"\r\n") { 2 } else { 1 };
    let quote = detected.dialect.quote;
    let within = |name: &'_ [u8]| match name {
        [first, inner @ .., last] if first == last && Some(*first) == quote && !inner.contains(first) => inner.to_vec(),
        _ => name.to_vec(),
    };
    let names = text.text[start..end].split(|byte| *byte == detected.dialect.delimiter).map(<[u8]>::trim_ascii);
    Some((names.map(|name| text.encoding.decode_lossy(&within(name)).trim().to_owned()).collect(), next))
}

#[cfg(test)]
mod tests;
