use std::borrow::Cow;

use super::binary::{refuse_by_name, refuse_controls, refuse_nul};
use super::candidates::{Candidate, Judged, judge_all, prepare, read};
use super::delimiters::{is_weak, refuse_long};
use super::evidence::{byte_name, count};
use super::given::GivenHeader;
use super::header::HeaderGuess;
use super::judge::Reading;
use super::kind::{Kind, pattern};
use super::lines::{LineEnds, after_line, after_lines, lines, separator_line};
use super::verify::{self, pieces};
use super::{DetectError, Detected, Evidence, Given, HeaderFound, Samples, TrailingDelimiter, encoding, json};
use crate::{Dialect, Format, Terminator};

/// Bytes of the beginning on which readings are compared.
const JUDGED: usize = 64 << 10;

/// Lines that the judged part has at least, however long they are.
const LINES: u64 = 12;

/// The score from which a table of several columns is believed.
const BELIEVED: f64 = 0.1;

/// The share of records with the usual number of fields from which it is believed.
const SHARE: f64 = 0.35;

/// What an object is, from its samples and what its dataset says of it.
///
/// A pure function of its arguments: the same samples give the same answer. Refuses what is no text,
/// and text in which no delimiter makes a table.
pub fn detect(samples: &Samples<'_>, given: &Given<'_>) -> Result<Detected, DetectError> {
    if samples.first.is_empty() {
        return Err(DetectError::Empty);
    }
    refuse_by_name(samples.first)?;
    let (found, evidence) = encoding::find(samples, given)?;
    let bytes = &samples.first[found.mark..];
    refuse_by_name(bytes)?;
    // Two bytes of a character, or the bytes of a record, may be cut.
    let text = encoding::text(&found, bytes);
    if text.iter().all(|byte| matches!(byte, b'\n' | b'\r')) {
        return Err(DetectError::Empty);
    }
    let mut detected = Detected {
        encoding: found,
        format: Format::Csv,
        dialect: Dialect::default(),
        escape_outside_quotes: false,
        blanks_around_quotes: false,
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
    detected.text_start += encoding::bytes_of(&found, &text[..start]) as u64;
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
    let best = candidates.first().filter(|best| set.is_some() || believed(best));
    let separators: Vec<u8> = best.map(|best| best.delimiter).into_iter().collect();
    refuse_controls(judged.text, &separators)?;
    if set.is_none() {
        refuse_long(judged.text, judged.whole, best.map(|best| best.delimiter))?;
    }
    let single = single_column(&judged, given, likely);
    let best = best.filter(|best| set.is_some() || !(is_weak(best.delimiter) && single.of_one_kind));
    let Some(best) = best else {
        if set.is_none() && !single.fits(&candidates) {
            return Err(DetectError::NoReading { tried: tried(&candidates) });
        }
        return one_column(text, skipped, &judged, given, likely, set, ends, detected);
    };
    let prepared = prepare(judged.text, &best.dialect, best.escape_outside, best.blanks);
    let reading = prepared.as_deref().and_then(|text| read(text, &judged, given, &best.dialect));
    let Some(reading) = reading else {
        return one_column(text, skipped, &judged, given, likely, set, ends, detected);
    };
    let Reading { table, layout, header, malformed, quoted, .. } = &reading;
    let terminator = best.dialect.terminator;
    detected.dialect = Dialect { comment: given.comment.unwrap_or(layout.comment), ..best.dialect.clone() };
    detected.dialect.quote = quote_of(given, best, *quoted, *malformed);
    if best.escape_outside {
        detected.dialect.escape = Some(b'\\');
    }
    detected.escape_outside_quotes = best.escape_outside;
    detected.blanks_around_quotes = best.blanks;
    detected.columns = layout.header_width.unwrap_or(layout.columns());
    detected.trailing_delimiter = layout.trailing;
    (detected.judged, detected.fitting) = (layout.body, layout.fitting);
    if !best.escape_outside && !best.blanks {
        verify(samples, &rest[end..], given, layout.width, detected);
    }
    let header = header_of(given, header);
    detected.header = header.found;

    let first = table.rows.get(layout.start).map_or(0, |row| row.start);
    let before = lines(&table.text[..first], terminator);
    // Blanks around quotes move positions, not lines.
    let start = if best.blanks { after_lines(judged.text, terminator, before) } else { first };
    let header_end = start + after_line(&judged.text[start..], terminator);
    refuse_nul(&judged.text[..header_end], skipped)?;
    let own_lines = if layout.preamble > 0 { before } else { 0 };
    detected.skip_lines = given.skip_lines.unwrap_or(own_lines + lines(&text[..skipped], terminator));
    tell(detected, given, &candidates, ends, named.is_some());
    detected.evidence.push(Evidence::new("header", header_value(header.found), header.sentence));
    Ok(if layout.preamble > 0 { skipped + start } else { skipped })
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
    let enough = after_lines(text, terminator, LINES).max(JUDGED);
    enough + after_line(&text[enough..], terminator).min(JUDGED)
}

fn believed(best: &Candidate) -> bool {
    let share = best.fitting as f64 / best.body.max(1) as f64;
    best.score >= BELIEVED && share >= SHARE
}

/// The quote: none where all that stand at the start of fields are stray.
fn quote_of(given: &Given<'_>, best: &Candidate, quoted: usize, malformed: usize) -> Option<u8> {
    match (given.quote, best.dialect.quote) {
        (Some(quote), _) => quote,
        (None, quote) if quoted == 0 && malformed > 0 => quote.filter(|_| false),
        (None, quote) => quote,
    }
}

fn header_of(given: &Given<'_>, guess: &HeaderGuess) -> HeaderGuess {
    let said = |found| HeaderGuess { found, sentence: "the dataset says so".to_owned() };
    match (given.header, guess.found) {
        (Some(GivenHeader::None), _) => said(HeaderFound::None),
        (Some(GivenHeader::Record(_)), HeaderFound::None) => said(HeaderFound::Record),
        _ => guess.clone(),
    }
}

/// A text read as one column.
#[derive(Debug)]
struct Single {
    lines: usize,
    /// Whether nearly all lines are values of a kind that has delimiters inside: times, dates, URLs.
    of_one_kind: bool,
    first: Vec<u8>,
    /// For each usual delimiter, the lines that have it.
    with: Vec<(u8, usize)>,
}

impl Single {
    /// Whether the text can be one column: its first line, or most lines, have no usual delimiter.
    fn fits(&self, candidates: &[Candidate]) -> bool {
        let usual = |delimiter: u8| matches!(delimiter, b',' | b';' | b'\t' | b'|');
        let near = candidates.iter().filter(|found| usual(found.delimiter));
        let first = !self.first.iter().any(|byte| usual(*byte));
        let few = self.with.iter().all(|(_, lines)| lines * 5 <= self.lines);
        self.of_one_kind || few || (first && near.clone().all(|found| !believed(found)))
    }
}

fn single_column(judged: &Judged<'_>, given: &Given<'_>, terminator: Terminator) -> Single {
    let ends = |byte: &u8| super::lines::ends_line(terminator, *byte);
    let mark = given.comment.flatten();
    let lines = judged.text.split(ends).map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let lines: Vec<&[u8]> = lines.filter(|line| line.first().copied() != mark || mark.is_none()).take(1000).collect();
    let kinds: Vec<Kind> = lines.iter().skip(usize::from(lines.len() > 1)).map(|line| Kind::of(line)).collect();
    let inside = |kind: &&Kind| matches!(kind, Kind::Date | Kind::Time | Kind::Timestamp | Kind::Token | Kind::Number);
    let alike = kinds.iter().filter(inside).count();
    let with = b",;\t|".iter().map(|byte| (*byte, lines.iter().filter(|line| line.contains(byte)).count()));
    Single {
        lines: lines.len(),
        of_one_kind: !kinds.is_empty() && alike * 10 >= kinds.len() * 9,
        first: lines.first().map(|line| line.to_vec()).unwrap_or_default(),
        with: with.collect(),
    }
}

/// Takes the text as one column, with the delimiter that stands in no line.
#[expect(clippy::too_many_arguments)]
fn one_column(
    text: &[u8],
    skipped: usize,
    judged: &Judged<'_>,
    given: &Given<'_>,
    terminator: Terminator,
    set: Option<u8>,
    ends: LineEnds,
    detected: &mut Detected,
) -> Result<usize, DetectError> {
    let absent = b",;\t|\x1f\x1e".iter().copied().find(|byte| !judged.text.contains(byte));
    let quote = given.quote.unwrap_or(Some(b'"'));
    let escape = given.escape.flatten();
    let delimiter = set.or(absent).unwrap_or(b',');
    detected.dialect = Dialect { delimiter, quote, escape, comment: given.comment.flatten(), terminator };
    let table = super::table::Table::read(judged.text, judged.whole, &detected.dialect, None);
    let leading = table.rows.iter().take_while(|row| judged.text[row.start] == b'#').count();
    if given.comment.is_none() && leading > 0 && leading < table.rows.len() {
        detected.dialect.comment = Some(b'#');
    }
    let comment = detected.dialect.comment;
    let rows: Vec<_> = table.rows.iter().filter(|row| Some(judged.text[row.start]) != comment).collect();
    let Some((first, data)) = rows.split_first() else { return Err(DetectError::Empty) };
    refuse_nul(&judged.text[first.start..first.next], skipped + first.start)?;
    let kind = |row: &&super::table::Row| table.cells(row).first().map_or(Kind::Empty, |cell| cell.kind);
    let typed = data.iter().filter(|row| kind(row).is_typed()).count();
    let form = |row: &&super::table::Row| table.cells(row).first().and_then(|cell| pattern(table.value(cell)));
    let alike = data.iter().filter(|row| form(row).is_some() && form(row) == form(first)).count();
    let same = data.len() > 1 && alike * 10 >= data.len() * 9;
    let (found, sentence) = match given.header {
        Some(GivenHeader::None) => (HeaderFound::None, "the dataset says so"),
        Some(GivenHeader::Record(_)) => (HeaderFound::Record, "the dataset says so"),
        None if same || (kind(first).is_typed() && (data.is_empty() || typed > 0)) => {
            (HeaderFound::None, "the first line is a value like those below it")
        }
        None => (HeaderFound::Record, "the first line is made of words"),
    };
    detected.columns = 1;
    detected.header = found;
    (detected.judged, detected.fitting) = (rows.len(), rows.iter().filter(|row| row.width() == 1 && !row.malformed).count());
    detected.skip_lines = given.skip_lines.unwrap_or(lines(&text[..skipped], terminator));
    let fitting = format!("no delimiter makes more of {}", count(rows.len(), "record"));
    if set.is_none() {
        detected.evidence.push(Evidence::new("columns", "one column", fitting));
    }
    tell(detected, given, &[], ends, false);
    detected.evidence.push(Evidence::new("header", header_value(found), sentence));
    Ok(skipped)
}

fn header_value(found: HeaderFound) -> &'static str {
    match found {
        HeaderFound::Record => "first record",
        HeaderFound::Joined => "first two records",
        HeaderFound::Short => "first record, without a name for the first column",
        HeaderFound::Malformed => "first line, cut at every delimiter",
        HeaderFound::None => "none",
    }
}

