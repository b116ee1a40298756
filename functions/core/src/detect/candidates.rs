//! Readings of a text with each delimiter that it may have. Quote, escape and terminator are chosen for each.

use super::delimiters;
use super::given::{Given, GivenHeader};
use super::judge::Reading;
use super::layout::Layout;
use super::quotes;
use super::table::Table;
use crate::{Dialect, Terminator};

/// The share of records by which one terminator must be better than a likelier one.
const BETTER: f64 = 1.15;

/// The score from which a table of several columns is believed.
const BELIEVED: f64 = 0.1;

/// The share of records with the usual number of fields from which it is believed.
const SHARE: f64 = 0.35;

/// The text that is judged.
#[derive(Debug)]
pub(super) struct Judged<'t> {
    pub(super) text: &'t [u8],
    /// Tells whether the text ends where the object does.
    pub(super) whole: bool,
    /// The delimiter that a first line names.
    pub(super) named: Option<u8>,
    /// Tells whether the first row is the header, or the first record: the dataset says how many lines go before.
    pub(super) fixed: bool,
}

/// The best reading with one delimiter.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) delimiter: u8,
    pub(super) score: f64,
    pub(super) width: usize,
    pub(super) fitting: usize,
    pub(super) body: usize,
    /// Records and the lines before and after them.
    pub(super) rows: usize,
    pub(super) dialect: Dialect,
}

impl Candidate {
    /// Tells whether the reading is a table.
    pub(super) fn is_believed(&self) -> bool {
        let share = self.fitting as f64 / self.body.max(1) as f64;
        let uniform = share > 0.9
            && self.body * 2 >= self.rows
            && !delimiters::is_weak(self.delimiter)
            && self.score >= BELIEVED / 5.0;
        (self.score >= BELIEVED && share >= SHARE) || uniform
    }
}

/// Judges all delimiters that the text has; the best one first.
pub(super) fn judge_all(judged: &Judged<'_>, given: &Given<'_>, terminators: &[Terminator]) -> Vec<Candidate> {
    let delimiters = match given.delimiter.or(judged.named) {
        Some(delimiter) => vec![delimiter],
        None => delimiters::candidates(judged.text),
    };
    let taken = [given.quote.flatten(), given.escape.flatten(), given.comment.flatten()];
    let mut found: Vec<Candidate> = delimiters
        .into_iter()
        .filter(|delimiter| !taken.contains(&Some(*delimiter)))
        .filter_map(|delimiter| best_with(judged, given, terminators, delimiter))
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.width.cmp(&a.width)));
    found
}

