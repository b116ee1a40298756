//! The place of the table in a text: preamble, header, body and footer.

use super::found::TrailingDelimiter;
use super::kind::Kind;
use super::table::{Row, Table};

/// Bytes with which people begin comment lines, the usual one first.
const COMMENTS: [u8; 6] = *b"#%!/;*";

/// Rows in which the body of a table is looked for.
const HEAD: usize = 200;

/// The place of the table in a reading: rows before `start` are no records, nor are those from `end` on.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The usual number of fields, the empty one after a trailing delimiter included.
    pub(super) width: usize,
    /// The first row: the header, or the first record.
    pub(super) start: usize,
    /// The row after the last record.
    pub(super) end: usize,
    /// Rows of the body, comments left out.
    pub(super) body: usize,
    /// Rows of the body with the usual number of fields.
    pub(super) fitting: usize,
    pub(super) trailing: TrailingDelimiter,
    /// The header lacks the name of the first column, as R writes it.
    pub(super) short: bool,
    /// The header has one empty name, and the records no field for it.
    pub(super) gap: bool,
    /// Rows of titles, padded to the width of a record, directly before the first row.
    pub(super) titles: usize,
    /// The header's quoting is malformed.
    pub(super) malformed: bool,
    /// The number of names, where the records have another number of fields.
    pub(super) header_width: Option<usize>,
    pub(super) comment: Option<u8>,
    /// Rows before the first one that are no comments.
    pub(super) preamble: usize,
    /// Rows after the last one that are no comments.
    pub(super) footer: usize,
    /// Tells whether a line without delimiters stands directly before the first row.
    pub(super) adjacent: bool,
}

impl Layout {
    /// The layout of a reading with more than one column; `None` where no two fields stand in a row.
    ///
    /// `comment` is what the dataset says of comments; `fixed` that its first row is the header.
    pub(super) fn of(table: &Table<'_>, delimiter: u8, comment: Option<Option<u8>>, fixed: bool) -> Option<Self> {
        let rows = &table.rows;
        let known = comment.flatten();
        let marks: Vec<u8> = match comment {
            Some(given) => given.into_iter().collect(),
            None => comment_marks(table).into_iter().filter(|mark| *mark != delimiter).collect(),
        };
        let is_mark = |row: &Row| marks.contains(&table.text[row.start]);
        let plain: Vec<usize> =
            (0..rows.len()).filter(|at| !is_mark(&rows[*at]) && !is_blank(table, &rows[*at])).collect();
        let (width, start) = if fixed { fixed_body(rows, &plain)? } else { body(table, &plain)? };
        let mut layout = Self {
            width,
            start: plain[start],
            end: rows.len(),
            body: 0,
            fitting: 0,
            trailing: TrailingDelimiter::None,
            short: false,
            gap: false,
            titles: 0,
            malformed: false,
            header_width: None,
            comment: known,
            preamble: start,
            footer: 0,
            adjacent: false,
        };
        let body = &plain[start..];
        layout.end = body.iter().rposition(|at| fits(&rows[*at], width)).map_or(layout.start, |last| body[last] + 1);
        let before =
            if fits(&rows[plain[start]], width) { start.checked_sub(1).filter(|_| !fixed) } else { Some(start) };
        layout.find_trailing(table, body, before.map(|at| plain[at]));
        if comment.is_none() {
            layout.find_comment(table, &marks);
        }
        if !fixed {
            layout.skip_titles(table);
            layout.take_malformed_header(table, delimiter);
        }
        layout.count(table);
        Some(layout)
    }

    /// Number of columns.
    pub(super) fn columns(&self) -> usize {
        match self.trailing {
            TrailingDelimiter::All | TrailingDelimiter::Records => self.width - 1,
            TrailingDelimiter::None | TrailingDelimiter::Header => self.width,
        }
    }

    /// Takes titles for the records that they look like.
    pub(super) fn keep_titles(&mut self, table: &Table<'_>) {
        self.start -= self.titles;
        self.titles = 0;
        self.count(table);
    }

