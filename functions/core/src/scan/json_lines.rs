//! The scanner of JSON lines. A line that cannot be read refuses its record alone.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserializer as _;
use serde::de::Visitor;
use serde_json::value::RawValue;

use super::batch::{Batch, FieldSpan, Record, RecordSpan};
use super::fault::{Fault, FaultyRecord};
use super::lines::Passed;
use crate::message::{LateKey, SeenUtf8};
use crate::{Encoding, EncodingKind, Format};

mod keys;
mod late_keys;
mod object;

pub(crate) use keys::Keys;
use late_keys::LateKeys;
pub use late_keys::MAX_LATE_KEYS;
use object::Object;

/// Reads lines, each a JSON object, as records whose fields are the values of the header's keys.
///
/// - A record is a line: the bytes up to an LF, of which one CR before it belongs to the terminator.
///   JSON has no line break inside a string, so that no line break can be mistaken. A line without
///   a byte, or of blanks alone, is no record. A record separator before an object (RFC 7464) is a blank.
/// - Several objects on one line, and nothing else beside them, are a record each.
/// - Keys are taken by name, in any order. A key that isn't there is null. Of one that the header doesn't
///   have [`OtherKeys`] says what becomes. A key that stands there twice refuses the record, as nobody can
///   say which one is meant.
/// - A string's value is its characters, with their escapes resolved; of numbers, `true` and
///   `false` their text; of objects and arrays their JSON text as it stands; `null` is null.
/// - A line that isn't one JSON object (RFC 8259) refuses that record alone.
#[derive(Debug)]
pub struct JsonLines {
    encoding: Encoding,
    names: Vec<String>,
    columns: HashMap<String, usize>,
    other_keys: OtherKeys,
    late: LateKeys,
    marks: u64,
    skipped: u64,
    seen: SeenUtf8,
    line: Line,
    values: Vec<u8>,
    fields: Vec<FieldSpan>,
    records: Vec<RecordSpan>,
    faults: Vec<FaultyRecord>,
    /// Records in all batches so far.
    read: u64,
}

/// The fate of keys that the header does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherKeys {
    /// A refusal of their record.
    Refused,
    /// None: they are passed over.
    PassedOver,
    /// A collection, to become columns: see [`JsonLines::late_keys`].
    Collected,
}

/// The line being read.
#[derive(Debug, Default)]
struct Line {
    /// The position and the kind of each column's value in the line.
    slots: Vec<Option<FieldSpan>>,
    /// The column after the last key: most writers keep to one order.
    likely: usize,
    fault: Option<Fault>,
}

impl JsonLines {
    /// A reader of objects with these keys.
    /// The lines are in UTF-8: see [`JsonLines::in_encoding`].
    pub fn new(header: &[String], other_keys: OtherKeys) -> Self {
        Self {
            encoding: Encoding::UTF_8,
            marks: 0,
            skipped: 0,
            seen: SeenUtf8::default(),
            names: header.to_vec(),
            columns: header.iter().enumerate().map(|(index, name)| (name.clone(), index)).collect(),
            other_keys,
            late: LateKeys::default(),
            line: Line::default(),
            values: Vec::new(),
            fields: Vec::new(),
            records: Vec::new(),
            faults: Vec::new(),
            read: 0,
        }
    }

    /// Sets the encoding of the lines. Each is decoded before it is read.
    pub fn in_encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// The bytes beyond ASCII that were seen so far in lines in UTF-8.
    pub fn seen(&self) -> SeenUtf8 {
        self.seen
    }

    /// The keys so far that the header does not have, where they are collected. Of more than [`MAX_LATE_KEYS`] one
    /// more than these is kept.
    pub fn late_keys(&self) -> &[LateKey] {
        self.late.keys()
    }

    /// Byte-order marks at the start of lines that were dropped so far.
    pub fn marks(&self) -> u64 {
        self.marks
    }

    /// Bytes of lines of blanks so far, terminators included.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The records of these lines, each of which is one record of the batch as it was scanned.
    pub fn read<'a>(&'a mut self, lines: Batch<'a>) -> Batch<'a> {
        self.values.clear();
        self.fields.clear();
        self.records.clear();
        self.faults.clear();
        let mut faults = lines.faults.iter().peekable();
        for (index, line) in lines.records().enumerate() {
            let span = lines.records[index];
            match faults.next_if(|fault| fault.record == index) {
                Some(faulty) => self.push(span, Err(faulty.fault.clone())),
                None => self.read_line(&line, span),
            }
        }
        // A line may have no record, or several.
        let passed = Passed { records: self.read, ..lines.passed };
        self.read += self.records.len() as u64;
        Batch {
            values: &self.values,
            fields: &self.fields,
            records: &self.records,
            format: Format::JsonLines,
            faults: &self.faults,
            passed,
            ..lines
        }
    }

    /// Ends a record whose fields are there, or that has a fault.
    fn push(&mut self, span: RecordSpan, read: Result<(), Fault>) {
        if let Err(fault) = read {
            self.faults.push(FaultyRecord { record: self.records.len(), fault });
        }
        self.records.push(RecordSpan { fields_end: self.fields.len() as u32, ..span });
    }

