//! The ends of lines and of the input: where a record, a comment or the work ends.

use super::attempt::End;
use super::state::Phase;
use super::{NONE, Scanner};

impl Scanner {
    /// Offset in the object of a position in the buffer.
    #[inline(always)]
    pub(super) fn offset(&self, position: usize) -> u64 {
        self.base + position as u64
    }

    /// Begins the next line at `boundary`. Returns whether that is where the work ends.
    #[inline(always)]
    pub(super) fn end_line(&mut self, boundary: usize) -> bool {
        self.record_start = boundary;
        self.state.field_start = boundary;
        self.state.open_at = boundary;
        let offset = self.offset(boundary);
        self.line = offset;
        // Before the first boundary no line begins, thus no comment.
        self.first_boundary.get_or_insert(offset);
        self.state.phase = if self.starts_comment(boundary) { Phase::Comment } else { Phase::Unquoted };
        if offset >= self.end {
            self.stop_at(offset);
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
            self.record_start = size - usize::from(length > 0);
            self.state.field_start = self.record_start;
        } else if self.first_boundary.is_some() && length > self.max_record + 1 {
            // The limit, and a terminator of two bytes.
            self.end_attempt(size, End::Open(self.state));
            return true;
        }
        if !self.ended {
            return false;
        }
        match self.state.phase {
            // A guess that ends inside quotes was wrong, or the object is broken: no boundary is known.
            Phase::Quoted if self.first_boundary.is_none() => self.state.phase = Phase::Done,
            Phase::Quoted => self.end_attempt(size, End::Unterminated { quote: self.state.quote_at }),
            Phase::Unquoted if length > 0 => {
                self.end_record(size, size);
            }
            phase => {
                if phase == Phase::Comment {
                    self.skip_to(size);
                }
                let end = self.offset(size);
                self.first_boundary.get_or_insert(end);
                self.stop_at(end);
            }
        }
        true
    }
}