    /// Counts the rows before, in and after the table.
    fn count(&mut self, table: &Table<'_>) {
        let rows = &table.rows;
        let counts = |at: &usize| {
            let row = &rows[*at];
            self.comment != Some(table.text[row.start]) && !is_blank(table, row)
        };
        let body: Vec<usize> = (self.start..self.end).filter(counts).collect();
        let before: Vec<usize> = (0..self.start).filter(counts).collect();
        let footer = (self.end..rows.len()).filter(counts).count();
        let fitting = body.iter().filter(|at| self.accepts(&rows[**at], **at)).count();
        let adjacent = before.last().is_some_and(|at| {
            let gap = &table.text[rows[*at].next..rows[self.start].start];
            *at + 1 == self.start && gap.is_empty() && rows[*at].width() <= 1
        });
        (self.preamble, self.body, self.footer, self.fitting) = (before.len(), body.len(), footer, fitting);
        self.adjacent = adjacent;
    }

    /// Tells whether the row at `at` has the number of fields that its place asks for.
    fn accepts(&self, row: &Row, at: usize) -> bool {
        let header = at == self.start;
        let width = match self.trailing {
            TrailingDelimiter::Records if header => self.width - 1,
            TrailingDelimiter::Header if header => self.width + 1,
            _ if header && self.short => self.width - 1,
            _ if header && self.gap => self.width + 1,
            _ => self.width,
        };
        fits(row, width)
    }

    /// Finds a last column that only a delimiter at the end of lines makes, and a header that is one
    /// field narrower or wider than the records: the row `before` the first one of this width.
    fn find_trailing(&mut self, table: &Table<'_>, body: &[usize], before: Option<usize>) {
        let empty_end = |row: &Row| table.cells(row).last().is_some_and(|cell| cell.start == cell.end);
        let fitting = body.iter().map(|at| &table.rows[*at]).filter(|row| fits(row, self.width));
        let rows = fitting.clone().count();
        let Some(first) = fitting.clone().next() else { return };
        let empty = fitting.filter(|row| empty_end(row)).count();
        let all = self.width > 1 && empty == rows;
        let own = before == Some(self.start);
        if all && rows > 1 && !own {
            self.trailing = TrailingDelimiter::All;
        }
        let Some(before) = before else { return };
        let row = &table.rows[before];
        let words = !row.malformed && table.cells(row).iter().all(|cell| !cell.kind.is_typed());
        let typed = table.cells(first).iter().any(|cell| cell.kind.is_typed());
        // Names are not moved for values that few records have. A first row of words below is the header itself.
        let most = all || (empty * 2 > rows && typed && row.width() > 1);
        if self.width > 1 && most && row.width() + 1 == self.width && words {
            self.trailing = TrailingDelimiter::Records;
        } else if self.trailing == TrailingDelimiter::None && fits(row, self.width + 1) && empty_end(row) {
            self.trailing = TrailingDelimiter::Header;
        } else if row.width() + 1 == self.width && row.width() > 1 && words && typed && before == 0 && rows > 1 {
            self.short = true;
        } else if fits(row, self.width + 1) && words && rows > 1 && has_one_gap(table, row) {
            self.gap = true;
        } else {
            if own && words {
                self.header_width = Some(row.width());
            }
            return;
        }
        self.start = before;
    }

    /// Takes a first line for the header whose quoting is malformed, and which has as many fields as
    /// the records where quotes are data.
    fn take_malformed_header(&mut self, table: &Table<'_>, delimiter: u8) {
        let Some(row) = self.start.checked_sub(1).map(|at| &table.rows[at]).filter(|row| row.malformed) else { return };
        let line = &table.text[row.start..row.next];
        if memchr::memchr_iter(delimiter, line).count() + 1 == self.width {
            self.start -= 1;
            self.titles = 0;
            self.malformed = true;
            if line.trim_ascii_end().last() != Some(&delimiter) {
                self.trailing = TrailingDelimiter::None;
            }
        }
    }

    /// The byte that begins lines which are no records: leading ones, or ones that don't fit between
    /// those that do.
    fn find_comment(&mut self, table: &Table<'_>, marks: &[u8]) {
        for mark in marks {
            let marked = |at: &usize| table.text[table.rows[*at].start] == *mark;
            let rows: Vec<usize> = (0..table.rows.len()).filter(marked).collect();
            let fitting = rows.iter().filter(|at| self.accepts(&table.rows[**at], self.start)).count();
            // The last of the leading ones may be the header.
            let last = rows.iter().rev().find(|at| **at < self.start).copied();
            if let Some(header) = last.filter(|at| at + 1 == self.start && self.is_header_over(table, *at, self.start))
            {
                self.start = header;
                return;
            }
            if fitting * 2 <= rows.len() && self.comment.is_none() {
                self.comment = Some(*mark);
            }
        }
    }

