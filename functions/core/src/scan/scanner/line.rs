//! The ends of lines and of the input: where a record, a comment or the work ends.

use super::super::batch::Place;
use super::attempt::End;
use super::state::Phase;
use super::{NONE, Scanner};
use crate::utf16_bytes;

impl Scanner {
    /// Offset in the object of a position in the buffer, at or after the record's start.
    #[inline(always)]
    pub(super) fn offset(&self, position: usize) -> u64 {
        if self.utf16 { self.transcoded_offset(position) } else { self.base + position as u64 }
    }

    #[cold]
    fn transcoded_offset(&self, position: usize) -> u64 {
        let before = self.buffer.get(self.record_start..position).unwrap_or_default();
        self.work(before.len());
        self.anchor + utf16_bytes(before)
    }

    /// Moves the start of the record in progress, and gives the record before it its place.
    #[inline(always)]
    pub(super) fn move_start(&mut self, position: usize, offset: u64) {
        if self.utf16 {
            if self.places.len() < self.records.len() {
                self.places.push(Place { start: self.anchor, next: offset });
            }
            self.anchor = offset;
        }
        self.record_start = position;
    }

    /// Begins the next line at `boundary`. Returns whether that is where the work ends.
    #[inline(always)]
    pub(super) fn end_line(&mut self, boundary: usize) -> bool {
        let offset = self.offset(boundary);
        self.move_start(boundary, offset);
        self.state.field_start = boundary;
        self.state.open_at = boundary;
        self.line = offset;
        // Before the first boundary no line begins, thus no comment.
        self.first_boundary.get_or_insert(offset);
        self.state.phase = if self.starts_comment(boundary) { Phase::Comment } else { Phase::Unquoted };
        if offset >= self.end {
            self.stop_at(offset, boundary);
            return true;
        }
        false
    }

    /// Counts the line in progress, which ends at `boundary`, as one without a record.
    pub(super) fn skip_to(&mut self, boundary: usize) {
        if self.first_boundary.is_some() {
            self.skipped += self.offset(boundary) - self.line;
        }
    }

    #[inline(always)]
    pub(super) fn starts_comment(&self, at: usize) -> bool {
        self.comment != NONE
            && self.first_boundary.is_some()
            && self.buffer.get(at).is_some_and(|byte| u16::from(*byte) == self.comment)
    }

    /// All bytes pushed were looked at. Returns false where more must come.
    pub(super) fn input_used_up(&mut self) -> bool {
        let size = self.buffer.len();
        let length = size - self.record_start;
        if self.state.phase == Phase::Comment {
            // Nothing of a comment is looked at again.
            let last = size - usize::from(length > 0);
            self.move_start(last, self.offset(last));
            self.state.field_start = last;
        } else if self.first_boundary.is_some() && length > self.max_record + 1 {
            // The limit, and a terminator of two bytes.
            match self.goes_on_at(size) {
                Some(at) => self.end_attempt(at, End::Malformed { at: self.offset(at) }),
                None => self.end_attempt(size, End::Open(self.state)),
            }
            return true;
        }
        if !self.ended {
            return false;
        }
        match self.state.phase {
            // A guess that ends inside quotes was wrong, or the object is broken: no boundary is known.
            Phase::Quoted if self.first_boundary.is_none() => self.state.phase = Phase::Done,
            Phase::Quoted => self.end_attempt(size, End::Unterminated { quote: self.offset(self.state.field_start) }),
            Phase::Unquoted if length > 0 => {
                self.end_record(size, size);
            }
            phase => {
                if phase == Phase::Comment {
                    self.skip_to(size);
                }
                let end = self.offset(size);
                self.first_boundary.get_or_insert(end);
                self.stop_at(end, size);
            }
        }
        true
    }
}
