//! The scanner of CSV. The cut of its input does not change the records.

use wide::u8x16;

use super::batch::{Batch, FieldSpan, RecordSpan};
use super::block::{BLOCK, special_mask};
use super::scan_error::ScanError;
use super::start::Start;
use crate::{Dialect, Format, Terminator};

mod line;

/// Bytes that a record may have where nobody says otherwise: 16 MiB.
pub const DEFAULT_MAX_RECORD: usize = 16 << 20;

/// Bounds of a batch: its spans stay in the processor's second-level cache.
const BATCH_RECORDS: usize = 1024;
const BATCH_FIELDS: usize = 16 * 1024;

/// No position in a buffer.
const NOWHERE: usize = usize::MAX;

/// No byte.
const NONE: u16 = 0x100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Outside quotes.
    Unquoted,
    /// Inside quotes.
    Quoted,
    /// Inside a line that began with the comment byte.
    Comment,
    /// A boundary at or after the end of the range was reached, the input ended, or an error was found.
    Done,
}

/// Cuts a stream of bytes into records: bytes are pushed in pieces of any size, batches of records
/// are taken out.
///
/// The scanner yields every record that begins in `[offset, end)`, where `offset` is that of the first byte
/// pushed, and stops at the first boundary at or after `end`. The pieces must be contiguous. Take
/// batches between two pushes until there is none. Call [`Scanner::finish`] after the last push if the
/// object ends there. The scanner holds at most one record more than the piece pushed last.
///
/// ```
/// use fanout_core::{Dialect, Scanner, Start};
///
/// let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, 1000);
/// scanner.push(b"1,\"a, b\"\n2");
/// scanner.push(b",c\n");
/// scanner.finish();
/// let mut values = Vec::new();
/// while let Some(batch) = scanner.next_batch().unwrap() {
///     values.extend(batch.records().map(|record| record.field(1).value().into_owned()));
/// }
/// assert_eq!(values, [b"a, b".to_vec(), b"c".to_vec()]);
/// ```
#[derive(Debug)]
pub struct Scanner {
    dialect: Dialect,
    quote: u16,
    escape: u16,
    comment: u16,
    end: u64,
    max_record: usize,

    buffer: Vec<u8>,
    /// Offset in the object of the buffer's first byte.
    base: u64,
    phase: Phase,
    ended: bool,
    error: Option<ScanError>,

    // Positions in the buffer.
    record_start: usize,
    field_start: usize,
    /// The position at which a quote opens a field, or reopens the one that was just closed.
    open_at: usize,
    /// The position of the open quote.
    quote_at: usize,
    /// A byte that an escape before it made literal.
    literal_at: usize,
    scanned: usize,
    flags: u32,

    fields: Vec<FieldSpan>,
    records: Vec<RecordSpan>,
    first_boundary: Option<u64>,
    next_boundary: Option<u64>,
    /// Offset in the object of the line in progress.
    line: u64,
    skipped: u64,
    anomalies: u64,
}

impl Scanner {
    /// A scanner whose first byte pushed has `offset` and is as `start` says.
    ///
    /// If the start is a guess, the bytes up to the first terminator belong to no record of this scanner.
    /// [`Scanner::first_boundary`] then returns the start of its first record.
    pub fn new(dialect: &Dialect, start: Start, offset: u64, end: u64, max_record: usize) -> Self {
        let none = |byte: Option<u8>| byte.map_or(NONE, u16::from);
        let quoted = matches!(start, Start::InQuotes | Start::Escaped);
        let mut scanner = Self {
            quote: none(dialect.quote),
            escape: none(dialect.escape),
            comment: none(dialect.comment),
            dialect: dialect.clone(),
            end,
            // Positions are kept in 30 bits; half of that is left for the piece behind a record.
            max_record: max_record.min(FieldSpan::MAX_POSITION / 2),
            buffer: Vec::new(),
            base: offset,
            phase: match start {
                Start::InQuotes | Start::Escaped => Phase::Quoted,
                Start::InComment => Phase::Comment,
                Start::Boundary | Start::InField | Start::FieldStart => Phase::Unquoted,
            },
            ended: false,
            error: None,
            record_start: 0,
            field_start: 0,
            open_at: if matches!(start, Start::Boundary | Start::FieldStart) { 0 } else { NOWHERE },
            quote_at: 0,
            literal_at: if start == Start::Escaped { 0 } else { NOWHERE },
            scanned: 0,
            flags: if quoted { FieldSpan::QUOTED } else { 0 },
            fields: Vec::new(),
            records: Vec::new(),
            first_boundary: (start == Start::Boundary).then_some(offset),
            next_boundary: None,
            line: offset,
            skipped: 0,
            anomalies: 0,
        };
        if start == Start::Boundary && offset >= end {
            scanner.stop_at(offset);
        }
        scanner
    }

