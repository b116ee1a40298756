//! Records and fields, borrowed from the scanner's buffer.

use std::borrow::Cow;

use super::fault::{Fault, FaultyRecord};
use super::lines::Passed;
use crate::{Dialect, Format, Terminator, utf16_bytes};

/// The position of a field in the batch's values. The two top bits of `end` say how to read it.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldSpan {
    start: u32,
    end: u32,
}

impl FieldSpan {
    /// The field is in quotes.
    pub(super) const QUOTED: u32 = 1 << 31;
    /// The value isn't the bytes that stand there, or between the quotes: doubled quotes, escapes, bytes after
    /// the closing quote.
    pub(super) const COMPLEX: u32 = 1 << 30;
    const FLAGS: u32 = Self::QUOTED | Self::COMPLEX;
    /// Positions in the buffer stay below this.
    pub(super) const MAX_POSITION: usize = Self::COMPLEX as usize;

    /// Positions are below [`Self::MAX_POSITION`], as the scanner refuses longer buffers.
    #[inline(always)]
    pub(super) fn new(start: usize, end: usize, flags: u32) -> Self {
        Self { start: start as u32, end: end as u32 | flags }
    }

    #[inline(always)]
    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    #[inline(always)]
    pub(super) fn end(self) -> usize {
        (self.end & !Self::FLAGS) as usize
    }

    #[inline(always)]
    pub(super) fn flags(self) -> u32 {
        self.end & Self::FLAGS
    }

    pub(super) fn shift_down(&mut self, by: usize) {
        self.start -= by as u32;
        self.end -= by as u32;
    }
}

/// The position of a record in the scanner's buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordSpan {
    pub(super) start: u32,
    /// The position before the terminator.
    pub(super) end: u32,
    /// The position after the terminator.
    pub(super) next: u32,
    /// Index after the record's last field in the batch's fields.
    pub(super) fields_end: u32,
}

/// The place of a record in an object whose text was transcoded: the offsets of its first byte, and of the
/// first one after its terminator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) start: u64,
    pub(super) next: u64,
}

/// Some consecutive records, borrowed from the scanner.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    pub(super) buffer: &'a [u8],
    /// Offset in the object of the buffer's first byte.
    pub(super) base: u64,
    /// The bytes of the fields: of CSV the buffer or what was decoded from it, of JSON lines the values
    /// read from it.
    pub(super) values: &'a [u8],
    pub(super) fields: &'a [FieldSpan],
    pub(super) records: &'a [RecordSpan],
    /// Of UTF-16, each record's place; of other text none, as positions show it.
    pub(super) places: &'a [Place],
    pub(super) dialect: &'a Dialect,
    pub(super) format: Format,
    /// Records without fields, as they can't be read, in their order.
    pub(super) faults: &'a [FaultyRecord],
    /// The text that the scanner has passed before the buffer's first byte, and before this batch.
    pub(super) passed: Passed,
}

impl<'a> Batch<'a> {
    /// Number of records; a batch has at least one.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Tells whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Returns the format of the records.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The records that can't be read at all, each by its index and its fault, in their order.
    pub fn faults(&self) -> impl Iterator<Item = (usize, &'a Fault)> + use<'a> {
        self.faults.iter().map(|faulty| (faulty.record, &faulty.fault))
    }

    /// The bytes of the records, terminators included, without the blank and comment lines between them.
    pub fn record_bytes(&self) -> u64 {
        if self.places.is_empty() {
            return self.records.iter().map(|record| u64::from(record.next - record.start)).sum();
        }
        self.places.iter().map(|place| place.next - place.start).sum()
    }

    /// The record at `index`, which must be below [`Batch::len`].
    #[inline]
    pub fn record(&self, index: usize) -> Record<'a> {
        Record { batch: *self, index, span: self.records[index], first_field: self.first_field(index) }
    }

    /// Index in the batch's fields of the first field of the record at `index`.
    #[inline]
    pub(crate) fn first_field(&self, index: usize) -> u32 {
        if index == 0 { 0 } else { self.records[index - 1].fields_end }
    }