/// The best quote, escape and terminator with this delimiter.
fn best_with(judged: &Judged<'_>, given: &Given<'_>, terminators: &[Terminator], delimiter: u8) -> Option<Candidate> {
    let quotes = given.quote.map_or_else(|| quotes::candidates(judged.text, delimiter), |quote| vec![quote]);
    let mut best: Option<(Candidate, usize)> = None;
    for quote in quotes {
        if quote.is_none() && given.quote.is_none() && are_quotes(judged, terminators, delimiter) {
            break;
        }
        for terminator in terminators {
            let comment = given.comment.flatten();
            let trims = quote.is_some_and(|quote| quotes::stand_after_blanks(judged.text, delimiter, quote));
            let ways = escapes(judged.text, given, delimiter, quote).into_iter();
            let ways = ways.flat_map(|(e, o)| [(e, o, false), (e, o, true)]).filter(|way| trims || !way.2);
            for (escape, escape_outside_quotes, trim) in ways {
                let terminator = *terminator;
                let dialect = Dialect {
                    delimiter,
                    quote,
                    escape,
                    comment,
                    terminator,
                    escape_outside_quotes,
                    trim,
                    ..Dialect::default()
                };
                let Some((candidate, malformed, quoted)) = candidate(judged, given, dialect) else { continue };
                let better = match &best {
                    None => true,
                    Some((other, other_malformed)) => {
                        let need = if other.dialect.terminator != terminator { BETTER } else { 1.0 };
                        // Quotes that enclose no field are data.
                        let only_stray = quote.is_none() && *other_malformed == usize::MAX;
                        candidate.score > other.score * need || (only_stray && candidate.score * 1.02 >= other.score)
                    }
                };
                if better {
                    let stray = quote.is_some() && malformed > 0 && quoted <= malformed;
                    best = Some((candidate, if stray { usize::MAX } else { malformed }));
                }
            }
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// Tells whether double quotes enclose fields as they should, so that they are quotes.
fn are_quotes(judged: &Judged<'_>, terminators: &[Terminator], delimiter: u8) -> bool {
    let terminator = terminators.first().copied().unwrap_or_default();
    let dialect = Dialect { delimiter, terminator, ..Dialect::default() };
    Table::read(judged.text, judged.whole, &dialect, None).rows.iter().all(|row| !row.malformed)
}

/// The escapes that can be meant, and whether they work outside quotes: the likeliest first.
fn escapes(text: &[u8], given: &Given<'_>, delimiter: u8, quote: Option<u8>) -> Vec<(Option<u8>, bool)> {
    let escaped = |byte: u8| memchr::memmem::find(text, &[b'\\', byte]).is_some();
    let breaks = escaped(b'\n') || escaped(b'\r');
    if let Some(given) = given.escape {
        let outside = given == Some(b'\\') && (quote.is_none() || escaped(delimiter) || breaks);
        return vec![(given, outside)];
    }
    let mut found = vec![(None, false)];
    if quote.is_some_and(escaped) {
        found.push((Some(b'\\'), false));
    }
    if delimiter != b'\\' && (escaped(delimiter) || breaks) {
        found.push((Some(b'\\'), true));
    }
    found
}

/// Judges one dialect; with it the numbers of its malformed records and of its quoted fields.
fn candidate(judged: &Judged<'_>, given: &Given<'_>, dialect: Dialect) -> Option<(Candidate, usize, usize)> {
    let reading = read(judged, given, &dialect)?;
    let found = Candidate {
        delimiter: dialect.delimiter,
        score: reading.score,
        width: reading.layout.columns(),
        fitting: reading.layout.fitting,
        body: reading.layout.body,
        rows: reading.layout.preamble + reading.layout.body + reading.layout.footer,
        dialect,
    };
    Some((found, reading.malformed, reading.quoted))
}

/// Reads and judges the text with one dialect.
pub(super) fn read<'t>(judged: &Judged<'t>, given: &Given<'_>, dialect: &Dialect) -> Option<Reading<'t>> {
    let scanned = Dialect { comment: None, ..dialect.clone() };
    let fixed = judged.fixed;
    let mut table = Table::read(judged.text, judged.whole, &scanned, None);
    let mut layout = Layout::of(&table, dialect.delimiter, given.comment, fixed)?;
    if dialect.quote.is_some() && layout.width > 1 {
        // Now that the width is known, lines that a stray quote swallowed are found.
        let again = Table::read(judged.text, judged.whole, &scanned, Some(layout.width));
        if again.rows.len() != table.rows.len() {
            layout = Layout::of(&again, dialect.delimiter, given.comment, fixed)?;
            table = again;
        }
    }
    if let Some(GivenHeader::Record(names)) = given.header
        && !names.is_empty()
        && !fixed
    {
        expect(&table, &mut layout, names);
    }
    Some(Reading::judge(dialect.clone(), table, layout))
}

/// Moves the start to the row that has all expected names. A row that has no others lacks none.
fn expect(table: &Table<'_>, layout: &mut Layout, names: &[String]) {
    let has_all = |at: &usize| {
        let cells = table.cells(&table.rows[*at]);
        names.iter().all(|name| cells.iter().any(|cell| table.value(cell) == name.trim().as_bytes()))
    };
    if let Some(at) = (0..table.rows.len().min(200)).find(has_all) {
        layout.start = at;
        layout.preamble = at;
        layout.end = layout.end.max(at + 1);
        layout.short &= table.rows[at].width() != names.len();
    }
}
