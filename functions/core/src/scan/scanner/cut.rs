//! The cut of bytes into fields and records: the loop in which the time goes.

use wide::u8x16;

use super::super::batch::{FieldSpan, RecordSpan};
use super::super::block::{BLOCK, special_mask};
use super::super::transcode::MARK;
use super::Scanner;
use super::attempt::End;
use super::state::{NOWHERE, Phase, State};
use crate::Terminator;

impl Scanner {
    /// Scans until a batch is full, the bytes are used up, the work is done, or an attempt at a record
    /// has ended without one. Returns false where more bytes must come.
    ///
    /// `OUTSIDE` says that the dialect's escape works outside quotes, `AGAIN` that the kept attempt went on
    /// from here.
    pub(super) fn scan<const N: usize, const OUTSIDE: bool, const AGAIN: bool>(&mut self, needles: [u8x16; N]) -> bool {
        let Self { quote, escape, .. } = *self;
        let delimiter = self.dialect.delimiter;
        // It changes only where scanning returns.
        let until = self.attempt.until;
        // Three needles are those of a dialect without an escape.
        let plain_until = if N == 3 && !AGAIN { self.plain_until() } else { 0 };
        while self.scanned < self.buffer.len() {
            if self.scanned == self.record_start && self.starts_comment(self.scanned) {
                self.state.phase = Phase::Comment;
            }
            let plain = self.scanned < plain_until && self.is_plain();
            let left = if plain { self.cut_plain(&needles, plain_until) } else { 0 };
            if left == 0 && self.is_full() {
                return true;
            }
            let (mut mask, width) = if left != 0 { (left, BLOCK) } else { self.specials(&needles) };
            let block_start = self.scanned;
            while mask != 0 {
                let at = block_start + mask.trailing_zeros() as usize;
                mask &= mask - 1;
                let byte = self.buffer[at];
                if OUTSIDE && self.state.phase != Phase::Comment {
                    if at == self.state.literal_at {
                        continue;
                    }
                    if u16::from(byte) == escape {
                        self.state.literal_at = at + 1;
                        self.state.flags |= FieldSpan::COMPLEX;
                        continue;
                    }
                }
                match self.state.phase {
                    Phase::Unquoted => {
                        if byte == delimiter {
                            if !self.end_field(at) {
                                return true;
                            }
                            self.state.field_start = at + 1;
                            self.state.open_at = at + 1;
                        } else if u16::from(byte) == quote {
                            self.quote_outside(at);
                        } else if let Some(end) = self.terminator(byte, at, self.state.field_start)
                            && self.end_record(end, at + 1)
                        {
                            return true;
                        }
                    }
                    Phase::Quoted => {
                        let literal = at == self.state.literal_at;
                        if u16::from(byte) == quote && !literal {
                            self.state.phase = Phase::Unquoted;
                            self.state.open_at = at + 1;
                        } else if u16::from(byte) == escape && !literal {
                            self.state.literal_at = at + 1;
                            self.state.flags |= FieldSpan::COMPLEX;
                        } else if AGAIN && at < until && self.terminator(byte, at, self.state.field_start).is_some() {
                            self.settle(self.attempt);
                            return true;
                        }
                    }
                    Phase::Comment => {
                        if self.terminator(byte, at, self.state.field_start).is_some() {
                            self.skip_to(at + 1);
                            if self.end_line(at + 1) {
                                self.scanned = at + 1;
                                return true;
                            }
                        }
                    }
                    Phase::Rest | Phase::Done => return true,
                }
            }
            self.scanned = block_start + width;
        }
        self.input_used_up()
    }

