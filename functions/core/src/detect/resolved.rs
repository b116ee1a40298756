//! The resolved dataset: all that a dataset left unsaid, detected once for the whole run.

use std::collections::HashMap;

use super::sampled::SampledRecords;
use super::types::types;
use super::{Detected, EncodingFound, Given, GivenHeader, HeaderFound, Samples, TrailingDelimiter, detect, footer};
use crate::message::{Dataset, DialectRule, Evidence, HeaderMatch, HeaderRule};
use crate::{Format, Header, HeaderError, header};

/// An object's reading: what every chunk of a run takes for granted.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The dataset, in which nothing is left to detection.
    pub dataset: Dataset,
    /// The header.
    pub header: Header,
    /// The encoding.
    pub encoding: EncodingFound,
    /// Offset in the object of the first line after the last record; absent where there is none.
    pub footer_start: Option<u64>,
    /// The things detected, each with its reason.
    pub evidence: Vec<Evidence>,
    /// The records of the samples.
    pub sampled: SampledRecords,
}

/// Resolves a dataset by the samples of an object of `size` bytes: finds out what the dataset does not
/// say, and reads and validates the header. What it says is never overruled.
///
/// The first sample of a compressed object is the beginning of its text, and `size` the size of its text,
/// or `u64::MAX` where that isn't known.
///
/// `None` asks for a longer first sample; with the whole text as first sample it never does.
///
/// # Errors
///
/// [`HeaderError`] where the object is no text, nothing consistent is in it, or the header is missing,
/// cannot be read, or does not match the dataset.
///
/// ```
/// use fanout_core::{Samples, message::Dataset, resolve};
///
/// let text = b"id;name\n1;a\n2;b\n";
/// let samples = Samples { first: text, whole: true, windows: &[] };
/// let resolved = resolve(&samples, text.len() as u64, &Dataset::default())?.unwrap();
/// assert_eq!(resolved.header.names, ["id", "name"]);
/// assert_eq!(resolved.header.data_start, 8);
/// assert_eq!(resolved.dataset.dialect.delimiter, Some(b';'));
/// # Ok::<(), fanout_core::HeaderError>(())
/// ```
pub fn resolve(samples: &Samples<'_>, size: u64, dataset: &Dataset) -> Result<Option<Resolved>, HeaderError> {
    let mut detected = detect(samples, &given(dataset))?;
    let said = &dataset.dialect;
    detected.dialect.quotes = said.quotes.unwrap_or_default();
    detected.dialect.trim = said.trim.unwrap_or(detected.dialect.trim);
    if let Some(outside) = said.escape_outside_quotes {
        detected.dialect.escape_outside_quotes = outside && detected.dialect.escape.is_some();
    }
    if detected.format == Format::Csv {
        detected.encoding.encoding.check_dialect(&detected.dialect)?;
    }
    let mut resolved = Dataset {
        encoding: Some(detected.encoding.encoding.name().to_ascii_lowercase()),
        format: Some(detected.format),
        ..dataset.clone()
    };
    if detected.format == Format::Csv {
        let trailing = matches!(detected.trailing_delimiter, TrailingDelimiter::Records | TrailingDelimiter::All);
        resolved.dialect = DialectRule {
            trailing_delimiter: Some(dataset.dialect.trailing_delimiter.unwrap_or(trailing)),
            ..DialectRule::from(&detected.dialect)
        };
        resolved.skip_lines = Some(detected.skip_lines);
        let rule = resolved.header.get_or_insert_default();
        if detected.header == HeaderFound::None {
            rule.matches = HeaderMatch::None;
        }
    }
    let Some(header) = header::read(samples, size, &detected, &resolved)? else { return Ok(None) };
    let footer = match detected.format {
        Format::Csv => footer::find(samples, size, &detected, &resolved, &header),
        Format::JsonLines => None,
    };
    let mut evidence = detected.evidence;
    if let Some((_, told)) = &footer {
        evidence.push(told.clone());
    }
    evidence.extend(names_by_case(&header.names));
    let footer_start = footer.map(|(start, _)| start);
    let sampled = SampledRecords::of(samples, &resolved, &header, &detected.encoding, footer_start);
    evidence.extend(types(&sampled, &header.names, resolved.dialect.dialect().delimiter));
    Ok(Some(Resolved { dataset: resolved, header, encoding: detected.encoding, footer_start, evidence, sampled }))
}

/// Tells of names that differ only by case: many databases take them for one.
fn names_by_case(names: &[String]) -> Option<Evidence> {
    let mut seen = HashMap::new();
    let alike: Vec<String> = names
        .iter()
        .filter_map(|name| Some(format!("{} and {name}", seen.insert(name.to_lowercase(), name)?)))
        .take(3)
        .collect();
    let sentence = "they differ only by case";
    (!alike.is_empty()).then(|| Evidence::new("names", alike.join(", "), sentence))
}

/// The word of a dataset on its files.
fn given(dataset: &Dataset) -> Given<'_> {
    let Dataset { dialect, .. } = dataset;
    let header = |rule: &'_ HeaderRule| rule.matches != HeaderMatch::None;
    Given {
        encoding: dataset.encoding.as_deref(),
        format: dataset.format,
        delimiter: dialect.delimiter,
        quote: dialect.quote,
        escape: dialect.escape,
        comment: dialect.comment,
        terminator: dialect.terminator,
        skip_lines: dataset.skip_lines,
        header: dataset.header.as_ref().map(|rule| match header(rule) {
            true => GivenHeader::Record(&rule.expect),
            false => GivenHeader::None,
        }),
    }
}

impl Detected {
    /// Fields of a usual record, among them the empty one after a delimiter at its end.
    pub(crate) fn width(&self, columns: usize) -> usize {
        let trailing = matches!(self.trailing_delimiter, TrailingDelimiter::Records | TrailingDelimiter::All);
        columns + usize::from(trailing)
    }
}
