//! The columns of JSON lines, from the keys of the first lines.

use super::{HeaderError, Text};
use crate::Dialect;
use crate::message::Dataset;
use crate::scan::Keys;

/// Bytes of JSON lines whose keys are the header, where nobody says what it is.
const SAMPLE: usize = 64 << 10;

/// The columns of JSON lines, and where their first line begins; `None` where there is no line in
/// the prefix, or a longer one has more to say.
pub(super) fn keys(text: &Text<'_>, dataset: &Dataset) -> Result<Option<(Vec<String>, u64)>, HeaderError> {
    let length = text.scanned.len();
    if !text.whole && length < SAMPLE {
        return Ok(None);
    }
    let mut keys = keys_of(text, length.min(SAMPLE), u64::MAX, dataset)?;
    if keys.lines == 0 {
        keys = keys_of(text, length, 1, dataset)?;
    }
    if keys.lines == 0 {
        return Ok(None);
    }
    let Keys { names: found, lines, objects, .. } = keys;
    let expect = &dataset.header.expect;
    let names = if !expect.is_empty() {
        // Keys may be missing in a line, but if none is ever there these are other objects.
        if objects > 0 && !expect.iter().any(|name| found.contains(name)) {
            return Err(HeaderError::Mismatch { missing: expect.clone(), unexpected: found, out_of_order: Vec::new() });
        }
        expect.clone()
    } else {
        let more = dataset.columns.keys().filter(|name| !found.contains(name)).cloned().collect::<Vec<_>>();
        [found, more].concat()
    };
    if objects == 0 || names.is_empty() {
        return Err(HeaderError::NotJsonLines { lines });
    }
    Ok(Some((names, text.offset)))
}

/// The keys of the first `most` lines in the first `bytes` bytes of `text`.
fn keys_of(text: &Text<'_>, bytes: usize, most: u64, dataset: &Dataset) -> Result<Keys, HeaderError> {
    let mut scanner = text.scanner(&Dialect::of_lines(), bytes, dataset.max_record());
    let mut keys = Keys::default();
    while let Some(batch) = scanner.next_batch()? {
        let left = most.saturating_sub(keys.lines).min(batch.len() as u64) as usize;
        batch.records().take(left).for_each(|line| keys.add(&line, text.encoding));
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Encoding, read_header};

    #[test]
    fn the_sample_of_json_lines_does_not_depend_on_the_prefix() {
        let line = |key: &str, length: usize| format!("{{\"{key}\": \"{}\"}}\n", "x".repeat(length));
        let many = line("a", 9).repeat(SAMPLE / 16) + &line("b", 9);
        let long = line("a", 2 * SAMPLE) + &line("b", 9);
        for (case, text) in [("many", many), ("long", long)] {
            let text = text.as_bytes();
            let read =
                |prefix: usize| read_header(&text[..prefix], text.len() as u64, &Dataset::default(), Encoding::UTF_8);
            assert_eq!(read(SAMPLE - 1), Ok(None), "{case}");
            let cuts = [SAMPLE, SAMPLE + 1, 2 * SAMPLE, 3 * SAMPLE, text.len()].map(|cut| cut.min(text.len()));
            let answers: Vec<_> = cuts.iter().filter_map(|cut| read(*cut).unwrap()).collect();
            assert!(!answers.is_empty() && answers.iter().all(|header| header.names == ["a"]), "{case} {answers:?}");
        }
    }
}
