//! A grid of cells for a terminal: titles, a rule, rows; numbers stand with their points below each other.

use super::text::width;

/// Blanks between two columns.
const GAP: usize = 2;

/// A cell of a grid.
pub(super) enum Cell {
    /// A text, or nothing.
    Text(String),
    /// A number, which is aligned at its point.
    Number(String),
}

/// A column of a grid.
pub(super) struct Column {
    /// The title.
    pub(super) title: &'static str,
    /// A cell for each row.
    pub(super) cells: Vec<Cell>,
}

impl Column {
    /// Tells whether no row has anything in it.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| matches!(cell, Cell::Text(text) if text.is_empty()))
    }

    /// The title and the cells, all in one width. A column with a number in it stands at the right.
    fn padded(&self) -> Vec<String> {
        let numbers = || {
            self.cells.iter().filter_map(|cell| match cell {
                Cell::Number(number) => Some(parts(number)),
                Cell::Text(_) => None,
            })
        };
        let before = numbers().map(|(whole, _)| width(whole)).max().unwrap_or(0);
        let after = numbers().map(|(_, fraction)| width(fraction)).max().unwrap_or(0);
        let texts = self.cells.iter().map(|cell| match cell {
            Cell::Number(_) => before + after,
            Cell::Text(text) => width(text),
        });
        let wide = texts.chain([width(self.title)]).max().unwrap_or(0);
        let right = numbers().next().is_some();
        let pad = |text: &str| {
            let blanks = " ".repeat(wide - width(text));
            if right { blanks + text } else { text.to_owned() + &blanks }
        };
        let cell = |cell: &Cell| match cell {
            Cell::Text(text) => pad(text),
            Cell::Number(number) => {
                let (_, fraction) = parts(number);
                pad(&format!("{number}{}", " ".repeat(after - width(fraction))))
            }
        };
        std::iter::once(pad(self.title)).chain(self.cells.iter().map(cell)).collect()
    }
}

/// A number before its point, and from there on.
fn parts(number: &str) -> (&str, &str) {
    number.split_at(number.find(['.', 'e']).unwrap_or(number.len()))
}

/// The columns of a terminal that a grid takes.
pub(super) fn grid_width(columns: &[Column]) -> usize {
    let wide = |column: &Column| column.padded().first().map_or(0, |title| width(title));
    columns.iter().map(wide).sum::<usize>() + GAP * columns.len().saturating_sub(1)
}

/// A grid as lines, without blanks at their ends.
pub(super) fn grid_lines(columns: &[Column]) -> Vec<String> {
    let padded: Vec<Vec<String>> = columns.iter().map(Column::padded).collect();
    let rows = padded.first().map_or(0, Vec::len);
    let gap = " ".repeat(GAP);
    let mut lines: Vec<String> = (0..rows)
        .map(|row| padded.iter().map(|cells| cells[row].as_str()).collect::<Vec<_>>().join(&gap).trim_end().to_owned())
        .collect();
    if rows > 0 {
        let rules = padded.iter().map(|cells| "─".repeat(width(&cells[0])));
        lines.insert(1, rules.collect::<Vec<_>>().join(&gap));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stand_below_each_other() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let number = |text: &str| Cell::Number(text.to_owned());
        let columns = [
            Column { title: "name", cells: vec![text("a"), text("日本語"), text("")] },
            Column { title: "least", cells: vec![number("-1,000.25"), text("x"), number("7")] },
            Column { title: "last", cells: vec![text("p"), text(""), text("")] },
        ];
        let expected = [
            "name        least  last",
            "──────  ─────────  ────",
            "a       -1,000.25  p",
            "日本語          x",
            "                7",
        ];
        let lines = grid_lines(&columns);
        assert_eq!(lines[..4], expected[..4]);
        assert_eq!(lines[4], "             7");
        assert_eq!(grid_width(&columns), 23);
    }
}