    /// Takes the bytes that follow those pushed before. Bytes after the end of the work are ignored.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.phase == Phase::Done {
            return;
        }
        self.forget_batch();
        let by = self.record_start;
        if by > 0 {
            self.buffer.copy_within(by.., 0);
            self.buffer.truncate(self.buffer.len() - by);
            self.base += by as u64;
            self.record_start = 0;
            self.field_start -= by;
            self.scanned -= by;
            self.quote_at = self.quote_at.saturating_sub(by);
            for position in [&mut self.open_at, &mut self.literal_at] {
                *position = if *position == NOWHERE { NOWHERE } else { position.saturating_sub(by) };
            }
            self.fields.iter_mut().for_each(|field| field.shift_down(by));
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Says that the object ends with the bytes pushed so far.
    pub fn finish(&mut self) {
        self.ended = true;
    }

    /// The next records, or `None` when more bytes are needed or [`Scanner::is_done`].
    /// An error comes after all records before it.
    ///
    /// # Errors
    ///
    /// [`ScanError`] if a record is too large or a quote never closes, after all records before it.
    pub fn next_batch(&mut self) -> Result<Option<Batch<'_>>, ScanError> {
        self.forget_batch();
        if self.phase != Phase::Done {
            let Dialect { delimiter, quote, terminator, .. } = self.dialect;
            let (one, two) = match terminator {
                Terminator::Auto | Terminator::Lf | Terminator::Crlf => (b'\n', b'\n'),
                Terminator::Cr => (b'\r', b'\r'),
                Terminator::Any => (b'\n', b'\r'),
            };
            let quote = quote.unwrap_or(delimiter);
            if terminator == Terminator::Any || self.escape != NONE {
                let escape = self.dialect.escape.unwrap_or(delimiter);
                self.scan([delimiter, quote, one, two, escape].map(u8x16::splat));
            } else {
                self.scan([delimiter, quote, one].map(u8x16::splat));
            }
        }
        if !self.records.is_empty() {
            return Ok(Some(Batch {
                buffer: &self.buffer,
                base: self.base,
                values: &self.buffer,
                fields: &self.fields,
                records: &self.records,
                dialect: &self.dialect,
                format: Format::Csv,
                faults: &[],
            }));
        }
        match &self.error {
            Some(error) => Err(error.clone()),
            None => Ok(None),
        }
    }

    /// Tells whether no record is left to come, whatever is pushed.
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// The first boundary at or after the first byte pushed; `None` while it isn't known.
    pub fn first_boundary(&self) -> Option<u64> {
        self.first_boundary
    }

    /// The first boundary at or after the end of the range; `None` while it isn't known.
    pub fn next_boundary(&self) -> Option<u64> {
        self.next_boundary
    }

    /// Bytes of the blank lines and comments since the first boundary, terminators included. With the
    /// bytes of the records they are all bytes from the first boundary to the next one.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Returns the number of quotes where careful writers put none: inside an unquoted field, or closing
    /// a field that then went on. Legal, but a sign of a wrong guess.
    pub fn anomalies(&self) -> u64 {
        self.anomalies
    }

    /// Drops the records that the caller has seen; keeps the fields of the one in progress.
    fn forget_batch(&mut self) {
        if let Some(last) = self.records.last() {
            self.fields.drain(..last.fields_end as usize);
            self.records.clear();
        }
    }

    fn stop_at(&mut self, boundary: u64) {
        self.next_boundary = Some(boundary);
        self.phase = Phase::Done;
    }

    fn fail(&mut self, error: ScanError) {
        self.error = Some(error);
        self.phase = Phase::Done;
    }

    /// Scans until a batch is full, the bytes are used up, or the work is done.
    fn scan<const N: usize>(&mut self, needles: [u8x16; N]) {
        let Self { quote, escape, .. } = *self;
        let delimiter = self.dialect.delimiter;
        while self.scanned < self.buffer.len() {
            if self.scanned == self.record_start && self.starts_comment(self.scanned) {
                self.phase = Phase::Comment;
            }
            let rest = &self.buffer[self.scanned..];
            let (mut mask, width) = match rest.first_chunk::<BLOCK>() {
                Some(block) => (special_mask(block, &needles), BLOCK),
                None => {
                    let mut block = [0; BLOCK];
                    block[..rest.len()].copy_from_slice(rest);
                    (special_mask(&block, &needles) & ((1 << rest.len()) - 1), rest.len())
                }
            };
            let block_start = self.scanned;
            while mask != 0 {
                let at = block_start + mask.trailing_zeros() as usize;
                mask &= mask - 1;
                let byte = self.buffer[at];
                match self.phase {
                    Phase::Unquoted => {
                        if byte == delimiter {
                            self.end_field(at);
                            self.field_start = at + 1;
                            self.open_at = at + 1;
                        } else if u16::from(byte) == quote {
                            self.quote_outside(at);
                        } else if let Some(end) = self.terminator(byte, at)
                            && self.end_record(end, at + 1)
                        {
                            self.scanned = at + 1;
                            return;
                        }
                    }
                    Phase::Quoted => {
                        let literal = at == self.literal_at;
                        if u16::from(byte) == quote && !literal {
                            self.phase = Phase::Unquoted;
                            self.open_at = at + 1;
                        } else if u16::from(byte) == escape && !literal {
                            self.literal_at = at + 1;
                            self.flags |= FieldSpan::COMPLEX;
                        }
                    }
                    Phase::Comment => {
                        if self.terminator(byte, at).is_some() {
                            self.skip_to(at + 1);
                            if self.end_line(at + 1) {
                                self.scanned = at + 1;
                                return;
                            }
                        }
                    }
                    Phase::Done => return,
                }
            }
            self.scanned = block_start + width;
        }
        self.input_used_up();
    }

    /// A quote outside quotes: opens a field, is the second of a doubled pair, or is data.
    #[inline(always)]
    fn quote_outside(&mut self, at: usize) {
        if at == self.open_at {
            self.flags = if self.flags == 0 { FieldSpan::QUOTED } else { FieldSpan::QUOTED | FieldSpan::COMPLEX };
            self.phase = Phase::Quoted;
            self.quote_at = at;
        } else {
            self.anomalies += 1;
        }
    }

    /// The end of the record's content if the byte at `at` ends (or completes) a terminator.
    #[inline(always)]
    fn terminator(&self, byte: u8, at: usize) -> Option<usize> {
        let after_cr = || at > self.field_start && self.buffer[at - 1] == b'\r';
        match (self.dialect.terminator, byte) {
            (Terminator::Auto, b'\n') => Some(at - usize::from(after_cr())),
            (Terminator::Crlf, b'\n') => after_cr().then(|| at - 1),
            (Terminator::Lf | Terminator::Any, b'\n') | (Terminator::Cr | Terminator::Any, b'\r') => Some(at),
            _ => None,
        }
    }

    #[inline(always)]
    fn end_field(&mut self, end: usize) {
        if self.flags != 0 {
            if self.open_at != end {
                self.flags |= FieldSpan::COMPLEX;
                self.anomalies += 1;
            }
            self.fields.push(FieldSpan::new(self.field_start, end, self.flags));
            self.flags = 0;
        } else {
            self.fields.push(FieldSpan::new(self.field_start, end, 0));
        }
    }

    /// Ends the record whose content ends at `end` and whose terminator ends at `boundary`.
    /// Returns whether scanning stops here.
    #[inline(always)]
    fn end_record(&mut self, end: usize, boundary: usize) -> bool {
        self.end_field(end);
        let first_field = self.records.last().map_or(0, |last| last.fields_end as usize);
        let length = end - self.record_start;
        // Bytes before the first boundary, and blank lines, are no record.
        if self.first_boundary.is_none() {
            self.fields.truncate(first_field);
        } else if length == 0 && self.fields.len() == first_field + 1 {
            self.fields.truncate(first_field);
            self.skip_to(boundary);
        } else if length > self.max_record {
            self.fields.truncate(first_field);
            self.fail(self.too_large(None));
            return true;
        } else {
            self.records.push(RecordSpan {
                start: self.record_start as u32,
                end: end as u32,
                next: boundary as u32,
                fields_end: self.fields.len() as u32,
            });
        }
        self.end_line(boundary) || self.records.len() == BATCH_RECORDS || self.fields.len() >= BATCH_FIELDS
    }
}

#[cfg(test)]
mod tests;