    /// Tells whether the row at `at` is as wide as the records and made of words over a column of values.
    fn is_header_over(&self, table: &Table<'_>, at: usize, first: usize) -> bool {
        let (row, below) = (&table.rows[at], &table.rows[first]);
        let words = table.cells(row).iter().all(|cell| !cell.kind.is_typed());
        let typed = table.cells(below).iter().any(|cell| cell.kind.is_typed());
        fits(row, self.width) && words && typed
    }

    /// Moves the start past rows of titles: those whose fields are empty but for the first ones, and
    /// those that are a sentence with a delimiter in it, where a fuller row of words follows.
    fn skip_titles(&mut self, table: &Table<'_>) {
        let body: Vec<usize> = (self.start..self.end.min(self.start + HEAD)).collect();
        let filled = |at: usize| table.cells(&table.rows[at]).iter().filter(|cell| cell.kind != Kind::Empty).count();
        let words = |at: usize| table.cells(&table.rows[at]).iter().all(|cell| !cell.kind.is_typed());
        let full = |at: usize| words(at) && filled(at) * 5 >= self.columns() * 4 && fits(&table.rows[at], self.width);
        let columns = self.columns();
        let mut start = 0;
        while start + 1 < body.len() && start < 20 {
            let at = body[start];
            let below = body[start + 1];
            let sparse = filled(at) == 0 || (filled(at) * 2 <= columns && columns > 1 && words(at));
            let spans = joins(table, at, below, columns);
            let title = start + 1 < body.len() && is_sentence(table, at) && self.preamble + start > 0;
            let mut rest = body[start + 1..].iter().take(10).skip_while(|at| words(**at) && !full(**at));
            let later =
                rest.next().is_some_and(|at| full(*at)) && (columns > 2 || rest.next().is_some_and(|at| !words(*at)));
            let first_cell = table.cells(&table.rows[at]).first().is_some_and(|cell| cell.kind != Kind::Empty);
            if filled(at) == 0
                || (sparse && !spans && later && first_cell)
                || (title && later && !is_sentence(table, below))
            {
                start += 1;
            } else {
                break;
            }
        }
        if start > 0 && start < body.len() {
            self.start = body[start];
            self.titles = start;
        }
    }
}

/// Tells whether the names of the row at `at` span columns of the row below it.
pub(super) fn joins(table: &Table<'_>, at: usize, below: usize, columns: usize) -> bool {
    let (Some(first), Some(second)) = (table.rows.get(at), table.rows.get(below)) else { return false };
    let (upper, lower) = (table.cells(first), table.cells(second));
    if upper.len() < columns || lower.len() < columns || columns < 3 {
        return false;
    }
    let (upper, lower) = (&upper[..columns], &lower[..columns]);
    let words =
        |cells: &[super::table::Cell]| cells.iter().all(|cell| !cell.kind.is_typed() || year(table.value(cell)));
    if !words(upper) || !lower.iter().all(|cell| !cell.kind.is_typed()) {
        return false;
    }
    let empty = |cell: &super::table::Cell| cell.kind == Kind::Empty;
    let gaps = upper.iter().filter(|cell| empty(cell)).count();
    let below_filled = lower.iter().filter(|cell| !empty(cell)).count();
    if gaps == 0 || gaps == columns || below_filled * 2 < columns {
        return false;
    }
    let union = upper.iter().zip(lower).all(|(up, low)| !empty(up) || !empty(low));
    // Names below an empty first field, or names that only the upper row tells apart.
    let mut names: Vec<&[u8]> = lower.iter().filter(|cell| !empty(cell)).map(|cell| table.value(cell)).collect();
    names.sort_unstable();
    let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
    union && (twice || upper.first().is_some_and(empty) || lower.iter().any(empty))
}

/// Tells whether the value is a year: it can be a name.
pub(super) fn year(value: &[u8]) -> bool {
    value.len() == 4
        && value.iter().all(u8::is_ascii_digit)
        && matches!(value, [b'1', b'5'..=b'9', ..] | [b'2', b'0' | b'1', ..])
}

/// Tells whether every delimiter of the row is followed by a blank.
fn is_sentence(table: &Table<'_>, at: usize) -> bool {
    let cells = table.cells(&table.rows[at]);
    cells.len() > 1 && cells[1..].iter().all(|cell| !cell.quoted && table.raw(cell).starts_with(b" "))
}

