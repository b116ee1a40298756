//! The likely start of a chunk. It is a guess; coverage proves it or repairs it.

use crate::scan::{Scanner, Start};
use crate::{Dialect, Terminator, utf16_bytes, utf16_position};

/// Bytes before a chunk's start that must be seen to tell whether its first byte is a boundary.
pub const LOOK_BACK: u64 = 2;

/// Bytes after a chunk's end that are read with the chunk, to finish its last record and to judge
/// its start. 32 KiB is 0.4 % of a chunk of 8 MiB.
pub const LOOK_AHEAD: u64 = 32 << 10;

/// Bytes of the window that are looked at before a guess is given up.
const PIECE: usize = 4 << 10;

/// The probable beginning of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    /// The first boundary at or after the chunk's start.
    Boundary(u64),
    /// No boundary can be seen: the chunk seems to lie within one record.
    Unseen,
}

/// The fit of the bytes to one guess of how a chunk begins.
#[derive(Debug, Clone, Copy)]
struct Fit {
    boundary: Option<u64>,
    /// Records with as many fields as the header has.
    good: u64,
    /// Records with another number or without any, and quotes in odd positions.
    bad: u64,
}

/// Guesses the first boundary at or after `start` from the bytes around it.
///
/// `window` holds the object's bytes from `start - back` on, with `back` at most [`LOOK_BACK`] and
/// as much as there is after `start`; `ends` says that the object ends with the window. `width` is
/// the number of fields of the header.
///
/// Every state that the parser could be in at the window's first byte is tried. The records that
/// follow are judged by their number of fields and by the places of their quotes, and the best fit
/// wins. The answer is a guess, bounded by the window. Only the coverage chain can prove it.
///
/// ```
/// use fanout_core::{Alignment, Dialect, align};
///
/// // A line break lies between quotes: it ends no record.
/// let object = b"1,\"a\nb\"\n2,c\n3,d\n";
/// let start = 4;
/// let guess = align(&object[start - 2..], 2, start as u64, true, &Dialect::default(), 2);
/// assert_eq!(guess, Alignment::Boundary(8));
/// ```
pub fn align(window: &[u8], back: u64, start: u64, ends: bool, dialect: &Dialect, width: usize) -> Alignment {
    let needed = if dialect.terminator == Terminator::Crlf { 2 } else { 1 };
    let skip = back.saturating_sub(needed);
    let window = window.get(skip as usize..).unwrap_or_default();
    let offset = start - (back - skip);
    let scanner = |guess| Scanner::new(dialect, guess, offset, u64::MAX, window.len());
    best(dialect, |guess, best| fit(scanner(guess), window, ends, width, best))
}

/// The same for UTF-16: `window` is its text transcoded, from `start - back` on, which begins a unit but
/// maybe not a character. `back` is at most two times [`LOOK_BACK`].
pub fn align_utf16(window: &[u8], back: u64, start: u64, ends: bool, dialect: &Dialect, width: usize) -> Alignment {
    let needed = if dialect.terminator == Terminator::Crlf { 4 } else { 2 };
    // A pair of surrogates that begins before and ends behind the place is skipped whole: it ends no record.
    let (before, window) = window.split_at(utf16_position(window, back.saturating_sub(needed)));
    let offset = start - back + utf16_bytes(before);
    let scanner = |guess| Scanner::new(dialect, guess, offset, u64::MAX, window.len()).utf16();
    best(dialect, |guess, best| fit(scanner(guess), window, ends, width, best))
}

/// The boundary by the guess that fits best.
fn best(dialect: &Dialect, fit: impl Fn(Start, Option<Fit>) -> Option<Fit>) -> Alignment {
    // Outside quotes first, as it is the usual case.
    let guesses = [
        Some(Start::InField),
        dialect.quote.map(|_| Start::FieldStart),
        dialect.quote.map(|_| Start::InQuotes),
        dialect.quote.and(dialect.escape).map(|_| Start::Escaped),
        dialect.escape_outside_quotes.then_some(Start::EscapedInField),
        dialect.comment.map(|_| Start::InComment),
    ];
    let mut best: Option<Fit> = None;
    for guess in guesses.into_iter().flatten() {
        let Some(fit) = fit(guess, best) else { continue };
        // The first guess stays where a later one isn't better.
        if best.is_none_or(|best| fit.is_better_than(&best)) {
            best = Some(fit);
        }
    }
    best.and_then(|fit| fit.boundary).map_or(Alignment::Unseen, Alignment::Boundary)
}

/// Parses the window under one guess, that of the scanner; `None` if the guess can't be, or fits worse than the best so
/// far.
fn fit(mut scanner: Scanner, window: &[u8], ends: bool, width: usize, best: Option<Fit>) -> Option<Fit> {
    let (mut good, mut bad) = (0, 0);
    // A record that can't be read has no field. One that is cut by the window's end isn't judged.
    let mut judge = |scanner: &mut Scanner| {
        while let Some(batch) = scanner.next_batch() {
            let fitting = batch.records().filter(|record| record.len() == width).count();
            good += fitting as u64;
            bad += (batch.len() - fitting) as u64;
        }
        (good, bad + scanner.anomalies())
    };
    let is_perfect = best.is_some_and(|best| best.bad == 0 && best.good > 0);
    for piece in window.chunks(PIECE) {
        scanner.push(piece);
        let (_, bad) = judge(&mut scanner);
        if is_perfect && bad > 0 {
            return None;
        }
    }
    if ends {
        scanner.finish();
    }
    let (good, bad) = judge(&mut scanner);
    let boundary = scanner.first_boundary();
    // Inside quotes up to the object's last byte: no record could be.
    if boundary.is_none() && ends {
        return None;
    }
    Some(Fit { boundary, good, bad })
}