    /// The mask of the special bytes in the next block, and the bytes of it that are there.
    #[inline(always)]
    fn specials<const N: usize>(&self, needles: &[u8x16; N]) -> (u64, usize) {
        let rest = &self.buffer[self.scanned..];
        let (mask, width) = match rest.first_chunk::<BLOCK>() {
            Some(block) => (special_mask(block, needles), BLOCK),
            None => {
                let mut block = [0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                (special_mask(&block, needles) & ((1 << rest.len()) - 1), rest.len())
            }
        };
        self.work(width);
        (mask, width)
    }

    /// A quote outside quotes: opens a field, is the second of a doubled pair, or is data.
    #[inline(always)]
    fn quote_outside(&mut self, at: usize) {
        if at == self.state.open_at {
            self.state.flags =
                if self.state.flags == 0 { FieldSpan::QUOTED } else { FieldSpan::QUOTED | FieldSpan::COMPLEX };
            self.state.phase = Phase::Quoted;
        } else if self.opens_after_blanks(at) || self.opens_after_mark(at) {
            self.state.field_start = at;
            self.state.flags = FieldSpan::QUOTED;
            self.state.phase = Phase::Quoted;
        } else {
            self.anomalies += 1;
        }
    }

    /// Tells whether a quote at `at` opens a field because there are only blanks before it.
    fn opens_after_blanks(&self, at: usize) -> bool {
        let State { flags, field_start, open_at, .. } = self.state;
        self.dialect.trim && flags == 0 && open_at == field_start && self.after_blanks(field_start, at) == at
    }

    /// Tells whether a quote at `at` opens the first field of a record after a byte-order mark, as files
    /// glued together have it.
    fn opens_after_mark(&self, at: usize) -> bool {
        let State { flags, field_start, open_at, .. } = self.state;
        flags == 0
            && field_start == self.record_start
            && open_at == field_start
            && self.buffer[field_start..at] == *MARK
    }

    /// The first position from `start` on that holds no blank to be trimmed, or `end`.
    pub(super) fn after_blanks(&self, start: usize, end: usize) -> usize {
        if !self.dialect.trim {
            return start;
        }
        let blanks = self.buffer[start..end].iter().take_while(|byte| self.dialect.is_blank(**byte)).count();
        self.work(blanks);
        start + blanks
    }

    /// The end of the content if the byte at `at` ends (or completes) a terminator in the bytes from
    /// `start` on.
    #[inline(always)]
    pub(super) fn terminator(&self, byte: u8, at: usize, start: usize) -> Option<usize> {
        // A literal CR is data.
        let literal = || self.outside && at - 1 == self.state.literal_at;
        let after_cr = || at > start && self.buffer[at - 1] == b'\r' && !literal();
        match (self.dialect.terminator, byte) {
            (Terminator::Auto, b'\n') => Some(at - usize::from(after_cr())),
            (Terminator::Crlf, b'\n') => after_cr().then(|| at - 1),
            (Terminator::Lf | Terminator::Any, b'\n') | (Terminator::Cr | Terminator::Any, b'\r') => Some(at),
            _ => None,
        }
    }

    /// Ends the field in progress before `end`. Returns false where it is malformed, and its record with it.
    #[inline(always)]
    fn end_field(&mut self, end: usize) -> bool {
        if self.state.flags == 0 {
            self.fields.push(FieldSpan::new(self.state.field_start, end, 0));
            return true;
        }
        let mut last = end;
        if self.state.flags & FieldSpan::QUOTED != 0 && self.state.open_at != end {
            let Some(quote) = self.end_after_quote(end) else { return false };
            last = quote;
        }
        self.fields.push(FieldSpan::new(self.state.field_start, last, self.state.flags));
        self.state.flags = 0;
        true
    }

    /// The end of a quoted field behind whose closing quote something stands; none where it is malformed.
    fn end_after_quote(&mut self, end: usize) -> Option<usize> {
        let closed = self.state.open_at;
        // A guess may begin in a quoted field that never opened.
        let at = if closed == NOWHERE { closed } else { self.after_blanks(closed, end) };
        if at == end {
            return Some(closed);
        }
        self.anomalies += 1;
        if self.strict && self.first_boundary.is_some() {
            self.end_attempt(at, End::Malformed { at: self.offset(at) });
            return None;
        }
        self.state.flags |= FieldSpan::COMPLEX;
        Some(end)
    }

    /// Ends the record whose content ends at `end` and whose terminator ends at `boundary`.
    /// Returns whether scanning stops here.
    #[inline(always)]
    pub(super) fn end_record(&mut self, end: usize, boundary: usize) -> bool {
        if !self.end_field(end) {
            return true;
        }
        let first_field = self.first_field();
        let length = end - self.record_start;
        // Blank lines are no record.
        if self.partial {
            if self.end_partial(end, boundary) {
                return true;
            }
        } else if length == 0 && self.fields.len() == first_field + 1 {
            self.fields.truncate(first_field);
            self.skip_to(boundary);
        } else if length > self.max_record {
            self.end_attempt(boundary, End::Closed { end });
            return true;
        } else {
            self.records.push(RecordSpan {
                start: self.record_start as u32,
                end: end as u32,
                next: boundary as u32,
                fields_end: self.fields.len() as u32,
            });
        }
        let stops = self.end_line(boundary) || self.is_full();
        if stops {
            self.scanned = boundary;
        }
        stops
    }

    /// The same for a record whose fields aren't all there. Returns whether it must be read again.
    #[cold]
    fn end_partial(&mut self, end: usize, boundary: usize) -> bool {
        if self.first_boundary.is_some() {
            self.end_attempt(boundary, End::Closed { end });
            return true;
        }
        // The bytes before the first boundary are no record.
        self.fields.clear();
        self.partial = false;
        false
    }

    /// Index of the first field of the record in progress.
    #[inline(always)]
    pub(super) fn first_field(&self) -> usize {
        self.records.last().map_or(0, |last| last.fields_end as usize)
    }
}
