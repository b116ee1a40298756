//! The records of the samples, decoded as a run would: before anything fans out.

use std::collections::BTreeMap;

use super::{Resolved, Samples};
use crate::align::{Alignment, align};
use crate::message::{Dataset, HeaderMatch};
use crate::scan::{Batch, RecordLayout, Scanner, Start};
use crate::value::{Decoder, Refused};
use crate::{Code, Coded, DEFAULT_REJECT_RATIO, Dialect, Format, JsonLines};
use thiserror::Error;

/// Most of an object's samples would be refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[error(
    "{refused} of {} records of the samples would be refused, at most {allowed} of all may be: {reasons}; say in the \
     dataset how the object is read, or set max_reject_ratio",
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
}

impl Coded for SamplesRefused {
    fn code(&self) -> Code {
        Code::TooManyRejects
    }
}

/// Decodes the records of the samples as a run would, and refuses an object most of whose records would be
/// refused: where the samples are the whole object, more than the dataset allows; else more than halfway
/// between that and all of them.
///
/// # Errors
///
/// [`SamplesRefused`] with the reasons.
pub fn check_samples(samples: &Samples<'_>, resolved: &Resolved) -> Result<(), SamplesRefused> {
    let allowed = resolved.dataset.max_reject_ratio.unwrap_or(DEFAULT_REJECT_RATIO);
    let limit = if samples.whole { allowed } else { (1.0 + allowed) / 2.0 };
    let counts = Counts::of(samples, resolved);
    let all = (counts.accepted + counts.refused) as f64;
    if counts.refused as f64 <= limit * all {
        return Ok(());
    }
    Err(SamplesRefused {
        accepted: counts.accepted,
        refused: counts.refused,
        allowed,
        reasons: counts
            .reasons
            .iter()
            .map(|(name, (count, first))| format!("{name} {count} ({first})"))
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// Records of the samples by what a run would do with them.
#[derive(Debug, Default)]
struct Counts {
    accepted: u64,
    refused: u64,
    reasons: BTreeMap<&'static str, (u64, String)>,
}

impl Counts {
    fn of(samples: &Samples<'_>, resolved: &Resolved) -> Self {
        let Resolved { dataset, header, encoding: found, .. } = resolved;
        let encoding = found.encoding;
        let dialect = match header.format {
            Format::Csv => dataset.dialect.dialect(),
            Format::JsonLines => Dialect::of_lines(),
        };
        let width = header.names.len() + usize::from(dataset.dialect.trailing_delimiter == Some(true));
        let mut counts = Counts::default();
        let first = samples.first.get(header.data_start as usize..).unwrap_or_default();
        let footer = resolved.footer_start.filter(|_| samples.whole && !encoding.is_utf16());
        let footer = footer.map(|at| at.saturating_sub(header.data_start));
        counts.add(&encoding.text(first, samples.whole), samples.whole, footer, &dialect, resolved);
        for window in samples.windows {
            let odd = encoding.is_utf16() && (window.offset + found.mark as u64) % 2 == 1;
            let text = encoding.text(window.bytes, false);
            if let (false, Alignment::Boundary(start)) = (odd, align(&text, 0, 0, false, &dialect, width)) {
                counts.add(&text[start as usize..], false, None, &dialect, resolved);
            }
        }
        counts
    }

    /// Adds the records of a piece that begins with a record. A last one that is cut doesn't count.
    fn add(&mut self, text: &[u8], whole: bool, footer: Option<u64>, dialect: &Dialect, resolved: &Resolved) {
        let Resolved { dataset, header, .. } = resolved;
        let reading = Dataset {
            ragged: dataset.ragged,
            dialect: dataset.dialect.clone(),
            header: dataset.header.clone(),
            ..Dataset::default()
        };
        let mut layout = RecordLayout::new(&header.names, &reading, footer);
        let mut lines = JsonLines::new(&header.names, dataset.header_match() == HeaderMatch::Superset);
        let mut decoder = Decoder::new(dataset.schema(&header.names));
        let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, dataset.max_record());
        scanner.push(text);
        if whole {
            scanner.finish();
        }
        while let Some(batch) = scanner.next_batch() {
            let batch = match header.format {
                Format::Csv => layout.arrange(batch),
                Format::JsonLines => lines.read(batch),
            };
            decoder.decode(&batch);
            self.refused += decoder.refused().len() as u64;
            self.accepted += (batch.len() - decoder.refused().len()) as u64;
            decoder.refused().iter().for_each(|refused| self.tell(&batch, refused));
        }
    }

    fn tell(&mut self, batch: &Batch<'_>, refused: &Refused) {
        let told = self.reasons.entry(refused.reason.name()).or_insert_with(|| {
            let raw = String::from_utf8_lossy(batch.record(refused.record).raw()).chars().take(40).collect::<String>();
            (0, format!("expected {}, found {}, as in {raw:?}", refused.reason.expected(), refused.reason.found()))
        });
        told.0 += 1;
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
        check_samples(&samples, &resolved).err().map(|error| error.to_string())
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
        let json = rows("{\"a\": \"x\"}\n");
        assert!(check(&json, "", typed).is_some());
    }
}
