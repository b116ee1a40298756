//! Text of a single column, where no delimiter makes a table.

use super::binary::refuse_nul;
use super::candidates::{Candidate, Judged};
use super::evidence::count;
use super::given::GivenHeader;
use super::kind::{Kind, pattern};
use super::lines::{LineEnds, ends_line};
use super::table::{Row, Table};
use super::words::{header_value, tell};
use super::{DetectError, Detected, Given, HeaderFound};
use crate::message::Evidence;
use crate::{Dialect, Terminator};

/// A text read as one column.
#[derive(Debug)]
pub(super) struct Single {
    lines: usize,
    /// Tells whether nearly all lines are values of a kind that has delimiters inside: times, dates, URLs.
    pub(super) of_one_kind: bool,
    first: Vec<u8>,
    /// The usual delimiters, each with the lines that have it.
    with: Vec<(u8, usize)>,
}

impl Single {
    /// Tells whether the text can be one column: its first line, or most lines, have no usual delimiter.
    pub(super) fn fits(&self, candidates: &[Candidate]) -> bool {
        let usual = |delimiter: u8| matches!(delimiter, b',' | b';' | b'\t' | b'|');
        let near = candidates.iter().filter(|found| usual(found.delimiter));
        let first = !self.first.iter().any(|byte| usual(*byte));
        let few = self.with.iter().all(|(_, lines)| lines * 5 <= self.lines);
        candidates.is_empty() || self.of_one_kind || few || (first && near.clone().all(|found| !found.is_believed()))
    }
}

pub(super) fn single_column(judged: &Judged<'_>, given: &Given<'_>, terminator: Terminator) -> Single {
    let ends = |byte: &u8| ends_line(terminator, *byte);
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

/// A text that is taken as one column.
#[derive(Debug)]
pub(super) struct OneColumn<'a> {
    pub(super) judged: &'a Judged<'a>,
    pub(super) given: &'a Given<'a>,
    pub(super) terminator: Terminator,
    pub(super) ends: LineEnds,
    /// The delimiter that the dataset or the first line says.
    pub(super) delimiter: Option<u8>,
    /// Offset in the text of the judged part, and the number of lines before it.
    pub(super) skipped: usize,
    pub(super) skipped_lines: u64,
}

impl OneColumn<'_> {
    /// Puts the column into what was detected, with a delimiter that stands in no line. Returns where
    /// it begins in the text.
    pub(super) fn read(self, detected: &mut Detected) -> Result<usize, DetectError> {
        let Self { judged, given, terminator, ends, delimiter: set, skipped, skipped_lines } = self;
        let absent = b",;\t|\x1f\x1e".iter().copied().find(|byte| !judged.text.contains(byte));
        let quote = given.quote.unwrap_or(Some(b'"'));
        let escape = given.escape.flatten();
        let delimiter = set.or(absent).unwrap_or(b',');
        let comment = given.comment.flatten();
        detected.dialect = Dialect { delimiter, quote, escape, comment, terminator, ..Dialect::default() };
        let mut table = Table::read(judged.text, judged.whole, &detected.dialect, None);
        let stray = table.rows.iter().any(|row| row.malformed);
        let quoted = table.rows.iter().any(|row| !row.malformed && table.cells(row).iter().any(|cell| cell.quoted));
        if given.quote.is_none() && stray && !quoted {
            detected.dialect = Dialect { quote: None, escape: None, ..detected.dialect.clone() };
            table = Table::read(judged.text, judged.whole, &detected.dialect, None);
        }
        let leading = table.rows.iter().take_while(|row| judged.text[row.start] == b'#').count();
        if given.comment.is_none() && leading > 0 && leading < table.rows.len() {
            detected.dialect.comment = Some(b'#');
        }
        let comment = detected.dialect.comment;
        let rows: Vec<_> = table.rows.iter().filter(|row| Some(judged.text[row.start]) != comment).collect();
        let Some((first, data)) = rows.split_first() else { return Err(DetectError::Empty) };
        refuse_nul(&judged.text[first.start..first.next], skipped + first.start)?;
        let kind = |row: &&Row| table.cells(row).first().map_or(Kind::Empty, |cell| cell.kind);
        let typed = data.iter().filter(|row| kind(row).is_typed()).count();
        let form = |row: &&Row| table.cells(row).first().and_then(|cell| pattern(table.value(cell)));
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
        (detected.judged, detected.fitting) =
            (rows.len(), rows.iter().filter(|row| row.width() == 1 && !row.malformed).count());
        detected.skip_lines = given.skip_lines.unwrap_or(skipped_lines);
        let fitting = format!("no delimiter makes more of {}", count(rows.len(), "record"));
        if set.is_none() {
            detected.evidence.push(Evidence::new("columns", "one column", fitting));
        }
        tell(detected, given, &[], ends, false);
        detected.evidence.push(Evidence::new("header", header_value(found), sentence));
        Ok(skipped)
    }
}
