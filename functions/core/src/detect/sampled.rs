//! The records of the samples, decoded as a run would: before anything fans out.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{EncodingFound, Resolved, Samples};
use crate::align::{Alignment, align};
use crate::message::{Dataset, HeaderMatch, InferredColumn, SampledTypes, Types};
use crate::scan::{Batch, Field, RecordLayout, Scanner, Start, Transcoder};
use crate::value::{Decoder, Reason, Refused};
use crate::{
    Code, Coded, ColumnType, DEFAULT_REJECT_RATIO, Dialect, Encoding, Format, Header, JsonLines, OtherKeys,
    TypeCandidates,
};

/// Most of an object's samples would be refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[error(
    "{refused} of {} records of the samples would be refused, at most {allowed} of all may be: {reasons}; {remedy}, or \
     set max_reject_ratio",
    .accepted + .refused
)]
pub struct SamplesRefused {
    /// Records that would be accepted.
    pub accepted: u64,
    /// Records that would be refused.
    pub refused: u64,
    /// The dataset's `max_reject_ratio`, or the default one.
    pub allowed: f64,
    /// The reasons with their counts, and the first record of each.
    pub reasons: String,
    /// The words of a dataset that accept the records of the most frequent reason.
    pub remedy: &'static str,
}

impl Coded for SamplesRefused {
    fn code(&self) -> Code {
        Code::TooManyRejects
    }
}

