//! The course of a detection, from samples to a resolved reading. A pure function of its arguments.

use std::borrow::Cow;

use super::binary::{refuse_by_name, refuse_controls, refuse_nul};
use super::candidates::{Candidate, Judged, judge_all, read};
use super::delimiters::{is_weak, refuse_long};
use super::evidence::count;
use super::given::GivenHeader;
use super::header::HeaderGuess;
use super::judge::Reading;
use super::layout::Layout;
use super::lines::{LineEnds, after_line, after_lines, lines, separator_line};
use super::single::{OneColumn, single_column};
use super::table::Table;
use super::verify::{self, pieces};
use super::words::{header_value, tell, tried};
use super::{DetectError, Detected, Given, HeaderFound, Samples, TrailingDelimiter, encoding, json};
use crate::message::Evidence;
use crate::{Dialect, Format, Terminator};

/// Bytes of the beginning on which readings are compared.
const JUDGED: usize = 64 << 10;

/// Lines that the judged part has at least, where they are no longer than `MUCH` together.
const LINES: u64 = 12;

/// Lines that the judged part has at least, however long they are.
const FEW_LINES: u64 = 4;

/// Bytes of the beginning beyond which few lines are enough.
const MUCH: usize = 256 << 10;

/// Detects what an object is, from its samples and what its dataset says of it.
///
/// A pure function of its arguments: the same samples give the same answer.
///
/// # Errors
///
/// [`DetectError`] where the samples are no text, or text in which no delimiter makes a table.
pub fn detect(samples: &Samples<'_>, given: &Given<'_>) -> Result<Detected, DetectError> {
    if samples.first.is_empty() {
        return Err(DetectError::Empty);
    }
    refuse_by_name(samples.first)?;
    let (found, evidence) = encoding::find(samples, given)?;
    let bytes = &samples.first[found.mark..];
    refuse_by_name(bytes)?;
    // Two bytes of a character, or the bytes of a record, may be cut.
    let text = encoding::text(found.encoding, bytes);
    if text.iter().all(|byte| matches!(byte, b'\n' | b'\r')) {
        return Err(DetectError::Empty);
    }
    let mut detected = Detected {
        encoding: found,
        format: Format::Csv,
        dialect: Dialect::default(),
        skip_lines: 0,
        text_start: found.mark as u64,
        header: HeaderFound::Record,
        columns: 0,
        trailing_delimiter: TrailingDelimiter::None,
        judged: 0,
        fitting: 0,
        further: 0,
        further_fitting: 0,
        evidence: vec![evidence],
    };
    let format = match given.format {
        Some(format) => format,
        None if given.says_csv() => Format::Csv,
        None => {
            let (format, objects, of) = json::format(&text, samples.whole);
            if format == Format::JsonLines {
                let sentence = format!("{objects} of {} begin with an object", count(of, "line"));
                detected.evidence.push(Evidence::new("format", "JSON lines", sentence));
            }
            format
        }
    };
    if format == Format::JsonLines {
        return Ok(Detected { format, dialect: Dialect::of_lines(), ..detected });
    }
    // Windows of transcoded text could begin within a character.
    let windows = if matches!(text, Cow::Borrowed(_)) { samples.windows } else { &[] };
    let start = csv(&Samples { first: &text, windows, ..*samples }, given, &mut detected)?;
    detected.text_start += encoding::bytes_of(found.encoding, &text[..start], bytes);
    Ok(detected)
}

/// Finds dialect, layout and header; returns where the header begins in the text.
fn csv(samples: &Samples<'_>, given: &Given<'_>, detected: &mut Detected) -> Result<usize, DetectError> {
    let Samples { first: text, whole, .. } = *samples;
    let named = separator_line(text).filter(|_| given.skip_lines.is_none());
    let ends = LineEnds::of(&text[..text.len().min(JUDGED)]);
    let terminators = given.terminator.map_or_else(|| ends.candidates(), |terminator| vec![terminator]);
    let likely = terminators.first().copied().unwrap_or_default();
    let skipped = match (given.skip_lines, named) {
        (Some(count), _) => after_lines(text, likely, count),
        (None, Some((_, next))) => next,
        (None, None) => 0,
    };
    let rest = &text[skipped..];
    let end = judged_end(rest, likely);
    let judged = Judged {
        text: &rest[..end],
        whole: whole && end == rest.len(),
        named: named.map(|(delimiter, _)| delimiter),
        fixed: given.skip_lines.is_some(),
    };
    if judged.text.is_empty() {
        return Err(DetectError::Empty);
    }
    let candidates = judge_all(&judged, given, &terminators);
    let set = given.delimiter.or(judged.named);
    let best = candidates.first().filter(|best| set.is_some() || best.is_believed());
    let separators: Vec<u8> = best.map(|best| best.delimiter).into_iter().collect();
    // Who names encoding and delimiter says that it is text.
    if given.encoding.is_none() || given.delimiter.is_none() {
        refuse_controls(judged.text, &separators)?;
    }
    if set.is_none() {
        refuse_long(judged.text, judged.whole, best.map(|best| best.delimiter))?;
    }
    let single = single_column(&judged, given, likely);
    let best = best.filter(|best| set.is_some() || !(is_weak(best.delimiter) && single.of_one_kind));
    let one_column = OneColumn {
        judged: &judged,
        given,
        terminator: likely,
        ends,
        delimiter: set,
        skipped,
        skipped_lines: lines(&text[..skipped], likely),
    };
    let Some(best) = best else {
        if set.is_none() && !single.fits(&candidates) {
            return Err(DetectError::NoReading { tried: tried(&candidates) });
        }
        return one_column.read(detected);
    };
    let Some(reading) = read(&judged, given, &best.dialect) else {
        return one_column.read(detected);
    };
    let Reading { table, layout, header, .. } = &reading;
    let terminator = best.dialect.terminator;
    detected.take(best, &reading, given);
    verify(samples, &rest[end..], given, layout.width, detected);
    let header = header_of(given, header);
    detected.header = header.found;

    let start = table.rows.get(layout.start).map_or(0, |row| row.start);
    let before = lines(&table.text[..start], terminator);
    let header_end = start + after_line(&judged.text[start..], terminator);
    if header.found != HeaderFound::None {
        refuse_nul(&judged.text[..header_end], skipped)?;
    }
    let own_lines = if layout.preamble > 0 { before } else { 0 };
    detected.skip_lines = given.skip_lines.unwrap_or(own_lines + lines(&text[..skipped], terminator));
    tell(detected, given, &candidates, ends, named.is_some());
    detected.evidence.push(Evidence::new("header", header_value(header.found), header.sentence));
    Ok(if layout.preamble > 0 { skipped + start } else { skipped })
}

