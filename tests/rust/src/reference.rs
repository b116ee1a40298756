//! A plain reader of CSV, byte by byte, that the scanner is compared with.

use std::ops::Range;

use fanout_core::{Dialect, Fault, Quotes, Terminator};

/// One line of the input: the bytes between two places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its bytes in the input, terminator included.
    pub range: Range<usize>,
    /// The values of a record's fields, or the fault of one that can't be read; none for a blank line or a
    /// comment.
    pub record: Option<Result<Vec<Vec<u8>>, Fault>>,
    /// Tells of each field whether it has no byte.
    pub absent: Vec<bool>,
    /// Bytes at its end that belong to no record, as the line is longer than the limit.
    pub skipped: usize,
}

/// One record as the plainest reading finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its bytes in the input, terminator included.
    pub range: Range<usize>,
    /// Its fields' values, or its fault.
    pub fields: Result<Vec<Vec<u8>>, Fault>,
    /// Tells of each field whether it has no byte.
    pub absent: Vec<bool>,
}

/// The records of the input, none of them longer than `limit`.
pub fn parse(text: &[u8], dialect: &Dialect, limit: usize) -> Vec<Record> {
    let record = |Line { range, record, absent, skipped }| {
        record.map(|fields| Record { range: range.start..range.end - skipped, fields, absent })
    };
    lines(text, dialect, limit).into_iter().filter_map(record).collect()
}

/// The places of the input: its start, and every byte right after the end of a line.
pub fn places(text: &[u8], dialect: &Dialect, limit: usize) -> Vec<u64> {
    let ends = lines(text, dialect, limit).into_iter().map(|line| line.range.end as u64);
    std::iter::once(0).chain(ends).collect()
}

/// Reads CSV byte by byte, with nothing clever in it. The lines tile the input.
pub fn lines(text: &[u8], dialect: &Dialect, limit: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let comment = dialect.comment == Some(text[start]);
        let (end, next) = line_end(text, start, dialect, dialect.escape_outside_quotes && !comment);
        let reading = Reading { text, dialect, start, limit };
        let line = if end == start || comment {
            Line { range: start..next, record: None, absent: Vec::new(), skipped: 0 }
        } else {
            match reading.record() {
                Ok((fields, next)) => {
                    let (fields, absent) = fields.into_iter().unzip();
                    Line { range: start..next, record: Some(Ok(fields)), absent, skipped: 0 }
                }
                Err(fault) => {
                    let skipped = if end - start > limit { next - start - limit } else { 0 };
                    Line { range: start..next, record: Some(Err(fault)), absent: Vec::new(), skipped }
                }
            }
        };
        start = line.range.end;
        lines.push(line);
    }
    lines
}

/// The beginning and the end of the first terminator after `start`, whatever quotes it is in; one behind an escape is
/// none if `escapes` says so.
fn line_end(text: &[u8], start: usize, dialect: &Dialect, escapes: bool) -> (usize, usize) {
    let mut at = start;
    while at < text.len() {
        match terminator(text, at, dialect) {
            0 if escapes && dialect.escape == Some(text[at]) && at + 1 < text.len() => at += 2,
            0 => at += 1,
            length => return (at, at + length),
        }
    }
    (at, at)
}

/// The reading of the record that begins at `start`.
struct Reading<'t> {
    text: &'t [u8],
    dialect: &'t Dialect,
    start: usize,
    limit: usize,
}

impl Reading<'_> {
    /// The fields' values, each with whether it has no byte, and where the next line begins.
    fn record(&self) -> Result<(Vec<(Vec<u8>, bool)>, usize), Fault> {
        let (mut fields, mut at) = (Vec::new(), self.start);
        loop {
            let (value, end) = self.field(at)?;
            fields.push((value, end == at));
            if self.text.get(end) != Some(&self.dialect.delimiter) {
                return Ok((fields, end + terminator(self.text, end, self.dialect)));
            }
            self.take(end)?;
            at = end + 1;
        }
    }

    /// The value of the field that begins at `at`, and where it ends.
    fn field(&self, mut at: usize) -> Result<(Vec<u8>, usize), Fault> {
        let Self { text, dialect, .. } = *self;
        let mut value = Vec::new();
        let open = self.after_blanks(at);
        if open < text.len() && dialect.quote == Some(text[open]) {
            (at..open).try_for_each(|blank| self.take(blank).map(drop))?;
            at = self.quoted(open, &mut value)?;
            let after = self.after_blanks(at);
            if self.ends_field(after) {
                (at..after).try_for_each(|blank| self.take(blank).map(drop))?;
                return Ok((value, after));
            }
            if dialect.quotes == Quotes::Strict {
                (at..=after).try_for_each(|byte| self.take(byte).map(drop))?;
                return Err(Fault::MalformedQuotes { at: after as u64 });
            }
        }
        while !self.ends_field(at) {
            if dialect.escape_outside_quotes && dialect.escape == Some(text[at]) && at + 1 < text.len() {
                self.take(at)?;
                at += 1;
            }
            value.push(self.take(at)?);
            at += 1;
        }
        Ok((value, at))
    }

    /// Reads what stands in the quotes that open at `open`; returns the place after the closing one.
    fn quoted(&self, open: usize, value: &mut Vec<u8>) -> Result<usize, Fault> {
        let Self { text, dialect, .. } = *self;
        let unterminated = Fault::UnterminatedQuote { at: open as u64 };
        self.take(open)?;
        let mut at = open + 1;
        loop {
            let byte = *text.get(at).ok_or(unterminated.clone())?;
            self.take(at)?;
            if dialect.quote == Some(byte) {
                at += 1;
                if text.get(at).copied() != dialect.quote {
                    return Ok(at);
                }
            } else if dialect.escape == Some(byte) {
                at += 1;
            }
            text.get(at).ok_or(unterminated.clone())?;
            value.push(self.take(at)?);
            at += 1;
        }
    }

    fn after_blanks(&self, mut at: usize) -> usize {
        while self.dialect.trim && self.text.get(at).is_some_and(|byte| self.dialect.is_blank(*byte)) {
            at += 1;
        }
        at
    }

    fn ends_field(&self, at: usize) -> bool {
        let Self { text, dialect, .. } = *self;
        at >= text.len() || text[at] == dialect.delimiter || terminator(text, at, dialect) > 0
    }

    /// One more byte of the record, if there may be one.
    fn take(&self, at: usize) -> Result<u8, Fault> {
        if at - self.start < self.limit { Ok(self.text[at]) } else { Err(Fault::RecordTooLarge { limit: self.limit }) }
    }
}

/// Length of the terminator at `at`; 0 if there is none.
fn terminator(text: &[u8], at: usize, dialect: &Dialect) -> usize {
    let crlf = text[at.min(text.len())..].starts_with(b"\r\n");
    match (dialect.terminator, text.get(at)) {
        (Terminator::Auto | Terminator::Crlf, _) if crlf => 2,
        (Terminator::Auto | Terminator::Lf, Some(b'\n')) => 1,
        (Terminator::Any, Some(b'\n' | b'\r')) | (Terminator::Cr, Some(b'\r')) => 1,
        _ => 0,
    }
}
