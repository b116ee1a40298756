//! The guess whether the first row of a table is its header. Columns vote, each by its values.

use std::collections::HashSet;

use super::evidence::count;
use super::found::{HeaderFound, TrailingDelimiter};
use super::kind::{Kind, pattern};
use super::layout::{Layout, joins, year};
use super::table::{Cell, Row, Table};

/// Records with which the first one is compared.
const COMPARED: usize = 200;

/// The header of a table, and why.
#[derive(Debug, Clone)]
pub(super) struct HeaderGuess {
    pub(super) found: HeaderFound,
    pub(super) sentence: String,
}

impl HeaderGuess {
    fn new(found: HeaderFound, sentence: impl Into<String>) -> Self {
        Self { found, sentence: sentence.into() }
    }
}

/// Compares the first row of the table with those that follow, column by column.
pub(super) fn guess(table: &Table<'_>, layout: &Layout) -> HeaderGuess {
    let columns = layout.columns();
    let Some(first) = table.rows.get(layout.start) else {
        return HeaderGuess::new(HeaderFound::Record, "the text has one line");
    };
    if layout.short {
        return HeaderGuess::new(HeaderFound::Short, "the first line has a field less than the records");
    }
    if layout.gap {
        return HeaderGuess::new(HeaderFound::Gap, "the first line has a field more than the records, and it is empty");
    }
    if layout.malformed {
        return HeaderGuess::new(HeaderFound::Malformed, "the quoting of the first line is malformed");
    }
    let names = table.cells(first);
    let other_width = layout.trailing == TrailingDelimiter::None && first.width() != layout.width;
    if other_width && names.iter().any(|cell| cell.kind.is_typed() && !year(table.value(cell))) {
        return HeaderGuess::new(HeaderFound::None, "the first line has values, and another number of fields");
    }
    if joins(table, layout.start, layout.start + 1, columns) {
        return HeaderGuess::new(HeaderFound::Joined, "the names of the first line span columns of the second");
    }
    let comment = |row: &Row| layout.comment == Some(table.text[row.start]);
    let rows: Vec<&[Cell]> = table.rows[layout.start + 1..layout.end.max(layout.start + 1)]
        .iter()
        .filter(|row| row.width() == layout.width && !row.malformed && !comment(row))
        .take(COMPARED)
        .map(|row| table.cells(row))
        .collect();
    if rows.is_empty() {
        let typed = names.iter().any(|cell| cell.kind.is_typed() && !year(table.value(cell)));
        return if typed {
            HeaderGuess::new(HeaderFound::None, "the only line has values of other types than text")
        } else {
            HeaderGuess::new(HeaderFound::Record, "the only line is made of words")
        };
    }
    let names = &names[..columns.min(names.len())];
    let years = are_years(table, names, &rows);
    let mut votes = Votes::of(table, names, &rows, years);
    let numbers = names.iter().filter(|cell| cell.kind == Kind::Number).count();
    if years && numbers == 1 && votes.same_type + votes.repeated > 0 {
        // One number like a year is a value where another column has the first row for a record.
        votes = Votes::of(table, names, &rows, false);
    }
    votes.verdict(table, names, rows.len())
}

/// Tells whether the numbers of the first row are years, or count up by one, while those below are others.
fn are_years(table: &Table<'_>, names: &[Cell], rows: &[&[Cell]]) -> bool {
    let numbers: Vec<usize> = (0..names.len()).filter(|at| names[*at].kind == Kind::Number).collect();
    let words = names.iter().any(|cell| matches!(cell.kind, Kind::Text | Kind::Empty));
    let all_years = numbers.iter().all(|at| year(table.value(&names[*at])));
    let integer =
        |at: &usize| std::str::from_utf8(table.value(&names[*at])).ok().and_then(|text| text.parse::<i64>().ok());
    let values: Option<Vec<i64>> = numbers.iter().map(integer).collect();
    let counts = values.is_some_and(|values| values.len() > 2 && values.windows(2).all(|pair| pair[1] - pair[0] == 1));
    let below = rows.iter().flat_map(|row| numbers.iter().filter_map(|at| row.get(*at)));
    let (mut all, mut years) = (0, 0);
    for cell in below.filter(|cell| !cell.kind.is_missing()) {
        all += 1;
        years += usize::from(year(table.value(cell)));
    }
    words && !numbers.is_empty() && ((all_years && years * 2 < all.max(1)) || (counts && all > 0))
}

