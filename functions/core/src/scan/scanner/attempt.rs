//! Attempts to read a record that failed, kept for the records after it.
//!
//! A record that fails costs its first line; the lines behind it are read again as records of their own. To
//! stay linear in the text, the scanner keeps the attempt that went furthest. It was inside quotes at each line
//! break that it passed, as outside quotes a line break ends the record. An attempt that begins at a later
//! line, and is inside quotes at one of those line breaks too, goes on as the kept one did. Its end is then
//! known, or it is read on from where the kept one stopped.
//!
//! An escaped line break is no line break here, if escapes work outside quotes.

use super::super::batch::FieldSpan;
use super::Scanner;
use super::state::{NOWHERE, Phase, State};
use crate::Fault;

/// The course of an attempt to read a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    /// Position up to which it was inside quotes at each line break.
    pub(super) until: usize,
    end: End,
}

/// The end of an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// A quoted field goes on after its closing quote; `at` is the offset of the byte there.
    Malformed { at: u64 },
    /// The record ends; its content ends at `end`, before the terminator.
    Closed { end: usize },
    /// The object ends inside the quotes that open at the offset `quote`.
    Unterminated { quote: u64 },
    /// The bytes were used up, in this state.
    Open(State),
}

/// The judgement on a record.
enum Verdict {
    Good,
    Bad(Fault),
    /// More of it must be read, from this state on.
    Unknown(State),
}

impl Attempt {
    /// No attempt.
    pub(super) const NONE: Self = Self { until: 0, end: End::Malformed { at: 0 } };

    pub(super) fn shift_down(&mut self, by: usize) {
        self.until = self.until.saturating_sub(by);
        match &mut self.end {
            End::Malformed { .. } | End::Unterminated { .. } => {}
            End::Closed { end } => *end = end.saturating_sub(by),
            End::Open(state) => state.shift_down(by),
        }
    }
}

impl Scanner {
    /// Ends the attempt at the record in progress, which came as far as `until`.
    #[cold]
    pub(super) fn end_attempt(&mut self, until: usize, end: End) {
        let attempt = Attempt { until, end };
        // One that was read on from the kept one replaces it.
        if self.partial || until >= self.attempt.until {
            self.attempt = attempt;
        }
        self.settle(attempt);
    }

    /// Decides on the record in progress, which goes on as `attempt` did.
    #[cold]
    pub(super) fn settle(&mut self, attempt: Attempt) {
        let first_field = self.first_field();
        self.fields.truncate(first_field);
        match self.judge(&attempt) {
            Verdict::Bad(fault) => {
                self.fault = Some(fault);
                self.begin(self.record_start);
            }
            Verdict::Good => {
                self.attempt = Attempt::NONE;
                self.begin(self.record_start);
            }
            Verdict::Unknown(state) => {
                self.state = state;
                self.scanned = attempt.until;
                self.partial = true;
            }
        }
    }

    /// Begins at the start of a record, of which nothing is known.
    pub(super) fn begin(&mut self, start: usize) {
        self.scanned = start;
        self.state = State::at(start);
        self.partial = false;
    }

    fn judge(&self, attempt: &Attempt) -> Verdict {
        let (start, limit) = (self.record_start, self.max_record);
        let length = attempt.until - start;
        match attempt.end {
            End::Malformed { at } if length < limit => Verdict::Bad(Fault::MalformedQuotes { at }),
            End::Closed { end } if end - start <= limit => Verdict::Good,
            End::Unterminated { quote } if length <= limit => Verdict::Bad(Fault::UnterminatedQuote { at: quote }),
            // The limit, and a terminator of two bytes.
            End::Open(state) if length <= limit + 1 => Verdict::Unknown(state),
            _ => Verdict::Bad(Fault::RecordTooLarge { limit }),
        }
    }

    /// The position at which the field in progress surely goes on after its closing quote; the last byte before
    /// `size` may begin a terminator.
    pub(super) fn goes_on_at(&self, size: usize) -> Option<usize> {
        let State { phase, flags, open_at, .. } = self.state;
        let quoted = flags & FieldSpan::QUOTED != 0;
        if !self.strict || phase != Phase::Unquoted || !quoted || open_at == NOWHERE {
            return None;
        }
        let at = self.after_blanks(open_at, size);
        (at + 1 < size).then_some(at)
    }
}