/// Puts into words what was detected of the dialect and the layout.
fn tell(detected: &mut Detected, given: &Given<'_>, candidates: &[Candidate], ends: LineEnds, named: bool) {
    let mut told = Vec::new();
    let dialect = &detected.dialect;
    let name = |byte: Option<u8>| byte.map_or_else(|| "none".to_owned(), byte_name);
    if given.delimiter.is_none() && let Some(best) = candidates.first() {
        let others: Vec<String> = candidates.iter().skip(1).take(2).map(reading_of).collect();
        let with = if others.is_empty() { String::new() } else { format!("; {}", others.join("; ")) };
        let further = match (detected.further_fitting, detected.further) {
            (_, 0) => String::new(),
            (fitting, all) => format!(" and in {fitting} of {all} further ones"),
        };
        let fields = count(best.width, "field");
        let sentence = match named {
            true => "the first line names it".to_owned(),
            false => format!("{fields} in {} of {}{further}{with}", best.fitting, count(best.body, "record")),
        };
        told.push(Evidence::new("delimiter", byte_name(dialect.delimiter), sentence));
    }
    if given.quote.is_none() && dialect.quote != Some(b'"') {
        let sentence = match dialect.quote {
            Some(_) => "it encloses fields",
            None => "the double quotes at the start of fields enclose none",
        };
        told.push(Evidence::new("quote", name(dialect.quote), sentence));
    }
    if given.escape.is_none() && dialect.escape.is_some() {
        let sentence = if detected.escape_outside_quotes {
            "it stands before delimiters or line breaks outside quotes"
        } else {
            "it stands before quotes inside quotes"
        };
        told.push(Evidence::new("escape", name(dialect.escape), sentence));
    }
    if given.comment.is_none() && dialect.comment.is_some() {
        told.push(Evidence::new("comment", name(dialect.comment), "lines that begin with it are no records"));
    }
    if given.terminator.is_none() && dialect.terminator != Terminator::Auto {
        let value = match dialect.terminator {
            Terminator::Cr => "CR",
            Terminator::Crlf => "CRLF",
            _ => "CR or LF",
        };
        told.push(Evidence::new("terminator", value, ends.sentence()));
    }
    if given.skip_lines.is_none() && detected.skip_lines > 0 {
        let sentence = if named { "a line that names the delimiter" } else { "they have other numbers of fields, or titles" };
        told.push(Evidence::new("skip_lines", count(detected.skip_lines as usize, "line"), sentence));
    }
    if detected.trailing_delimiter != TrailingDelimiter::None {
        let value = match detected.trailing_delimiter {
            TrailingDelimiter::Records => "at the end of records",
            TrailingDelimiter::Header => "at the end of the header",
            _ => "at the end of all lines",
        };
        told.push(Evidence::new("trailing delimiter", value, "no field follows it"));
    }
    if detected.blanks_around_quotes {
        told.push(Evidence::new("trim", "blanks around quotes", "they stand between delimiters and quotes"));
    }
    detected.evidence.extend(told);
}

/// `with comma 2 fields in 5 of 9 records`.
fn reading_of(found: &Candidate) -> String {
    let Candidate { delimiter, width, fitting, body, .. } = found;
    format!("with {} {} in {fitting} of {}", byte_name(*delimiter), count(*width, "field"), count(*body, "record"))
}

fn tried(candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return "the usual ones, none of which stands in the text".to_owned();
    }
    candidates.iter().take(4).map(reading_of).collect::<Vec<_>>().join("; ")
}