    fn read_line(&mut self, line: &Record<'_>, span: RecordSpan) {
        let decoded = match text(line, self.encoding) {
            Ok(text) => text,
            Err(fault) => {
                self.seen.invalid = true;
                return self.push(span, Err(fault));
            }
        };
        self.seen.valid |= !self.seen.valid && !decoded.is_ascii();
        let text = decoded.strip_prefix(MARK).unwrap_or(&decoded);
        self.marks += u64::from(text.len() < decoded.len());
        let text = text.trim_start_matches(BLANK);
        if text.is_empty() {
            self.skipped += line.bytes();
            return;
        }
        let start = decoded.len() - text.len();
        let encoding = self.encoding;
        let place = |at: usize| Place { line: *line, encoding, start: start + at };
        match self.read_object(text, place(0)) {
            Err(Fault::MalformedJson { at, problem }) => match objects(text) {
                Some(starts) => {
                    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([text.len()]).collect();
                    let spans = spans(span, ends.iter().map(|end| place(*end).position()));
                    for ((at, end), span) in starts.into_iter().zip(ends).zip(spans) {
                        let read = self.read_object(&text[at..end], place(at));
                        self.push(span, read);
                    }
                }
                None => self.push(span, Err(Fault::MalformedJson { at, problem })),
            },
            read => self.push(span, read),
        }
    }

    fn read_object(&mut self, text: &str, place: Place<'_>) -> Result<(), Fault> {
        self.line.slots.clear();
        self.line.slots.resize(self.names.len(), None);
        (self.line.likely, self.line.fault) = (0, None);
        self.late.begin();
        let (kept, first_field) = (self.values.len(), self.fields.len());
        let object = Object {
            text,
            place,
            names: &self.names,
            columns: &self.columns,
            other_keys: self.other_keys,
            late: &mut self.late,
            line: &mut self.line,
            values: &mut self.values,
        };
        let done = parse(text, object).map_err(|error| malformed(&place, &error));
        if let Some(fault) = done.err().or_else(|| self.line.fault.take()) {
            self.values.truncate(kept);
            self.fields.truncate(first_field);
            return Err(fault);
        }
        self.late.keep();
        self.fields.extend(self.line.slots.iter().map(|slot| slot.unwrap_or(FieldSpan::new(0, 0, 0))));
        Ok(())
    }
}

/// A byte-order mark, as files glued together have it.
const MARK: char = '\u{feff}';

/// The blanks of JSON, and the record separator of RFC 7464.
const BLANK: [char; 5] = [' ', '\t', '\r', '\n', '\u{1e}'];

/// The positions at which the objects of a text begin; `None` where it is not two or more objects and nothing
/// else.
fn objects(text: &str) -> Option<Vec<usize>> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let (mut starts, mut at) = (Vec::new(), 0);
    while let Some(value) = values.next() {
        value.ok().filter(|value| value.get().starts_with('{'))?;
        starts.push(at + text[at..].find('{')?);
        at = values.byte_offset();
    }
    (starts.len() > 1).then_some(starts)
}

/// The spans of the objects of one line: each but the last ends where the next one begins, the last one
/// with the line. `ends` are positions in the line.
fn spans(line: RecordSpan, ends: impl Iterator<Item = usize>) -> Vec<RecordSpan> {
    let mut start = line.start;
    let mut spans: Vec<RecordSpan> = Vec::new();
    for end in ends {
        let end = line.start + end as u32;
        spans.push(RecordSpan { start, end, next: end, ..line });
        start = end;
    }
    if let Some(last) = spans.last_mut() {
        (last.end, last.next) = (line.end, line.next);
    }
    spans
}

fn text<'a>(line: &Record<'a>, encoding: Encoding) -> Result<Cow<'a, str>, Fault> {
    if encoding.kind() != EncodingKind::Other {
        return match simdutf8::compat::from_utf8(line.raw()) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => Err(Fault::invalid(encoding, line.place(error.valid_up_to()))),
        };
    }
    encoding.decode(line.raw()).ok_or_else(|| {
        let at = encoding.decode_into(line.raw(), &mut Vec::new()).err().unwrap_or_default();
        Fault::invalid(encoding, line.place(at))
    })
}

/// The places of an object's text.
#[derive(Clone, Copy)]
struct Place<'a> {
    line: Record<'a>,
    encoding: Encoding,
    /// The position of the object in the decoded line.
    start: usize,
}

impl Place<'_> {
    /// Offset in the S3 object of the byte at this position of the text.
    fn of(&self, position: usize) -> u64 {
        self.line.place(self.encoding.position(self.line.raw(), self.start + position))
    }

    /// The position of the text in the line as it was scanned.
    fn position(&self) -> usize {
        self.encoding.position(self.line.raw(), self.start)
    }
}

fn parse<'de>(text: &'de str, visitor: impl Visitor<'de, Value = ()>) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_map(visitor)?;
    json.end()
}

/// The reason that serde_json gives, which counts columns from 1, with an offset in the object instead.
fn malformed(place: &Place<'_>, error: &serde_json::Error) -> Fault {
    let text = error.to_string();
    let problem = text.rsplit_once(" at line ").map_or(text.as_str(), |(problem, _)| problem);
    Fault::MalformedJson { at: place.of(error.column().saturating_sub(1)), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests;
