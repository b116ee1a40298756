//! The table that one dialect makes of a text. A reading with too many malformed records is given up.

use super::kind::Kind;
use crate::scan::{Batch, Record, Scanner, Start};
use crate::{Dialect, Field};

/// Bytes that a scanner is given in one step.
const PIECE: usize = 16 << 10;

/// Malformed records after which a reading is given up.
const MAX_RESTARTS: usize = 64;

/// Line breaks in the last, unfinished record of a cut text that make it one whose quote never closes.
const MAX_OPEN_LINES: usize = 20;

/// Lines inside a quoted field which, all as wide as a record, show that they were swallowed.
const MIN_SWALLOWED: usize = 3;

/// A field: where it lies in the text, quotes included, and what it looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) quoted: bool,
    pub(super) kind: Kind,
}

/// A record as a dialect reads it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) start: usize,
    pub(super) next: usize,
    first: u32,
    last: u32,
    /// A quoted field goes on after its closing quote, or the quote never closes.
    pub(super) malformed: bool,
}

impl Row {
    pub(super) fn width(&self) -> usize {
        (self.last - self.first) as usize
    }
}

/// A text as a dialect reads it: the records of its judged part.
#[derive(Debug, Clone)]
pub(super) struct Table<'t> {
    pub(super) text: &'t [u8],
    pub(super) rows: Vec<Row>,
    cells: Vec<Cell>,
}

impl<'t> Table<'t> {
    /// Reads `text` with the scanner that the run will use; a malformed record goes to its first line
    /// break. `whole` says that the text isn't cut at its end. With a `width`, quoted fields that
    /// swallow lines of that many fields are malformed too.
    pub(super) fn read(text: &'t [u8], whole: bool, dialect: &Dialect, width: Option<usize>) -> Self {
        let mut table = Self { text, rows: Vec::new(), cells: Vec::new() };
        let mut at = 0;
        for _ in 0..MAX_RESTARTS {
            match table.read_from(at, whole, dialect, width) {
                Some(next) => at = next,
                None => break,
            }
        }
        if table.rows.is_empty() && !whole {
            // A first record longer than the sample is better than none.
            table.read_from(0, true, dialect, width);
        }
        table
    }

    /// Reads on at `at`; returns where to read on after a malformed record.
    fn read_from(&mut self, at: usize, whole: bool, dialect: &Dialect, width: Option<usize>) -> Option<usize> {
        let text = self.text;
        let mut scanner = Scanner::new(dialect, Start::Boundary, at as u64, u64::MAX, text.len());
        let mut pushed = at;
        let (mut next, mut finished) = (at, false);
        loop {
            let done = scanner.is_done();
            match scanner.next_batch() {
                Some(batch) => {
                    if let Some(restart) = self.add(&batch, dialect, width) {
                        return Some(restart);
                    }
                    next = self.rows.last().map_or(next, |row| row.next);
                }
                None if done => return None,
                None if pushed < text.len() => {
                    let end = text.len().min(pushed + PIECE);
                    scanner.push(&text[pushed..end]);
                    pushed = end;
                }
                None if whole && !finished => {
                    finished = true;
                    scanner.finish();
                }
                None if whole => return None,
                None => {
                    let breaks = memchr::memchr2_iter(b'\n', b'\r', &text[next..]).count();
                    return if breaks > MAX_OPEN_LINES { self.open(next) } else { None };
                }
            }
        }
    }

    /// Adds the first line of a record whose quote never closes.
    fn open(&mut self, start: usize) -> Option<usize> {
        let next = first_break(self.text, start, self.text.len());
        self.push_malformed(start, next);
        (next < self.text.len()).then_some(next)
    }

    fn push_malformed(&mut self, start: usize, next: usize) {
        let at = self.cells.len() as u32;
        self.rows.push(Row { start, next, first: at, last: at, malformed: true });
    }

    /// Adds the records of a batch; stops after the first line of a malformed one of several lines.
    fn add(&mut self, batch: &Batch<'_>, dialect: &Dialect, width: Option<usize>) -> Option<usize> {
        let mut faults = batch.faults().peekable();
        for (index, record) in batch.records().enumerate() {
            let (start, end) = (record.offset() as usize, record.next() as usize);
            if faults.next_if(|(faulty, _)| *faulty == index).is_some() {
                self.push_malformed(start, end);
                continue;
            }
            let first = self.cells.len() as u32;
            let mut malformed = false;
            for field in record.fields() {
                malformed |= field.is_quoted() && swallows(field.raw(), dialect, width);
                self.cells.push(cell(&record, &field, dialect));
            }
            if malformed {
                let next = first_break(self.text, start, end);
                if next < end {
                    self.cells.truncate(first as usize);
                    self.push_malformed(start, next);
                    return Some(next);
                }
            }
            self.rows.push(Row { start, next: end, first, last: self.cells.len() as u32, malformed });
        }
        None
    }