impl Fit {
    /// Compares the shares of what doesn't fit, one half where nothing could be judged; then the amount of what does.
    fn is_better_than(&self, other: &Fit) -> bool {
        let share = |fit: &Fit| match fit.good + fit.bad {
            0 => (1, 2),
            judged => (fit.bad, judged),
        };
        let ((bad, judged), (other_bad, other_judged)) = (share(self), share(other));
        let (left, right) = (u128::from(bad) * u128::from(other_judged), u128::from(other_bad) * u128::from(judged));
        left < right || (left == right && self.good > other.good)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Aligns at every offset of `text`, and returns the offsets where the guess was wrong.
    fn wrong_guesses(text: &str, boundaries: &[u64], dialect: &Dialect, width: usize) -> Vec<u64> {
        let size = text.len() as u64;
        let mut wrong = Vec::new();
        for start in 1..size {
            let back = LOOK_BACK.min(start);
            let truth = boundaries
                .iter()
                .copied()
                .find(|boundary| *boundary >= start)
                .map_or(Alignment::Unseen, Alignment::Boundary);
            if align(&text.as_bytes()[(start - back) as usize..], back, start, true, dialect, width) != truth {
                wrong.push(start);
            }
        }
        wrong
    }

    #[test]
    fn every_start_of_ordinary_files_is_found() {
        let table: [(&str, &str, Dialect, &[u64]); 5] = [
            ("plain", "1,a\n22,bb\n333,ccc\n4,d\n", Dialect::default(), &[0, 4, 10, 18, 22]),
            ("no last terminator", "1,a\n22,bb", Dialect::default(), &[0, 4, 9]),
            ("CRLF", "1,a\r\n22,bb\r\n4,d\r\n", Dialect::default(), &[0, 5, 12, 17]),
            (
                "strict CRLF",
                "1,a\r\n22,b\n\r\n4,d\r\n",
                Dialect { terminator: Terminator::Crlf, ..Dialect::default() },
                &[0, 5, 12, 17],
            ),
            (
                "lone CR and LF",
                "1,a\r22,b\r\n4,d\n",
                Dialect { terminator: Terminator::Any, ..Dialect::default() },
                &[0, 4, 9, 10, 14],
            ),
        ];
        for (case, text, dialect, boundaries) in table {
            assert_eq!(wrong_guesses(text, boundaries, &dialect, 2), Vec::<u64>::new(), "{case}");
        }
    }

    #[test]
    fn quoted_line_breaks_are_seen_through() {
        let mut text = String::new();
        let mut boundaries = vec![0];
        for id in 0..200 {
            text.push_str(&format!("{id},\"O'Neil, \"\"the {id}\"\"\nsecond line\",{}.5\n", id * 3));
            boundaries.push(text.len() as u64);
        }
        assert_eq!(wrong_guesses(&text, &boundaries, &Dialect::default(), 3), Vec::<u64>::new());
    }

    #[test]
    fn escapes_are_seen_through() {
        let mut text = String::new();
        let mut boundaries = vec![0];
        for id in 0..200 {
            // From the second backslash on, only one right after an escape reads three as one and one.
            text.push_str(&format!("{id},\"C:\\\\\\\"\nsecond \\\"line\\\",\\\\\",{}.5\n", id * 3));
            boundaries.push(text.len() as u64);
        }
        let dialect = Dialect { escape: Some(b'\\'), ..Dialect::default() };
        assert_eq!(wrong_guesses(&text, &boundaries, &dialect, 3), Vec::<u64>::new());
    }

    #[test]
    fn escapes_outside_quotes_are_seen_through() {
        let (mut text, mut boundaries) = (String::new(), vec![0]);
        for id in 0..200 {
            text.push_str(&format!("{id},C:\\\\\\\n\\\nsecond \\, line\\\\,\\\"{}.5\n", id * 3));
            boundaries.push(text.len() as u64);
        }
        for quote in [Some(b'"'), None] {
            let dialect = Dialect { escape: Some(b'\\'), escape_outside_quotes: true, quote, ..Dialect::default() };
            assert_eq!(wrong_guesses(&text, &boundaries, &dialect, 3), Vec::<u64>::new());
        }
    }

    #[test]
    fn blanks_around_quotes_are_seen_through() {
        let (mut text, mut boundaries) = (String::new(), vec![0]);
        for id in 0..200 {
            text.push_str(&format!("{id},  \"O'Neil, \"\"the {id}\"\"\nsecond line\" \t , {}.5 \n", id * 3));
            boundaries.push(text.len() as u64);
        }
        let dialect = Dialect { trim: true, ..Dialect::default() };
        assert_eq!(wrong_guesses(&text, &boundaries, &dialect, 3), Vec::<u64>::new());
    }

    #[test]
    fn comments_are_seen_through() {
        let mut text = String::new();
        let mut boundaries = vec![0];
        for id in 0..200 {
            for line in [format!("{id},\"a\nb\",{}.5\n", id * 3), format!("# {id}\" disk,\"open\n")] {
                text.push_str(&line);
                boundaries.push(text.len() as u64);
            }
        }
        let dialect = Dialect { comment: Some(b'#'), ..Dialect::default() };
        assert_eq!(wrong_guesses(&text, &boundaries, &dialect, 3), Vec::<u64>::new());
    }

    #[test]
    fn text_without_a_record_is_unseen() {
        let text = "x".repeat(100);
        assert_eq!(align(text.as_bytes(), 2, 500, false, &Dialect::default(), 3), Alignment::Unseen);
    }
}
