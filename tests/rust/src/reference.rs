//! A plain reader of CSV, byte by byte, that the scanner is compared with.

use std::ops::Range;

use fanout_core::{Dialect, Terminator};

/// One line of the input: the bytes between two places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The bytes of the line in the input, terminator included.
    pub range: Range<usize>,
    /// The values of a record's fields; none for a blank line or a comment.
    pub fields: Option<Vec<Vec<u8>>>,
}

/// One record as the plainest reading finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The bytes of the record in the input, terminator included.
    pub range: Range<usize>,
    /// The values of the fields.
    pub fields: Vec<Vec<u8>>,
}

/// The input ended inside quotes, in the record that begins here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unterminated(pub usize);

/// The records of the input.
///
/// # Errors
///
/// [`Unterminated`] where a quote is never closed.
pub fn parse(text: &[u8], dialect: &Dialect) -> Result<Vec<Record>, Unterminated> {
    let record = |Line { range, fields }| fields.map(|fields| Record { range, fields });
    Ok(lines(text, dialect)?.into_iter().filter_map(record).collect())
}

/// The places of the input: its start, and every byte right after a terminator outside quotes.
///
/// # Errors
///
/// [`Unterminated`] where a quote is never closed.
pub fn places(text: &[u8], dialect: &Dialect) -> Result<Vec<u64>, Unterminated> {
    let ends = lines(text, dialect)?.into_iter().map(|line| line.range.end as u64);
    Ok(std::iter::once(0).chain(ends).collect())
}

/// Reads CSV byte by byte, with nothing clever in it. The lines tile the input.
///
/// # Errors
///
/// [`Unterminated`] where a quote is never closed.
pub fn lines(text: &[u8], dialect: &Dialect) -> Result<Vec<Line>, Unterminated> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let start = at;
        let mut fields = Vec::new();
        if dialect.comment == Some(text[at]) {
            while at < text.len() {
                let end = terminator(text, at, dialect);
                at += end.max(1);
                if end > 0 {
                    break;
                }
            }
            lines.push(Line { range: start..at, fields: None });
            continue;
        }
        let content = loop {
            let (value, next) = field(text, at, dialect).ok_or(Unterminated(start))?;
            fields.push(value);
            at = next;
            if at < text.len() && text[at] == dialect.delimiter {
                at += 1;
                continue;
            }
            let content = at;
            at += terminator(text, at, dialect);
            break content;
        };
        lines.push(Line { range: start..at, fields: (content > start).then_some(fields) });
    }
    Ok(lines)
}

/// The field that begins at `at`, and where it ends; `None` if it ends inside quotes.
fn field(text: &[u8], mut at: usize, dialect: &Dialect) -> Option<(Vec<u8>, usize)> {
    let mut value = Vec::new();
    if at < text.len() && dialect.quote == Some(text[at]) {
        at += 1;
        loop {
            let byte = *text.get(at)?;
            if dialect.quote == Some(byte) {
                if dialect.quote == text.get(at + 1).copied() {
                    at += 1;
                } else {
                    at += 1;
                    break;
                }
            } else if dialect.escape == Some(byte) {
                at += 1;
            }
            value.push(*text.get(at)?);
            at += 1;
        }
    }
    while at < text.len() && text[at] != dialect.delimiter && terminator(text, at, dialect) == 0 {
        value.push(text[at]);
        at += 1;
    }
    Some((value, at))
}

/// Length of the terminator at `at`; 0 if there is none.
fn terminator(text: &[u8], at: usize, dialect: &Dialect) -> usize {
    let crlf = text[at..].starts_with(b"\r\n");
    match (dialect.terminator, text.get(at)) {
        (Terminator::Auto | Terminator::Crlf, _) if crlf => 2,
        (Terminator::Auto | Terminator::Lf, Some(b'\n')) => 1,
        (Terminator::Any, Some(b'\n' | b'\r')) | (Terminator::Cr, Some(b'\r')) => 1,
        _ => 0,
    }
}