/// Refuses an object most of whose records would be refused, by the records of its samples: where the samples are
/// the whole object, more than the dataset allows; else more than halfway between that and all of them.
///
/// # Errors
///
/// [`SamplesRefused`] with the reasons.
pub fn check_samples(resolved: &Resolved) -> Result<(), SamplesRefused> {
    let allowed = resolved.dataset.max_reject_ratio.unwrap_or(DEFAULT_REJECT_RATIO);
    let records = &resolved.sampled;
    let limit = if records.whole { allowed } else { (1.0 + allowed) / 2.0 };
    let all = (records.accepted + records.refused) as f64;
    if records.refused as f64 <= limit * all {
        return Ok(());
    }
    let most = records.reasons.iter().max_by_key(|(_, (count, _))| *count).and_then(|(name, _)| Reason::remedy(name));
    Err(SamplesRefused {
        remedy: most.unwrap_or("say in the dataset how it is read"),
        accepted: records.accepted,
        refused: records.refused,
        allowed,
        reasons: records
            .reasons
            .iter()
            .map(|(name, (count, first))| format!("{name} {count} ({first})"))
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// The records of the samples: what a run would do with them, and the types that their values fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SampledRecords {
    /// Tells whether the samples are the whole object.
    whole: bool,
    accepted: u64,
    refused: u64,
    /// Bytes of all of them, terminators included.
    bytes: u64,
    reasons: BTreeMap<&'static str, (u64, String)>,
    /// One for each column; of declared columns and of text they stay as they began.
    pub(crate) columns: Vec<SampledColumn>,
}

/// The values of one column in the samples.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SampledColumn {
    /// The types that all of them fit.
    pub(crate) candidates: TypeCandidates,
    /// Values that are neither null nor a word for null, by the narrowest type of each, in the order of [`TYPES`].
    counts: [u64; TYPES.len()],
    /// The first text among them.
    pub(crate) text: Option<String>,
    /// Tells whether JSON has numbers, booleans, objects or arrays in it.
    pub(crate) bare: bool,
    /// Tells whether its type is to be inferred.
    inferred: bool,
}

/// The names of the types that are counted.
const TYPES: [&str; 6] = ["boolean", "date", "float64", "int64", "text", "timestamp"];

impl SampledRecords {
    /// Decodes the records of the samples as a run would.
    pub(super) fn of(
        samples: &Samples<'_>,
        dataset: &Dataset,
        header: &Header,
        found: &EncodingFound,
        footer: Option<u64>,
    ) -> Self {
        let encoding = found.encoding;
        let dialect = match header.format {
            Format::Csv => dataset.dialect.dialect(),
            Format::JsonLines => Dialect::of_lines(),
        };
        let width = header.names.len() + usize::from(dataset.dialect.trailing_delimiter == Some(true));
        let column = |name: &String| SampledColumn {
            candidates: TypeCandidates::ALL,
            counts: [0; TYPES.len()],
            text: None,
            bare: false,
            inferred: dataset.types != Some(Types::Text) && !dataset.columns.contains_key(name),
        };
        let mut records =
            Self { whole: samples.whole, columns: header.names.iter().map(column).collect(), ..Self::default() };
        let read = Read { dialect: &dialect, dataset, header };
        let first = samples.first.get(header.data_start as usize..).unwrap_or_default();
        let footer = footer.filter(|_| samples.whole && !encoding.is_utf16());
        let footer = footer.map(|at| at.saturating_sub(header.data_start));
        records.add(&encoding.text(first, samples.whole), samples.whole, footer, &read);
        for window in samples.windows {
            let odd = encoding.is_utf16() && (window.offset + found.mark as u64) % 2 == 1;
            let text = encoding.text(window.bytes, false);
            if let (false, Alignment::Boundary(start)) = (odd, align(&text, 0, 0, false, &dialect, width)) {
                records.add(&text[start as usize..], false, None, &read);
            }
        }
        records
    }

    /// Adds the records of a piece that begins with a record. A last one that is cut doesn't count.
    fn add(&mut self, text: &[u8], whole: bool, footer: Option<u64>, read: &Read<'_>) {
        let Read { dialect, dataset, header } = *read;
        let reading = Dataset {
            ragged: dataset.ragged,
            dialect: dataset.dialect.clone(),
            header: dataset.header.clone(),
            ..Dataset::default()
        };
        let mut layout = RecordLayout::new(&header.names, &reading, footer);
        let superset = dataset.header_match() == HeaderMatch::Superset;
        let other_keys = if superset { OtherKeys::PassedOver } else { OtherKeys::Refused };
        let mut lines = JsonLines::new(&header.names, other_keys);
        // Marks of files glued together are no part of a name.
        let mut transcoder = Transcoder::new(Encoding::UTF_8);
        let mut decoder = Decoder::new(dataset.schema(&header.names));
        let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, dataset.max_record());
        scanner.push(text);
        if whole {
            scanner.finish();
        }
        while let Some(batch) = scanner.next_batch() {
            let batch = match header.format {
                Format::Csv => layout.arrange(transcoder.read(batch)),
                Format::JsonLines => lines.read(batch),
            };
            decoder.decode(&batch);
            self.bytes += batch.record_bytes();
            self.accepted += (batch.len() - decoder.refused().len()) as u64;
            for refused in decoder.refused().iter().filter(|refused| refused.reason.is_of_record()) {
                self.refused += 1;
                self.tell(&batch, refused);
            }
            let rows = decoder.rows(batch);
            for (index, column) in self.columns.iter_mut().enumerate().filter(|(_, column)| column.inferred) {
                (0..rows.len()).for_each(|row| column.take(&rows.field(row, index), rows.format()));
            }
        }
    }

    fn tell(&mut self, batch: &Batch<'_>, refused: &Refused) {
        let told = self.reasons.entry(refused.reason.name()).or_insert_with(|| {
            let raw = String::from_utf8_lossy(batch.record(refused.record).raw()).chars().take(40).collect::<String>();
            (0, format!("expected {}, found {}, as in {raw:?}", refused.reason.expected(), refused.reason.found()))
        });
        told.0 += 1;
    }

    /// Bytes of the usual record; 0 where there is none.
    pub fn record_bytes(&self) -> f64 {
        self.bytes as f64 / (self.accepted + self.refused).max(1) as f64
    }

    /// The columns whose types are inferred, or may yet be.
    pub fn inferred(&self) -> Vec<InferredColumn> {
        let open = |(column, sampled): (usize, &SampledColumn)| {
            let candidates = sampled.candidates;
            let open = sampled.inferred && !candidates.is_closed();
            open.then_some(InferredColumn { column: column as u64, candidates })
        };
        self.columns.iter().enumerate().filter_map(open).collect()
    }

    /// The types of values, of columns whose values are not all of one.
    pub fn mixed(&self) -> Vec<SampledTypes> {
        let mixed = |(column, sampled): (usize, &SampledColumn)| {
            let values = sampled.counts().map(|(name, count)| (name.to_owned(), count)).collect();
            (sampled.counts().count() > 1).then_some(SampledTypes { column: column as u64, values })
        };
        self.columns.iter().enumerate().filter_map(mixed).collect()
    }
}

