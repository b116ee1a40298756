//! The CSV scanner on any bytes: the cut of the input changes nothing.

use fanout_core::{Code, Coded, Dialect, ScanError, Scanner, Start};

use super::dialect::dialect;

/// A dialect, the size of the pieces, and a text: its records are the same in pieces as in one.
pub fn scanner(input: &[u8]) {
    let [choice, piece, text @ ..] = input else { return };
    let dialect = dialect(*choice);
    assert_eq!(scan(text, usize::from(*piece) + 1, &dialect), scan(text, text.len().max(1), &dialect), "{dialect:?}");
}

/// Each record's bounds and values; then the place where the scan ended, or the error and its record's offset.
type Found = (Vec<(u64, u64, Vec<Vec<u8>>)>, Result<Option<u64>, (Code, u64)>);

fn scan(text: &[u8], piece: usize, dialect: &Dialect) -> Found {
    let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, 60);
    let mut found = Vec::new();
    let mut pieces = text.chunks(piece);
    while !scanner.is_done() {
        match pieces.next() {
            Some(piece) => scanner.push(piece),
            None => scanner.finish(),
        }
        loop {
            match scanner.next_batch() {
                Ok(Some(batch)) => found.extend(batch.records().map(|record| {
                    (record.offset(), record.next(), record.fields().map(|field| field.value().into_owned()).collect())
                })),
                Ok(None) => break,
                Err(error) => return (found, Err((error.code(), offset(&error)))),
            }
        }
    }
    (found, Ok(scanner.next_boundary()))
}

fn offset(error: &ScanError) -> u64 {
    match *error {
        ScanError::RecordTooLarge { offset, .. } | ScanError::UnterminatedQuote { offset, .. } => offset,
    }
}
