//! The cut of bytes outside quotes: the same as in `cut`, with less to look at for each special byte. Blocks in which the
//! range may end, or a record become too long, are left to `cut`.

use wide::u8x16;

use super::super::batch::{FieldSpan, RecordSpan};
use super::super::block::{BLOCK, special_mask};
use super::state::Phase;
use super::{NONE, Scanner};
use crate::Terminator;

impl Scanner {
    /// The position before which a block may be plain: its bytes are all there, and the range ends after it.
    pub(super) fn plain_until(&self) -> usize {
        if self.partial || self.utf16 || self.comment != NONE || self.dialect.terminator == Terminator::Crlf {
            return 0;
        }
        let end = usize::try_from(self.end.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.buffer.len().min(end).saturating_sub(BLOCK)
    }

    /// Tells whether the scanner is where [`Scanner::cut_plain`] can go on: outside quotes, in a field without flags.
    #[inline(always)]
    pub(super) fn is_plain(&self) -> bool {
        self.state.phase == Phase::Unquoted && self.state.flags == 0
    }

    /// Ends fields and records in the plain blocks that come next before `until`, up to the first quote or blank line, or
    /// until the batch is full. Returns the mask of the special bytes left in the block where it stopped, zero where none is.
    #[inline(always)]
    pub(super) fn cut_plain<const N: usize>(&mut self, needles: &[u8x16; N], until: usize) -> u64 {
        let (delimiter, quote) = (self.dialect.delimiter, self.quote);
        let auto = self.dialect.terminator == Terminator::Auto;
        let (mut field_start, mut record_start) = (self.state.field_start, self.record_start);
        let mut block = self.scanned;
        let mut mask = 0;
        while block < until && block + BLOCK - record_start <= self.max_record && !self.is_full() {
            let Some(bytes) = self.buffer[block..].first_chunk::<BLOCK>() else { break };
            mask = special_mask(bytes, needles);
            self.work(BLOCK);
            while mask != 0 {
                let bit = mask.trailing_zeros() as usize % BLOCK;
                let (at, byte) = (block + bit, bytes[bit]);
                if byte == delimiter {
                    self.fields.push(FieldSpan::new(field_start, at, 0));
                } else if u16::from(byte) == quote {
                    break;
                } else {
                    // One needle is left: the last byte of a terminator.
                    let end = at - usize::from(auto && at > field_start && self.buffer[at - 1] == b'\r');
                    if end == record_start {
                        break;
                    }
                    self.fields.push(FieldSpan::new(field_start, end, 0));
                    self.records.push(RecordSpan {
                        start: record_start as u32,
                        end: end as u32,
                        next: at as u32 + 1,
                        fields_end: self.fields.len() as u32,
                    });
                    record_start = at + 1;
                }
                field_start = at + 1;
                mask &= mask - 1;
            }
            if mask != 0 {
                break;
            }
            block += BLOCK;
        }
        self.state.field_start = field_start;
        self.state.open_at = field_start;
        if record_start != self.record_start {
            self.record_start = record_start;
            self.line = self.base + record_start as u64;
        }
        self.scanned = block;
        mask
    }
}
