//! The score of one reading: how regular its table is, and how clean the values are.

use std::collections::HashMap;

use super::delimiters::{is_weak, prior};
use super::found::{HeaderFound, TrailingDelimiter};
use super::header::{HeaderGuess, guess};
use super::kind::Kind;
use super::layout::Layout;
use super::table::{Cell, Row, Table};
use crate::Dialect;

/// Cells by whose values a reading is judged.
const CELLS: usize = 20_000;

/// A dialect, the table that it makes of the text, and how good a table that is.
#[derive(Debug, Clone)]
pub(super) struct Reading<'t> {
    pub(super) dialect: Dialect,
    pub(super) table: Table<'t>,
    pub(super) layout: Layout,
    pub(super) header: HeaderGuess,
    pub(super) score: f64,
    /// Fields that are enclosed in quotes as they should be.
    pub(super) quoted: usize,
    /// Records whose quoting is malformed.
    pub(super) malformed: usize,
}

impl<'t> Reading<'t> {
    /// Judges a table of more than one column. The score is the product of the share of records with
    /// the usual number of fields, squared, of the number of columns (more are better, with less and
    /// less effect), of how much the values look like values, and of how likely the delimiter is.
    pub(super) fn judge(dialect: Dialect, table: Table<'t>, layout: Layout) -> Self {
        let mut layout = layout;
        let mut header = guess(&table, &layout);
        if header.found == HeaderFound::None && layout.titles > 0 {
            // Titles stand before a header; before records they are one.
            layout.keep_titles(&table);
            header = guess(&table, &layout);
        }
        if header.found == HeaderFound::None && layout.trailing == TrailingDelimiter::All {
            // Nothing tells a delimiter at the end from an empty column without a name: nothing is dropped.
            layout.trailing = TrailingDelimiter::None;
        }
        let malformed = table.rows[layout.start..].iter().filter(|row| row.malformed).count();
        let mut reading = Self { dialect, table, layout, header, score: 0.0, quoted: 0, malformed };
        let values = reading.values();
        let Layout { body, fitting, preamble, footer, .. } = reading.layout;
        let share = fitting as f64 / body.max(1) as f64;
        let width = 1.0 - 0.6 / reading.layout.columns().max(1) as f64;
        let covered = body as f64 / (body + preamble + footer).max(1) as f64;
        let mut score = share * share * width * values * prior(reading.dialect.delimiter) * (0.6 + 0.4 * covered);
        if reading.layout.adjacent && reading.header.found == HeaderFound::None {
            // The line before may be the header of one column, of decimal commas or of ratios.
            let decimals = reading.dialect.delimiter == b',' && reading.layout.width == 2;
            let one_value = decimals || is_weak(reading.dialect.delimiter);
            score *= if one_value && preamble == 1 { 0.01 } else { 0.5 };
        }
        if reading.dialect.delimiter == b',' && reading.is_prose() {
            score *= 0.01;
        }
        if reading.dialect.delimiter != b'\t' && reading.has_tabs() {
            // Tabs stand in few texts, and between fields they stand in all records.
            score *= 0.3;
        }
        if preamble + footer > 2 * body + 1 {
            // A few lines of a text are no table.
            score *= 0.2;
        }
        if is_weak(reading.dialect.delimiter) && !reading.is_convincing() {
            score = 0.0;
        }
        reading.score = score;
        reading
    }

    /// Measures how much the fields look like values, 0 to 1, and how alike they are in each column.
    fn values(&mut self) -> f64 {
        let columns = self.layout.columns();
        let body = &self.table.rows[self.layout.start..self.layout.end];
        let rows = (CELLS / columns.max(1)).max(2);
        let mut kinds: Vec<HashMap<Kind, usize>> = vec![HashMap::new(); columns.min(CELLS)];
        let (mut sum, mut cells, mut quoted) = (0.0, 0usize, 0);
        let names = self.header.found != HeaderFound::None;
        for (at, row) in body.iter().filter(|row| row.width() >= columns && !row.malformed).take(rows).enumerate() {
            for (column, cell) in self.table.cells(row)[..columns].iter().enumerate() {
                sum += self.value(cell);
                cells += 1;
                quoted += usize::from(cell.quoted);
                let known = !cell.kind.is_missing() && (!names || at > 0);
                if let Some(kinds) = kinds.get_mut(column).filter(|_| known) {
                    *kinds.entry(cell.kind).or_default() += 1;
                }
            }
        }
        self.quoted = quoted;
        if cells == 0 {
            return 0.0;
        }
        let alike = |kinds: &HashMap<Kind, usize>| {
            let all: usize = kinds.values().sum();
            let most = kinds.values().copied().max().unwrap_or_default();
            if all == 0 { 0.7 } else { most as f64 / all as f64 }
        };
        let alike = kinds.iter().map(alike).sum::<f64>() / kinds.len().max(1) as f64;
        sum / cells as f64 * (0.6 + 0.4 * alike)
    }