impl Detected {
    /// Takes over the dialect and the layout of the best reading.
    fn take(&mut self, best: &Candidate, reading: &Reading<'_>, given: &Given<'_>) {
        let Reading { layout, malformed, quoted, .. } = reading;
        self.dialect = Dialect { comment: given.comment.unwrap_or(layout.comment), ..best.dialect.clone() };
        self.dialect.quote = quote_of(given, best, *quoted, *malformed);
        if self.dialect.quote.is_none() && given.escape.is_none() && !self.dialect.escape_outside_quotes {
            self.dialect.escape = None;
        }
        self.dialect.trim |= blanks_around_values(&reading.table, layout);
        self.columns = layout.header_width.unwrap_or(layout.columns());
        self.trailing_delimiter = layout.trailing;
        (self.judged, self.fitting) = (layout.body, layout.fitting);
    }
}

/// Tells whether blanks stand around numbers, dates and the like in the rows of the usual width.
fn blanks_around_values(table: &Table<'_>, layout: &Layout) -> bool {
    let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    let rows = table.rows.iter().skip(layout.start).filter(|row| row.width() == layout.width && layout.width > 1);
    let mut cells = rows.flat_map(|row| table.cells(row));
    cells.any(|cell| {
        let raw = table.raw(cell);
        !cell.quoted && cell.kind.is_typed() && (blank(raw.first()) || blank(raw.last()))
    })
}

/// Compares what was detected with the samples in which nothing was judged.
fn verify(samples: &Samples<'_>, rest: &[u8], given: &Given<'_>, width: usize, detected: &mut Detected) {
    let pieces = pieces(rest, samples, detected.dialect.terminator);
    let mut further = verify::count(&pieces, &detected.dialect, width);
    if given.quote.is_none() && detected.dialect.quote.is_none() {
        let quoted = Dialect { quote: Some(b'"'), ..detected.dialect.clone() };
        let other = verify::count(&pieces, &quoted, width);
        // Quotes that come later enclose fields.
        if other.fitting > further.fitting {
            (detected.dialect, further) = (quoted, other);
        }
    }
    (detected.further, detected.further_fitting) = (further.records, further.fitting);
}

/// The end of the part on which readings are compared: enough bytes and enough lines.
fn judged_end(text: &[u8], terminator: Terminator) -> usize {
    if text.len() <= JUDGED {
        return text.len();
    }
    let few = after_lines(text, terminator, FEW_LINES);
    let enough = after_lines(text, terminator, LINES).min(few.max(MUCH)).max(JUDGED);
    enough + after_line(&text[enough..], terminator).min(JUDGED)
}

/// The quote: none where all that stand at the start of fields are stray.
fn quote_of(given: &Given<'_>, best: &Candidate, quoted: usize, malformed: usize) -> Option<u8> {
    match (given.quote, best.dialect.quote) {
        (Some(quote), _) => quote,
        (None, _) if quoted == 0 && malformed > 0 => None,
        (None, quote) => quote,
    }
}

fn header_of(given: &Given<'_>, guess: &HeaderGuess) -> HeaderGuess {
    let said = |found| HeaderGuess { found, sentence: "the dataset says so".to_owned() };
    match (given.header, guess.found) {
        (Some(GivenHeader::None), _) => said(HeaderFound::None),
        (Some(GivenHeader::Record(_)), HeaderFound::None) => said(HeaderFound::Record),
        // Who names a quote says that quotes are no data.
        (_, HeaderFound::Malformed) if given.quote.flatten().is_some() => said(HeaderFound::Record),
        _ => guess.clone(),
    }
}
