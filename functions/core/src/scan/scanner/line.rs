//! The ends of lines and of the input: where a record, a comment or the work ends.

use super::{NONE, Phase, Scanner};
use crate::ScanError;

impl Scanner {
    /// Begins the next line at `boundary`. Returns whether that is where the work ends.
    #[inline(always)]
    pub(super) fn end_line(&mut self, boundary: usize) -> bool {
        self.record_start = boundary;
        self.field_start = boundary;
        self.open_at = boundary;
        let offset = self.base + boundary as u64;
        self.line = offset;
        // Before the first boundary no line begins, thus no comment.
        self.first_boundary.get_or_insert(offset);
        self.phase = if self.starts_comment(boundary) { Phase::Comment } else { Phase::Unquoted };
        if offset >= self.end {
            self.stop_at(offset);
            return true;
        }
        false
    }

    /// Counts the line in progress, which ends at `boundary`, as one without a record.
    pub(super) fn skip_to(&mut self, boundary: usize) {
        if self.first_boundary.is_some() {
            self.skipped += self.base + boundary as u64 - self.line;
        }
    }

    #[inline(always)]
    pub(super) fn starts_comment(&self, at: usize) -> bool {
        self.comment != NONE
            && self.first_boundary.is_some()
            && self.buffer.get(at).is_some_and(|byte| u16::from(*byte) == self.comment)
    }

    pub(super) fn too_large(&self, quote: Option<u64>) -> ScanError {
        ScanError::RecordTooLarge { offset: self.base + self.record_start as u64, limit: self.max_record, quote }
    }

    /// All bytes pushed were looked at: more must come, unless the object ends here.
    pub(super) fn input_used_up(&mut self) {
        let length = self.buffer.len() - self.record_start;
        let quote = (self.phase == Phase::Quoted).then(|| self.base + self.quote_at as u64);
        if self.phase == Phase::Comment || self.first_boundary.is_none() {
            if self.phase == Phase::Comment {
                // Nothing of a comment is looked at again.
                self.record_start = self.buffer.len() - usize::from(length > 0);
                self.field_start = self.record_start;
            }
        } else if length > self.max_record.saturating_add(1) {
            return self.fail(self.too_large(quote));
        }
        if !self.ended {
            return;
        }
        let size = self.base + self.buffer.len() as u64;
        match quote {
            // A guess that ends inside quotes was wrong, or the object is broken: no boundary is known.
            Some(_) if self.first_boundary.is_none() => self.phase = Phase::Done,
            Some(quote) => {
                let offset = self.base + self.record_start as u64;
                self.fail(ScanError::UnterminatedQuote { offset, quote, end: size });
            }
            None => {
                if self.phase == Phase::Unquoted && length > 0 {
                    self.end_record(self.buffer.len(), self.buffer.len());
                }
                if self.error.is_none() {
                    if self.phase == Phase::Comment {
                        self.skip_to(self.buffer.len());
                    }
                    self.first_boundary.get_or_insert(size);
                    self.stop_at(size);
                }
            }
        }
    }
}