    /// Measures how much one field looks like a value.
    fn value(&self, cell: &Cell) -> f64 {
        let raw = self.table.raw(cell);
        if !cell.quoted && (raw.starts_with(b"\r") || raw.ends_with(b"\r") || raw.starts_with(b"\n")) {
            // A line ends here, or ended before.
            return 0.05;
        }
        if cell.kind.is_typed() {
            return 1.0;
        }
        if cell.kind == Kind::Null {
            return 0.8;
        }
        if cell.kind == Kind::Empty {
            return if cell.quoted { 0.8 } else { 0.6 };
        }
        if cell.quoted {
            return 0.9;
        }
        // Fields in quotes that this reading takes for data.
        let bare = raw.trim_ascii();
        if matches!(bare, [b'"', .., b'"']) || (matches!(bare, [b'\'', .., b'\'']) && bare.len() > 1) {
            return 0.05;
        }
        let half = |quote: u8| (bare.first() == Some(&quote)) != (bare.last() == Some(&quote));
        if half(b'\'') || half(b'"') {
            return 0.2;
        }
        let suspicious = |at: usize| {
            let byte = raw[at];
            let separates = matches!(byte, b',' | b';' | b'\t' | b'|' | b'^' | b'~' | 1..=8 | 0x0b..=0x1f);
            separates && byte != self.dialect.delimiter && raw.get(at + 1) != Some(&b' ')
        };
        if (0..raw.len().min(200)).any(suspicious) { 0.2 } else { 0.6 }
    }

    /// Tells whether a delimiter that text has by itself separates fields here: nearly all records are
    /// alike, and there are values in columns, or quotes around fields.
    fn is_convincing(&self) -> bool {
        let Layout { body, fitting, .. } = self.layout;
        let columns = self.layout.columns();
        if fitting * 20 < body * 19 || body < 2 {
            return false;
        }
        let rows = &self.table.rows[self.layout.start..self.layout.end];
        let data = if self.header.found == HeaderFound::None { rows } else { &rows[1..] };
        let data: Vec<&[Cell]> =
            data.iter().map(|row| self.table.cells(row)).filter(|row| row.len() >= columns).take(200).collect();
        if data.is_empty() {
            return false;
        }
        let typed = |column: &usize| {
            let typed = data.iter().filter(|row| row[*column].kind.is_typed()).count();
            typed * 10 >= data.len() * 9
        };
        let typed = (0..columns).filter(typed).count();
        let quoted = self.quoted * 4 >= body * columns;
        let empty = data.iter().flat_map(|row| &row[..columns]).filter(|cell| cell.kind == Kind::Empty).count();
        if self.dialect.delimiter == b' ' && !quoted && empty * 5 > data.len() * columns {
            // Columns of a fixed width.
            return false;
        }
        match self.dialect.delimiter {
            b':' if self.cuts_times(&data) => false,
            b' ' if self.header.found == HeaderFound::None => quoted || typed * 2 > columns,
            b' ' => quoted || typed * 2 > columns || (typed > 0 && data.len() >= 5),
            b':' => quoted || typed * 2 >= columns || (data.len() >= 5 && (typed > 0 || columns > 3)),
            _ => columns > 2 && (body >= 5 || quoted),
        }
    }

    /// Tells whether a tab stands within a field without quotes in nearly all records.
    fn has_tabs(&self) -> bool {
        let rows = &self.table.rows[self.layout.start..self.layout.end];
        let tab = |cell: &Cell| !cell.quoted && self.table.value(cell).contains(&b'\t');
        rows.iter().filter(|row| self.table.cells(row).iter().any(tab)).count() * 10 > rows.len() * 9
    }

    /// Tells whether the records are sentences: a blank after each delimiter, no value, a full stop at the end.
    fn is_prose(&self) -> bool {
        let rows = &self.table.rows[self.layout.start..self.layout.end];
        let sentence = |row: &&Row| {
            let cells = self.table.cells(row);
            let ends = cells.last().is_some_and(|cell| matches!(self.table.raw(cell).last(), Some(b'.' | b'!' | b'?')));
            let words = |cell: &Cell| cell.kind == Kind::Text && !cell.quoted && self.table.value(cell).contains(&b' ');
            ends && cells.iter().any(words) && cells.iter().skip(1).all(|cell| self.table.raw(cell).starts_with(b" "))
        };
        rows.iter().filter(sentence).count() * 5 >= rows.len() * 4
    }

    /// Tells whether in most records a delimiter stands between the digits of a time in a longer text.
    fn cuts_times(&self, data: &[&[Cell]]) -> bool {
        let digits = |bytes: &[u8]| bytes.len() == 2 && bytes.iter().all(u8::is_ascii_digit);
        let cut = |cells: &[Cell]| {
            let [left, middle, right] = [0, 1, 2].map(|at| self.table.raw(&cells[at]));
            digits(middle) && right.len() >= 2 && digits(&right[..2]) && (left.contains(&b' ') || right.contains(&b' '))
        };
        let times = data.iter().filter(|row| row.windows(3).any(cut)).count();
        times * 2 > data.len()
    }
}
