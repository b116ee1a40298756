//! The comparison of the detected width with samples that had no part in the detection.

use super::given::Samples;
use super::lines::after_line;
use crate::scan::{Scanner, Start};
use crate::{Dialect, Terminator};

/// Records of further samples, and those of them that have the usual number of fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Further {
    pub(super) records: usize,
    pub(super) fitting: usize,
}

/// The pieces of the samples in which nothing was judged: the text after the judged part, and the
/// windows, each from its first line end on.
pub(super) fn pieces<'a>(rest: &'a [u8], samples: &Samples<'a>, terminator: Terminator) -> Vec<&'a [u8]> {
    let windows = samples.windows.iter().map(|window| &window.bytes[after_line(window.bytes, terminator)..]);
    std::iter::once(rest).chain(windows).filter(|piece| !piece.is_empty()).collect()
}

/// Counts the records of the pieces that have `width` fields; the last one of each may be cut.
pub(super) fn count(pieces: &[&[u8]], dialect: &Dialect, width: usize) -> Further {
    let mut further = Further::default();
    for piece in pieces {
        let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, piece.len());
        scanner.push(piece);
        while let Some(batch) = scanner.next_batch() {
            further.records += batch.len();
            further.fitting += batch.records().filter(|record| record.len() == width).count();
        }
    }
    further
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Window;

    #[test]
    fn windows_begin_at_a_line_end() {
        let windows = [Window { offset: 10, bytes: b"x,y\n1,2\n3,4,5\n6,7\n8" }];
        let samples = Samples { first: b"a,b\n", whole: false, windows: &windows };
        let pieces = pieces(b"", &samples, Terminator::Auto);
        let further = count(&pieces, &Dialect::default(), 2);
        assert_eq!(further, Further { records: 3, fitting: 2 });
    }
}
