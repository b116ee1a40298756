//! The scanner of CSV. The cut of its input does not change the records.

use wide::u8x16;

use super::batch::{Batch, FieldSpan, Place, RecordSpan};
use super::fault::{Fault, FaultyRecord};
use super::lines::Passed;
use super::start::Start;
use crate::{Dialect, Format, Quotes, Terminator};

mod attempt;
mod cut;
mod line;
mod plain;
mod refusal;
mod state;

use attempt::Attempt;
use state::{Phase, State};

/// Bytes that a record may have where nobody says otherwise: 16 MiB.
pub const DEFAULT_MAX_RECORD: usize = 16 << 20;

/// Bounds of a batch, give or take a block: its spans stay in the processor's second-level cache.
const BATCH_RECORDS: usize = 1024;
const BATCH_FIELDS: usize = 16 * 1024;

/// No byte.
const NONE: u16 = 0x100;

/// Cuts a stream of bytes into records: bytes are pushed in pieces of any size, batches of records
/// are taken out.
///
/// The scanner yields every record that begins in `[offset, end)`, where `offset` is that of the first byte
/// pushed, and stops at the first boundary at or after `end`. The pieces must be contiguous. Take
/// batches between two pushes until there is none. Call [`Scanner::finish`] after the last push if the
/// object ends there. The scanner holds at most a record and a quarter more than the piece pushed last.
///
/// A record whose quoting is malformed, whose quote never closes, or that is longer than the limit comes
/// out without fields, with its [`Fault`]. It ends after its first line break, whatever quotes that is in,
/// and scanning goes on there. Of a line longer than the limit the record has the first bytes, as many as
/// the limit says. The others count as [`Scanner::skipped`]. The work is linear in the text, whatever it is.
///
/// ```
/// use fanout_core::{Dialect, Scanner, Start};
///
/// let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, 1000);
/// scanner.push(b"1,\"a, b\"\n2");
/// scanner.push(b",c\n");
/// scanner.finish();
/// let mut values = Vec::new();
/// while let Some(batch) = scanner.next_batch() {
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
    strict: bool,
    /// The escape works outside quotes.
    outside: bool,
    end: u64,
    max_record: usize,

    buffer: Vec<u8>,
    /// Offset in the object of the buffer's first byte; not used of UTF-16.
    base: u64,
    utf16: bool,
    /// Of UTF-16, the offset in the object of the byte at `record_start`.
    anchor: u64,
    ended: bool,

    // Positions in the buffer.
    record_start: usize,
    scanned: usize,
    state: State,
    /// The fields of the record in progress aren't all there: it began before the first byte, or is
    /// read on from where another attempt ended.
    partial: bool,
    /// The fault of the record in progress, which ends at its first line break.
    fault: Option<Fault>,
    /// The attempt that went furthest.
    attempt: Attempt,

    fields: Vec<FieldSpan>,
    records: Vec<RecordSpan>,
    faults: Vec<FaultyRecord>,
    places: Vec<Place>,
    first_boundary: Option<u64>,
    next_boundary: Option<u64>,
    /// Offset in the object of the line in progress.
    line: u64,
    skipped: u64,
    anomalies: u64,
    /// The text that was passed before the buffer's first byte, and before this batch.
    passed: Passed,
    /// The position in the buffer where the work ended.
    stopped: usize,
    /// Bytes that were looked at or moved.
    #[cfg(test)]
    work: std::cell::Cell<usize>,
}

impl Scanner {
    /// A scanner whose first byte pushed has `offset` and is as `start` says.
    ///
    /// If the start is a guess, the bytes up to the first terminator belong to no record of this scanner.
    /// [`Scanner::first_boundary`] then returns the start of its first record.
    pub fn new(dialect: &Dialect, start: Start, offset: u64, end: u64, max_record: usize) -> Self {
        let none = |byte: Option<u8>| byte.map_or(NONE, u16::from);
        let mut scanner = Self {
            quote: none(dialect.quote),
            escape: none(dialect.escape),
            comment: none(dialect.comment),
            strict: dialect.quotes == Quotes::Strict,
            outside: dialect.escape_outside_quotes && dialect.escape.is_some(),
            dialect: dialect.clone(),
            end,
            // Positions are kept in 30 bits; half of that is left for the piece behind a record.
            max_record: max_record.min(FieldSpan::MAX_POSITION / 2 - 2),
            buffer: Vec::new(),
            base: offset,
            utf16: false,
            anchor: offset,
            ended: false,
            record_start: 0,
            scanned: 0,
            state: State::of(start),
            partial: !matches!(start, Start::Boundary | Start::InComment),
            fault: None,
            attempt: Attempt::NONE,
            fields: Vec::new(),
            records: Vec::new(),
            faults: Vec::new(),
            places: Vec::new(),
            first_boundary: (start == Start::Boundary).then_some(offset),
            next_boundary: None,
            line: offset,
            skipped: 0,
            anomalies: 0,
            passed: Passed::default(),
            stopped: 0,
            #[cfg(test)]
            work: Default::default(),
        };
        if start == Start::Boundary && offset >= end {
            scanner.stop_at(offset, 0);
        }
        scanner
    }

    /// Makes it a scanner of text that is transcoded from UTF-16 to UTF-8 before it is pushed, as
    /// [`crate::Utf16Transcoder`] does. All offsets, those given to [`Scanner::new`] too, stay bytes of the
    /// object; the limit is in bytes of UTF-8. Call it before the first push.
    ///
    /// ```
    /// use fanout_core::{Dialect, Scanner, Start};
    ///
    /// let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 2, u64::MAX, 1000).utf16();
    /// scanner.push("é,😀\nx\n".as_bytes());
    /// let batch = scanner.next_batch().unwrap();
    /// assert_eq!(batch.records().map(|record| record.offset()).collect::<Vec<_>>(), [2, 12]);
    /// ```
    pub fn utf16(self) -> Self {
        Self { utf16: true, ..self }
    }