    pub(super) fn cells(&self, row: &Row) -> &[Cell] {
        &self.cells[row.first as usize..row.last as usize]
    }

    /// The field's bytes as they stand.
    pub(super) fn raw(&self, cell: &Cell) -> &'t [u8] {
        &self.text[cell.start as usize..cell.end as usize]
    }

    /// The field's bytes without the quotes and blanks around them.
    pub(super) fn value(&self, cell: &Cell) -> &'t [u8] {
        let raw = self.raw(cell);
        if cell.quoted { inner(raw).trim_ascii() } else { raw.trim_ascii() }
    }
}

/// The bytes between a field's quotes; doubled quotes stay doubled.
fn inner(raw: &[u8]) -> &[u8] {
    let from_first = &raw[1..];
    match from_first.split_last() {
        Some((last, inner)) if Some(last) == raw.first() => inner,
        _ => from_first,
    }
}

fn cell(record: &Record<'_>, field: &Field<'_>, dialect: &Dialect) -> Cell {
    let raw = field.raw();
    // Fields lie in their record.
    let start = record.offset() as usize + (raw.as_ptr() as usize - record.raw().as_ptr() as usize);
    let quoted = field.is_quoted() && dialect.quote.is_some();
    let kind = Kind::of(if quoted { inner(raw) } else { raw });
    Cell { start: start as u32, end: (start + raw.len()) as u32, quoted, kind }
}

/// The position after the first line break in `text[start..end]`, or `end`.
fn first_break(text: &[u8], start: usize, end: usize) -> usize {
    match memchr::memchr2(b'\n', b'\r', &text[start..end]).map(|at| start + at) {
        Some(at) if text[at] == b'\r' && text.get(at + 1) == Some(&b'\n') => at + 2,
        Some(at) => at + 1,
        None => end,
    }
}

/// Tells whether the lines inside a quoted field are as wide as a record.
fn swallows(raw: &[u8], dialect: &Dialect, width: Option<usize>) -> bool {
    let Some(width) = width.filter(|width| *width > 1) else { return false };
    if memchr::memchr2(b'\n', b'\r', raw).is_none() {
        return false;
    }
    let lines: Vec<&[u8]> = raw.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty()).collect();
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    let wide = |line: &&&[u8]| memchr::memchr_iter(dialect.delimiter, line).count() + 1 == width;
    inner.len() >= MIN_SWALLOWED && inner.iter().filter(wide).count() * 5 >= inner.len() * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(text: &str, dialect: &Dialect, width: Option<usize>) -> Vec<usize> {
        Table::read(text.as_bytes(), true, dialect, width).rows.iter().map(Row::width).collect()
    }

    #[test]
    fn malformed_records_cost_one_line() {
        let d = Dialect::default();
        let escape = Dialect { escape: Some(b'\\'), ..d.clone() };
        let table = [
            ("quoted", "a,b\n\"x\ny\",\"1\"\"2\"\n", &d, vec![2, 2]),
            ("never closes", "a,b\n\"x,1\ny,2\nz,3\n", &d, vec![2, 0, 2, 2]),
            ("goes on after its quote", "a,b\n\"x,1\ny,2\"w,3\nz,4\n", &d, vec![2, 0, 3, 2]),
            ("on one line", "a,b\n\"x\"y,1\nz,3\n", &d, vec![2, 0, 2]),
            ("escape", "a,b\n\"x\\\"y\",1\n", &escape, vec![2, 2]),
        ];
        for (case, text, dialect, expected) in table {
            assert_eq!(widths(text, dialect, None), expected, "{case}");
        }
        let swallowed = "a,b\n1,\"x\n2,y\n3,y\n4,y\n5,\",z\n";
        assert_eq!(widths(swallowed, &d, None), [2, 3]);
        assert_eq!(widths(swallowed, &d, Some(2)), [2, 0, 2, 2, 2, 0]);
    }
}