/// The description by which records of samples are read.
struct Read<'r> {
    dialect: &'r Dialect,
    dataset: &'r Dataset,
    header: &'r Header,
}

impl SampledColumn {
    /// The types that were counted, by name, with their counts.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        TYPES.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }

    fn take(&mut self, field: &Field<'_>, format: Format) {
        let json = format == Format::JsonLines;
        let candidates = TypeCandidates::of_field(field, json);
        self.candidates = self.candidates.and(candidates);
        let Some(narrowest) = candidates.narrowest() else { return };
        self.bare |= json && !field.is_quoted();
        let index = match narrowest {
            ColumnType::Boolean => 0,
            ColumnType::Date => 1,
            ColumnType::Float64 => 2,
            ColumnType::Int64 => 3,
            ColumnType::Decimal { .. } | ColumnType::String => 4,
            ColumnType::Timestamp => 5,
        };
        self.counts[index] += 1;
        if TYPES[index] == "text" && self.text.is_none() {
            self.text = Some(String::from_utf8_lossy(&field.value()).chars().take(40).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Window;
    use crate::resolve;

    fn check(first: &str, window: &str, json: &str) -> Option<String> {
        let dataset: Dataset = serde_json::from_str(json).unwrap();
        let windows = [Window { offset: first.len() as u64, bytes: window.as_bytes() }];
        let whole = window.is_empty();
        let samples = Samples { first: first.as_bytes(), whole, windows: if whole { &[] } else { &windows } };
        let size = (first.len() + window.len()) as u64;
        let resolved = resolve(&samples, size, &dataset).unwrap().unwrap();
        check_samples(&resolved).err().map(|error| error.to_string())
    }

    #[test]
    fn objects_most_of_whose_records_would_be_refused() {
        let typed = r#"{"columns":{"a":"int64"}}"#;
        let rows = |row: &str| row.repeat(20);
        assert_eq!(check(&("a,b\n".to_owned() + &rows("1,2\n")), "", "{}"), None);
        let found = check(&("a,b\n".to_owned() + &rows("x,2\n")), "", typed).unwrap();
        assert!(found.starts_with("20 of 20 records of the samples would be refused"), "{found}");
        assert!(found.contains("invalid_value 20 (expected int64, found x, as in \"x,2\")"), "{found}");
        assert_eq!(check(&("a,b\n".to_owned() + &rows("x,2\n") + &rows("1,2\n")), "", typed), None, "half of them");
        let all = r#"{"columns":{"a":"int64"},"max_reject_ratio":1}"#;
        assert_eq!(check(&("a,b\n".to_owned() + &rows("x,2\n")), "", all), None);
        // The rest of an object may be better than its beginning.
        let first = "a,b\n".to_owned() + &rows("x,2\n");
        assert_eq!(check(&first, &rows("1,2\n"), typed), None);
        assert!(check(&first, &rows("y,2\n"), typed).is_some());
        let glued = format!("id,n\n{}\u{feff}id,n\n{0}", rows("1,2\n"));
        let samples = Samples { first: glued.as_bytes(), whole: true, windows: &[] };
        let resolved = resolve(&samples, glued.len() as u64, &Dataset::default()).unwrap().unwrap();
        assert_eq!((resolved.sampled.accepted, resolved.sampled.refused), (40, 0), "the header of glued files");
        // A footer has no records, however long it is.
        assert_eq!(check("a,b\n1,2\n\nTotal: 1\nmade by x\non a day\nfor y\n", "", "{}"), None);
        let json = rows("{\"a\": \"x\"}\n");
        assert!(check(&json, "", typed).is_some());
    }
}
