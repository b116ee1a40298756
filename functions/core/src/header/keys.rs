//! The columns of JSON lines, from the keys of the lines in the samples.

use super::{HeaderError, Text};
use crate::Dialect;
use crate::detect::Window;
use crate::message::Dataset;
use crate::scan::{Keys, Scanner, Start};

/// The columns of JSON lines; `None` where there is no line yet.
pub(super) fn keys(
    text: &Text<'_>,
    windows: &[Window<'_>],
    dataset: &Dataset,
) -> Result<Option<Vec<String>>, HeaderError> {
    let mut keys = Keys::default();
    add(&mut keys, text.text, text.whole, text, dataset)?;
    if keys.lines == 0 {
        return Ok(None);
    }
    if !text.encoding.is_utf16() {
        for window in windows {
            // The first line is cut, and so may be the last one.
            let Some(start) = memchr::memchr(b'\n', window.bytes) else { continue };
            let ends = window.offset + window.bytes.len() as u64 == text.size;
            add(&mut keys, &window.bytes[start + 1..], ends, text, dataset)?;
        }
    }
    let Keys { names: found, lines, objects, .. } = keys;
    let expect = dataset.expected_names();
    let names = if !expect.is_empty() {
        // Keys may be missing in a line, but if none is ever there these are other objects.
        if objects > 0 && !expect.iter().any(|name| found.contains(name)) {
            let (missing, unexpected) = (expect.to_vec(), found);
            return Err(HeaderError::Mismatch { missing, unexpected, out_of_order: Vec::new() });
        }
        expect.to_vec()
    } else {
        let more = dataset.columns.keys().filter(|name| !found.contains(name)).cloned().collect::<Vec<_>>();
        [found, more].concat()
    };
    if objects == 0 || names.is_empty() {
        return Err(HeaderError::NotJsonLines { lines });
    }
    Ok(Some(names))
}

/// Adds the keys of the lines of a piece.
fn add(keys: &mut Keys, piece: &[u8], ends: bool, text: &Text<'_>, dataset: &Dataset) -> Result<(), HeaderError> {
    let mut scanner = Scanner::new(&Dialect::of_lines(), Start::Boundary, 0, u64::MAX, dataset.max_record());
    scanner.push(piece);
    if ends {
        scanner.finish();
    }
    let mut unreadable = None;
    while let Some(batch) = scanner.next_batch() {
        let mut faults = batch.faults().peekable();
        for (index, line) in batch.records().enumerate() {
            match faults.next_if(|(record, _)| *record == index) {
                Some((_, fault)) => unreadable = Some((line.offset(), fault.clone())),
                None => keys.add(&line, text.encoding),
            }
        }
    }
    match unreadable {
        Some((offset, fault)) if keys.lines == 0 => Err(text.unreadable(offset, &fault)),
        _ => Ok(()),
    }
}