    /// The field at `index` of all the batch's fields.
    #[inline(always)]
    pub(crate) fn field(&self, index: usize) -> Field<'a> {
        let span = self.fields[index];
        Field { raw: &self.values[span.start()..span.end()], flags: span.flags(), dialect: self.dialect }
    }

    /// The indices, among all the batch's fields, of those whose values do not simply stand there.
    pub(crate) fn complex_fields(&self) -> impl Iterator<Item = usize> + use<'a> {
        let any = self.fields.iter().fold(0, |all, field| all | field.end) & FieldSpan::COMPLEX != 0;
        let fields = if any { self.fields } else { &[] };
        let complex = |field: &FieldSpan| field.flags() & FieldSpan::COMPLEX != 0;
        fields.iter().enumerate().filter(move |(_, field)| complex(field)).map(|(index, _)| index)
    }

    /// The records in their order in the object.
    #[inline]
    pub fn records(&self) -> impl ExactSizeIterator<Item = Record<'a>> + use<'a> {
        let batch = *self;
        let mut next_field = 0;
        self.records.iter().enumerate().map(move |(index, span)| {
            let first_field = std::mem::replace(&mut next_field, span.fields_end);
            Record { batch, index, span: *span, first_field }
        })
    }

    /// All bytes from the first record's start to the last one's terminator, with the blank and
    /// comment lines between them.
    pub fn bytes(&self) -> &'a [u8] {
        match (self.records.first(), self.records.last()) {
            (Some(first), Some(last)) => &self.buffer[first.start as usize..last.next as usize],
            _ => &[],
        }
    }
}

/// One record, borrowed from the scanner.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    batch: Batch<'a>,
    index: usize,
    span: RecordSpan,
    first_field: u32,
}

impl<'a> Record<'a> {
    /// Offset in the object of the record's first byte.
    #[inline]
    pub fn offset(&self) -> u64 {
        match self.batch.places.get(self.index) {
            Some(place) => place.start,
            None => self.batch.base + u64::from(self.span.start),
        }
    }

    /// The number of records that the scanner has found before this one.
    #[inline]
    pub fn number(&self) -> u64 {
        self.batch.passed.records + self.index as u64
    }

    /// The scanner's buffer, the record's position in it, what was seen before it, and the end of lines.
    pub(super) fn in_buffer(&self) -> (&'a [u8], usize, Passed, Terminator) {
        (self.batch.buffer, self.span.start as usize, self.batch.passed, self.batch.dialect.terminator)
    }

    /// Offset in the object of the byte at this position of [`Record::raw`].
    pub fn place(&self, position: usize) -> u64 {
        if self.batch.places.is_empty() {
            return self.offset() + position as u64;
        }
        self.offset() + utf16_bytes(&self.raw_with_terminator()[..position])
    }

    /// Bytes of the record in the object, terminator included.
    pub fn bytes(&self) -> u64 {
        self.next() - self.offset()
    }

    /// Offset in the object of the first byte after the record's terminator.
    #[inline]
    pub fn next(&self) -> u64 {
        match self.batch.places.get(self.index) {
            Some(place) => place.next,
            None => self.batch.base + u64::from(self.span.next),
        }
    }

    /// The record's bytes without its terminator.
    #[inline]
    pub fn raw(&self) -> &'a [u8] {
        &self.batch.buffer[self.span.start as usize..self.span.end as usize]
    }

    /// The record's bytes with its terminator, where it has one.
    #[inline]
    pub fn raw_with_terminator(&self) -> &'a [u8] {
        &self.batch.buffer[self.span.start as usize..self.span.next as usize]
    }

    /// Number of fields: at least one, but for a record that can't be read, which has none.
    #[inline]
    pub fn len(&self) -> usize {
        (self.span.fields_end - self.first_field) as usize
    }

    /// Tells whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The field at `index`, which must be below [`Record::len`].
    #[inline]
    pub fn field(&self, index: usize) -> Field<'a> {
        assert!(index < self.len(), "field {index} of a record of {} fields", self.len());
        self.batch.field(self.first_field as usize + index)
    }

    /// The fields in their order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = Field<'a>> + use<'a> {
        let record = *self;
        (0..self.len()).map(move |index| record.field(index))
    }
}