/// Tells whether as many as `rows` of the widths are one and the same, more than that of pairs: the first of
/// two tables is not what stands before the second.
fn is_table(widths: &[usize], rows: usize) -> bool {
    let mut wide: Vec<usize> = widths.iter().copied().filter(|width| *width > 2).collect();
    wide.sort_unstable();
    wide.chunk_by(|a, b| a == b).any(|run| run.len() >= rows)
}

/// Tells whether one field of the row is empty.
fn has_one_gap(table: &Table<'_>, row: &Row) -> bool {
    table.cells(row).iter().filter(|cell| cell.kind == Kind::Empty && !cell.quoted).count() == 1
}

fn fits(row: &Row, width: usize) -> bool {
    row.width() == width && !row.malformed
}

fn is_blank(table: &Table<'_>, row: &Row) -> bool {
    row.width() == 1 && table.cells(row)[0].kind == Kind::Empty && !table.cells(row)[0].quoted
}

/// The comment bytes that begin a minority of the rows, or the first one of them.
fn comment_marks(table: &Table<'_>) -> Vec<u8> {
    let rows = table.rows.len();
    let begins = |mark: u8| table.rows.iter().filter(|row| table.text[row.start] == mark).count();
    let leads = |mark: u8| table.rows.first().is_some_and(|row| table.text[row.start] == mark);
    let marks = COMMENTS.into_iter().filter(|mark| {
        let count = begins(*mark);
        let slashes = *mark != b'/'
            || table.rows.iter().all(|row| table.text[row.start] != b'/' || table.text[row.start..].starts_with(b"//"));
        // Other bytes than the usual one must do it more than once.
        slashes && count > 0 && count < rows && (*mark == b'#' || (leads(*mark) && count > 1))
    });
    marks.collect()
}

/// The usual number of fields where the first row is the header.
fn fixed_body(rows: &[Row], plain: &[usize]) -> Option<(usize, usize)> {
    let mut widths: Vec<usize> = plain.iter().map(|at| rows[*at].width()).filter(|width| *width > 1).collect();
    widths.sort_unstable();
    let usual = widths.chunk_by(|a, b| a == b).max_by_key(|run| (run.len(), run[0])).map(|run| run[0])?;
    Some((usual, 0))
}

/// The usual number of fields, and the index among the plain rows of the first one of the table.
///
/// Each number of fields is tried from its first row that others follow, where lines with fewer
/// fields or a block of other lines stand before it, and from the first row with two fields. The best
/// is the one that most rows from there on have, where they are many of all rows.
fn body(table: &Table<'_>, plain: &[usize]) -> Option<(usize, usize)> {
    let row = |at: usize| &table.rows[plain[at]];
    let width_of = |at: &usize| if table.rows[*at].malformed { 0 } else { table.rows[*at].width() };
    let widths: Vec<usize> = plain.iter().map(width_of).collect();
    let mut distinct: Vec<usize> = widths.iter().copied().filter(|width| *width > 1).collect();
    distinct.sort_unstable();
    let mut counts: Vec<(usize, usize)> = distinct.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0])).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let first_wide = widths.iter().position(|width| *width > 1)?;
    let mut best: Option<(f64, usize, usize)> = None;
    for (count, width) in counts.into_iter().take(4) {
        let sustained = (0..widths.len()).find(|at| {
            let more = widths[at + 1..].iter().take(3).filter(|found| **found == width).count();
            widths[*at] == width && more * 2 >= (widths.len() - at - 1).min(3)
        });
        // A block of several fields goes before a table only where a row of words, the header, begins it.
        let is_start = |at: &usize| {
            let words = || table.cells(row(*at)).iter().all(|cell| !cell.kind.is_typed() || year(table.value(cell)));
            *at > first_wide && words() && widths[at + 1..].contains(&width)
        };
        let starts = [Some(first_wide), sustained.filter(is_start)];
        for start in starts.into_iter().flatten() {
            let Some(end) = widths.iter().rposition(|found| *found == width).filter(|end| *end >= start) else {
                continue;
            };
            let fitting = widths[start..=end].iter().filter(|found| **found == width).count();
            let share = fitting as f64 / (end + 1 - start) as f64;
            let covered = fitting as f64 / widths.len() as f64;
            if start > first_wide && is_table(&widths[..start], fitting) {
                continue;
            }
            let score = share * covered.powf(0.8) + 1e-9 * width as f64 + 1e-6 * count as f64;
            if best.is_none_or(|(found, ..)| score > found) {
                best = Some((score, width, start));
            }
        }
    }
    best.map(|(_, width, start)| (width, start))
}
