//! The place of the scanner in the grammar.

use super::super::batch::FieldSpan;
use crate::Start;

/// No position in a buffer.
pub(super) const NOWHERE: usize = usize::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Outside quotes.
    Unquoted,
    /// Inside quotes.
    Quoted,
    /// Inside a line that began with the comment byte.
    Comment,
    /// Inside a line longer than the limit, after the bytes that were taken as its record.
    Rest,
    /// A boundary at or after the end of the range was reached, or the input ended.
    Done,
}

/// All that the bytes of a record so far mean for those that follow. Positions are those of the buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) phase: Phase,
    /// The position of the field's first byte; of a field in quotes, that of its quote.
    pub(super) field_start: usize,
    /// The position at which a quote opens a field, or reopens the one that was just closed.
    pub(super) open_at: usize,
    /// A byte that an escape before it made literal.
    pub(super) literal_at: usize,
    /// The flags of the field's span: none for one without a quote at its start and without an escape that works.
    pub(super) flags: u32,
}

impl State {
    /// The state of a scanner before its first byte.
    pub(super) fn of(start: Start) -> Self {
        let quoted = matches!(start, Start::InQuotes | Start::Escaped);
        Self {
            phase: match start {
                Start::InQuotes | Start::Escaped => Phase::Quoted,
                Start::InComment => Phase::Comment,
                Start::Boundary | Start::InField | Start::FieldStart | Start::EscapedInField => Phase::Unquoted,
            },
            open_at: if matches!(start, Start::Boundary | Start::FieldStart) { 0 } else { NOWHERE },
            literal_at: if matches!(start, Start::Escaped | Start::EscapedInField) { 0 } else { NOWHERE },
            flags: if quoted { FieldSpan::QUOTED } else { 0 },
            ..Self::at(0)
        }
    }

    /// The state where a record begins.
    pub(super) fn at(start: usize) -> Self {
        Self { phase: Phase::Unquoted, field_start: start, open_at: start, literal_at: NOWHERE, flags: 0 }
    }

    pub(super) fn shift_down(&mut self, by: usize) {
        let literal_gone = self.literal_at < by;
        for position in [&mut self.field_start, &mut self.open_at, &mut self.literal_at] {
            *position = if *position == NOWHERE { NOWHERE } else { position.saturating_sub(by) };
        }
        if literal_gone {
            self.literal_at = NOWHERE;
        }
    }
}