/// The columns that speak for and against a header.
#[derive(Debug, Default)]
struct Votes {
    /// Columns of one type, but for the first row.
    other_type: usize,
    /// Columns whose first row is of the type of the others.
    same_type: usize,
    /// Columns of words whose first row is unlike the others.
    unlike: usize,
    /// Columns whose first value comes again below.
    repeated: usize,
}

impl Votes {
    fn of(table: &Table<'_>, names: &[Cell], rows: &[&[Cell]], years: bool) -> Self {
        let mut votes = Self::default();
        for (column, name) in names.iter().enumerate() {
            let values: Vec<&Cell> = rows.iter().filter_map(|row| row.get(column)).collect();
            votes.add(table, name, &values, years);
        }
        votes
    }

    fn add(&mut self, table: &Table<'_>, name: &Cell, values: &[&Cell], years: bool) {
        let present: Vec<&&Cell> = values.iter().filter(|cell| !cell.kind.is_missing()).collect();
        if present.is_empty() || name.kind.is_missing() {
            return;
        }
        let typed = present.iter().filter(|cell| cell.kind.is_typed()).count();
        if typed * 10 >= present.len() * 9 {
            let same = name.kind.is_typed() && !(years && name.kind == Kind::Number);
            let same = same && present.iter().any(|cell| cell.kind == name.kind);
            // Writers that enclose texts alone enclose names.
            let same = same && (!name.quoted || present.iter().any(|cell| cell.quoted));
            if same {
                self.same_type += 1
            } else {
                self.other_type += 1
            }
            return;
        }
        if name.kind.is_typed() && !year(table.value(name)) {
            // A number among words: a column of both.
            self.same_type += usize::from(present.iter().any(|cell| cell.kind == name.kind));
            return;
        }
        let value = table.value(name);
        // Codes of one form are as good as a type.
        if let Some(form) = pattern(table.value(present[0])).filter(|_| present.len() > 1) {
            let alike = present.iter().filter(|cell| pattern(table.value(cell)).as_ref() == Some(&form)).count();
            if alike * 10 >= present.len() * 9 {
                let same = pattern(value).as_ref() == Some(&form);
                if same {
                    self.same_type += 1
                } else {
                    self.other_type += 1
                }
                return;
            }
        }
        if present.iter().any(|cell| table.value(cell) == value) {
            self.repeated += 1;
        } else if present.len() > 2 {
            let shape = shape(table.value(present[0]));
            let alike = present.iter().all(|cell| self::shape(table.value(cell)) == shape);
            self.unlike += usize::from(alike && self::shape(value) != shape);
        }
    }

    fn verdict(&self, table: &Table<'_>, names: &[Cell], rows: usize) -> HeaderGuess {
        let compared = count(rows, "record");
        let Self { other_type, same_type, unlike, repeated } = *self;
        if other_type > 0 && other_type >= same_type {
            let sentence = format!("the first line differs in type in {} from {compared}", count(other_type, "column"));
            return HeaderGuess::new(HeaderFound::Record, sentence);
        }
        if same_type > 0 {
            let sentence = format!("the first line is of the types of {compared} in {}", count(same_type, "column"));
            return HeaderGuess::new(HeaderFound::None, sentence);
        }
        // A whole line that comes again is a header too.
        if repeated > unlike && repeated < names.len() && rows > 2 {
            let sentence = format!("values of the first line come again in {}", count(repeated, "column"));
            return HeaderGuess::new(HeaderFound::None, sentence);
        }
        let typed = names.iter().any(|cell| cell.kind.is_typed() && !year(table.value(cell)));
        if typed {
            return HeaderGuess::new(HeaderFound::None, "the first line has values of other types than text");
        }
        let mut seen = HashSet::new();
        let unique = names.iter().all(|cell| seen.insert(table.value(cell)));
        let sentence = match (unlike > 0, unique) {
            (true, _) => "the first line is unlike the records below it",
            (false, true) => "the first line is made of words that differ",
            (false, false) => "the first line is made of words",
        };
        HeaderGuess::new(HeaderFound::Record, sentence)
    }
}

/// The form of a value: its length where it is short, and the classes of its characters.
fn shape(value: &[u8]) -> (usize, bool, bool, bool) {
    let any = |of: fn(&u8) -> bool| value.iter().any(of);
    let length = if value.len() < 16 { value.len() } else { 0 };
    (length, any(u8::is_ascii_digit), any(u8::is_ascii_lowercase), any(u8::is_ascii_uppercase))
}
