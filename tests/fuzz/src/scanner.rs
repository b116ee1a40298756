//! The CSV scanner on any bytes: the cut of the input changes nothing.

use fanout_core::{Dialect, Fault, Scanner, Start};

use super::dialect::dialect;

/// A dialect, the size of the pieces, and a text: its records are the same in pieces as in one.
pub fn scanner(input: &[u8]) {
    let [choice, piece, text @ ..] = input else { return };
    let dialect = dialect(*choice);
    assert_eq!(scan(text, usize::from(*piece) + 1, &dialect), scan(text, text.len().max(1), &dialect), "{dialect:?}");
}

/// Each record's bounds and values, and each fault; then the bytes skipped, and where the scan ended.
type Found = (Vec<(u64, u64, Vec<Vec<u8>>)>, Vec<Fault>, u64, Option<u64>);

fn scan(text: &[u8], piece: usize, dialect: &Dialect) -> Found {
    let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, 60);
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let mut pieces = text.chunks(piece);
    while !scanner.is_done() {
        match pieces.next() {
            Some(piece) => scanner.push(piece),
            None => scanner.finish(),
        }
        while let Some(batch) = scanner.next_batch() {
            faults.extend(batch.faults().map(|(_, fault)| fault.clone()));
            found.extend(batch.records().map(|record| {
                (record.offset(), record.next(), record.fields().map(|field| field.value().into_owned()).collect())
            }));
        }
    }
    (found, faults, scanner.skipped(), scanner.next_boundary())
}