/// One field, borrowed from the scanner.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    raw: &'a [u8],
    flags: u32,
    dialect: &'a Dialect,
}

impl<'a> Field<'a> {
    /// The field's bytes as they stand, quotes included; in UTF-8, whatever the object's encoding is,
    /// once a [`crate::Transcoder`] has seen them. For JSON: the value's text, or a string's
    /// characters between two quotes; nothing for null and for a key that isn't there.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Tells whether the field begins with a quote; of JSON, whether it is a string.
    pub fn is_quoted(&self) -> bool {
        self.flags & FieldSpan::QUOTED != 0
    }

    /// The field's bytes if they are its value as [`Field::trimmed`] gives it; `None` for one with quotes,
    /// escapes, or blanks that may go.
    #[inline(always)]
    pub(crate) fn plain(&self) -> Option<&'a [u8]> {
        (self.flags == 0 && !self.dialect.trim).then_some(self.raw)
    }

    /// The field's value without the blanks around it, where the dialect trims and the field has no quotes: as
    /// names and numbers are read.
    pub fn trimmed(&self) -> Cow<'a, [u8]> {
        if !self.dialect.trim || self.is_quoted() {
            return self.value();
        }
        let blank = |byte: &u8| self.dialect.is_blank(*byte);
        let start = self.raw.iter().take_while(|byte| blank(byte)).count();
        let rest = &self.raw[start..];
        let mut kept = rest.len() - rest.iter().rev().take_while(|byte| blank(byte)).count();
        let escapes = rest[..kept].iter().rev().take_while(|byte| self.dialect.escape == Some(**byte)).count();
        // A blank after an escape is data.
        if self.flags != 0 && escapes % 2 == 1 && kept < rest.len() {
            kept += 1;
        }
        Field { raw: &rest[..kept], ..*self }.value()
    }

    /// The field's value: without its quotes, doubled quotes made single, escapes resolved.
    /// Borrowed unless bytes have to be left out in its middle.
    #[inline]
    pub fn value(&self) -> Cow<'a, [u8]> {
        self.standing().map_or_else(
            || {
                let mut value = Vec::with_capacity(self.raw.len());
                self.resolve(&mut value);
                Cow::Owned(value)
            },
            Cow::Borrowed,
        )
    }

    /// The field's value where it simply stands there, or between two quotes.
    #[inline(always)]
    pub(crate) fn standing(&self) -> Option<&'a [u8]> {
        if self.flags == 0 {
            Some(self.raw)
        } else if self.flags & FieldSpan::COMPLEX == 0 {
            Some(&self.raw[1..self.raw.len() - 1])
        } else {
            None
        }
    }

    /// Appends the field's value, which does not simply stand there.
    pub(crate) fn resolve(&self, value: &mut Vec<u8>) {
        resolve(self.raw, self.is_quoted(), self.dialect, value);
    }
}

/// Appends the value of a field that doesn't simply stand there, or enclosed in two quotes.
fn resolve(raw: &[u8], mut quoted: bool, dialect: &Dialect, value: &mut Vec<u8>) {
    let mut reopens_at = usize::MAX;
    let mut at = usize::from(quoted);
    while let Some(&byte) = raw.get(at) {
        if let (true, Some(quote), None) = (quoted, dialect.quote, dialect.escape) {
            // Up to the next quote all bytes are themselves.
            let run = memchr::memchr(quote, &raw[at..]).unwrap_or(raw.len() - at);
            if run > 0 {
                value.extend_from_slice(&raw[at..at + run]);
                at += run;
                continue;
            }
        }
        let is_quote = dialect.quote == Some(byte);
        if quoted && is_quote {
            quoted = false;
            reopens_at = at + 1;
        } else if (quoted || dialect.escape_outside_quotes) && dialect.escape == Some(byte) && at + 1 < raw.len() {
            at += 1;
            value.push(raw[at]);
        } else {
            if is_quote && at == reopens_at {
                quoted = true;
            }
            value.push(byte);
        }
        at += 1;
    }
}
