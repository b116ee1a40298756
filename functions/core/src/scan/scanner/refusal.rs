//! The end of a record that is refused: its first line break, whatever quotes it is in.

use super::super::batch::RecordSpan;
use super::super::fault::FaultyRecord;
use super::Scanner;
use super::state::Phase;
use crate::{Fault, Terminator};

impl Scanner {
    /// Ends the record in progress at its first line break. Returns false where more bytes must come before.
    pub(super) fn refuse(&mut self, fault: Fault) -> bool {
        let (start, size) = (self.record_start, self.buffer.len());
        let limit = start + self.max_record;
        let found = self.line_break(start);
        let line = match found {
            Some((end, next)) if end <= limit => Some((end, next)),
            None if self.ended && size <= limit => Some((size, size)),
            // The limit, and a terminator of two bytes.
            None if !self.ended && size <= limit + 1 => {
                self.fault = Some(fault);
                return false;
            }
            _ => None,
        };
        let (end, next) = line.unwrap_or((limit, limit));
        self.faults.push(FaultyRecord { record: self.records.len(), fault });
        self.records.push(RecordSpan {
            start: start as u32,
            end: end as u32,
            next: next as u32,
            fields_end: self.fields.len() as u32,
        });
        if line.is_some() {
            self.begin(next);
            self.end_line(next);
        } else {
            self.line = self.offset(next);
            self.move_start(next, self.line);
            self.state.phase = Phase::Rest;
            if let Some((_, next)) = found {
                self.leave_rest(next);
            }
        }
        true
    }

    /// Skips the rest of a line that is longer than the limit. Returns false where more bytes must come.
    pub(super) fn skip_rest(&mut self) -> bool {
        let size = self.buffer.len();
        match self.line_break(self.record_start) {
            Some((_, next)) => self.leave_rest(next),
            None if self.ended => {
                self.skip_to(size);
                self.stop_at(self.offset(size), size);
            }
            None => {
                // Nothing but the last byte, which may be the first of a terminator, is looked at again.
                let last = size - usize::from(size > self.record_start);
                self.move_start(last, self.offset(last));
                return false;
            }
        }
        true
    }

    fn leave_rest(&mut self, next: usize) {
        self.skip_to(next);
        self.begin(next);
        self.end_line(next);
    }

    /// The first line break of the line that begins at `start`, searched from where the search ended: the
    /// position at which its terminator begins, and the one after it.
    fn line_break(&mut self, start: usize) -> Option<(usize, usize)> {
        let size = self.buffer.len();
        while self.scanned < size {
            let rest = &self.buffer[self.scanned..];
            let (one, two) = match self.dialect.terminator {
                Terminator::Auto | Terminator::Lf | Terminator::Crlf => (b'\n', b'\n'),
                Terminator::Cr => (b'\r', b'\r'),
                Terminator::Any => (b'\n', b'\r'),
            };
            let found = match self.dialect.escape.filter(|_| self.outside) {
                Some(escape) => memchr::memchr3(one, two, escape, rest),
                None => memchr::memchr2(one, two, rest),
            };
            let passed = found.map_or(rest.len(), |at| at + 1);
            self.work(passed);
            self.scanned += passed;
            let (Some(_), last) = (found, self.scanned - 1) else { return None };
            let literal = self.outside && last == self.state.literal_at;
            if literal {
                continue;
            }
            if self.outside && u16::from(self.buffer[last]) == self.escape {
                self.state.literal_at = last + 1;
            } else if let Some(end) = self.terminator(self.buffer[last], last, start) {
                return Some((end, self.scanned));
            }
        }
        None
    }
}