    /// Takes the bytes that follow those pushed before. Bytes after the end of the work are ignored.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.is_done() {
            return;
        }
        self.forget_batch();
        let (by, held) = (self.record_start, self.buffer.len() - self.record_start);
        // Each byte dropped pays for the move of a few that stay.
        if by > 0 && (by >= held / 4 || self.buffer.len() > FieldSpan::MAX_POSITION / 2) {
            self.work(held);
            self.passed.pass(&self.buffer[..by], self.dialect.terminator);
            self.buffer.copy_within(by.., 0);
            self.buffer.truncate(held);
            self.base += by as u64;
            self.record_start = 0;
            self.scanned -= by;
            self.state.shift_down(by);
            self.attempt.shift_down(by);
            self.fields.iter_mut().for_each(|field| field.shift_down(by));
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Says that the object ends with the bytes pushed so far.
    pub fn finish(&mut self) {
        self.ended = true;
    }

    /// The next records, or `None` when more bytes are needed or [`Scanner::is_done`].
    pub fn next_batch(&mut self) -> Option<Batch<'_>> {
        self.forget_batch();
        let Dialect { delimiter, quote, terminator, .. } = self.dialect;
        let (one, two) = match terminator {
            Terminator::Auto | Terminator::Lf | Terminator::Crlf => (b'\n', b'\n'),
            Terminator::Cr => (b'\r', b'\r'),
            Terminator::Any => (b'\n', b'\r'),
        };
        let quote = quote.unwrap_or(delimiter);
        let escape = self.dialect.escape.unwrap_or(delimiter);
        if self.outside {
            self.fill::<5, true>([delimiter, quote, one, two, escape].map(u8x16::splat));
        } else if terminator == Terminator::Any || self.escape != NONE {
            self.fill::<5, false>([delimiter, quote, one, two, escape].map(u8x16::splat));
        } else {
            self.fill::<3, false>([delimiter, quote, one].map(u8x16::splat));
        }
        (!self.records.is_empty()).then_some(Batch {
            buffer: &self.buffer,
            base: self.base,
            values: &self.buffer,
            fields: &self.fields,
            records: &self.records,
            dialect: &self.dialect,
            format: Format::Csv,
            faults: &self.faults,
            places: &self.places,
            passed: self.passed,
        })
    }

    /// Tells whether no record is left to come, whatever is pushed.
    pub fn is_done(&self) -> bool {
        self.state.phase == Phase::Done
    }

    /// The first boundary at or after the first byte pushed; `None` while it isn't known.
    pub fn first_boundary(&self) -> Option<u64> {
        self.first_boundary
    }

    /// The first boundary at or after the end of the range; `None` while it isn't known.
    pub fn next_boundary(&self) -> Option<u64> {
        self.next_boundary
    }

    /// Bytes since the first boundary that are no record's: blank lines and comments, terminators
    /// included, and the rests of lines that are longer than the limit. With the bytes of the records they
    /// are all bytes from the first boundary to the next one.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Line breaks between the first byte pushed and where the work ended; those so far while it has not.
    pub fn lines(&self) -> u64 {
        let mut passed = self.passed;
        passed.pass(&self.buffer[..self.stopped], self.dialect.terminator);
        passed.lines
    }

    /// Returns the number of quotes where careful writers put none: inside an unquoted field, or closing
    /// a field that then went on. A sign of a wrong guess.
    pub fn anomalies(&self) -> u64 {
        self.anomalies
    }

    /// Drops the records that the caller has seen; keeps the fields of the one in progress.
    fn forget_batch(&mut self) {
        if let Some(last) = self.records.last() {
            self.passed.records += self.records.len() as u64;
            self.fields.drain(..last.fields_end as usize);
            self.records.clear();
            self.faults.clear();
            self.places.clear();
        }
    }

    /// Scans until a batch is full, the bytes are used up, or the work is done.
    fn fill<const N: usize, const OUTSIDE: bool>(&mut self, needles: [u8x16; N]) {
        loop {
            let goes_on = match (self.fault.take(), self.state.phase) {
                (Some(fault), _) => self.refuse(fault),
                (None, Phase::Done) => false,
                (None, Phase::Rest) => self.skip_rest(),
                (None, _) if self.scanned < self.attempt.until => self.scan::<N, OUTSIDE, true>(needles),
                (None, _) => self.scan::<N, OUTSIDE, false>(needles),
            };
            if !goes_on || self.is_full() {
                return;
            }
        }
    }

    #[inline(always)]
    fn is_full(&self) -> bool {
        self.records.len() >= BATCH_RECORDS || (!self.records.is_empty() && self.fields.len() >= BATCH_FIELDS)
    }

    /// Ends the work at a boundary, and its position in the buffer.
    fn stop_at(&mut self, boundary: u64, position: usize) {
        self.next_boundary = Some(boundary);
        self.stopped = position;
        self.state.phase = Phase::Done;
    }

    /// Counts bytes that were looked at, for the test that they are no more than the text has, a few times.
    #[inline(always)]
    fn work(&self, _bytes: usize) {
        #[cfg(test)]
        self.work.set(self.work.get() + _bytes);
    }
}

#[cfg(test)]
mod tests;
