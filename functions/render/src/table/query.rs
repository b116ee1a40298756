//! The first rows of a query's result as a table that fits the terminal.

use fanout_core::message::QueryReport;

use super::text::{fitted, width};
use crate::numbers::{count, counted};

/// Blanks between two columns.
const GAP: usize = 2;

/// The least width to which a column is cut.
const LEAST: usize = 6;

/// The first rows of a result, in a terminal of this width. Columns that have no room are left out, and said to be.
pub fn query_table(found: &QueryReport, wide: usize) -> String {
    let columns: Vec<Cells> = (0..found.columns.len()).map(|index| Cells::of(found, index)).collect();
    let widths = fit(&columns.iter().map(Cells::width).collect::<Vec<_>>(), wide);
    let line = |cells: Vec<String>| cells.join(&" ".repeat(GAP)).trim_end().to_owned();
    let mut lines =
        vec![line(columns.iter().zip(&widths).map(|(column, most)| column.padded(&column.title, *most)).collect())];
    lines.push(line(widths.iter().map(|wide| "─".repeat(*wide)).collect()));
    for row in 0..found.rows.len() {
        let cells = columns.iter().zip(&widths).map(|(column, most)| column.padded(&column.cells[row], *most));
        lines.push(line(cells.collect()));
    }
    lines.push(String::new());
    lines.push(ending(found, columns.len() - widths.len()));
    lines.join("\n")
}

/// The numbers of records and rows, and what is not shown.
fn ending(found: &QueryReport, hidden: usize) -> String {
    let mut text = format!("{} of {}", counted(found.rows_out, "row"), counted(found.rows_in, "record"));
    let shown = found.rows.len() as u64;
    if shown < found.rows_out {
        text += &format!(", the first {} are shown: --format csv prints all", count(shown));
    }
    if hidden > 0 {
        text += &format!(", {} not shown: --format csv prints them", counted(hidden as u64, "column"));
    }
    text
}

/// The texts of one column.
struct Cells {
    title: String,
    cells: Vec<String>,
    /// Tells that it stands at the right, as numbers do.
    right: bool,
}

impl Cells {
    fn of(found: &QueryReport, index: usize) -> Self {
        let column = &found.columns[index];
        let cell = |row: &Vec<Option<String>>| row.get(index).cloned().flatten().unwrap_or_else(|| "NULL".to_owned());
        let numbers = ["int", "uint", "float", "decimal"];
        Self {
            title: column.name.clone(),
            cells: found.rows.iter().map(cell).collect(),
            right: numbers.iter().any(|kind| column.column_type.starts_with(kind)),
        }
    }

    fn width(&self) -> usize {
        let texts = self.cells.iter().chain([&self.title]);
        texts.map(|text| width(&fitted(text, usize::MAX))).max().unwrap_or(0)
    }

    fn padded(&self, text: &str, most: usize) -> String {
        let text = fitted(text, most);
        let blanks = " ".repeat(most.saturating_sub(width(&text)));
        if self.right { blanks + &text } else { text + &blanks }
    }
}

/// The widths in which columns fit: the widest are cut first; columns that have no room at all are left out.
fn fit(wanted: &[usize], wide: usize) -> Vec<usize> {
    let mut widths = wanted.to_vec();
    let all = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
    while all(&widths) > wide {
        let over = all(&widths) - wide;
        let most = widths.iter().copied().max().unwrap_or(0);
        if most > LEAST {
            let next = widths.iter().copied().filter(|one| *one < most).max().unwrap_or(0).max(LEAST);
            let widest = widths.iter().filter(|one| **one == most).count();
            let cut = (most - next).min(over.div_ceil(widest)).max(1);
            widths.iter_mut().filter(|one| **one == most).for_each(|one| *one -= cut);
        } else if widths.pop().is_none() || widths.is_empty() {
            break;
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use fanout_core::message::QueryColumn;

    use super::*;

    fn result() -> QueryReport {
        let column = |name: &str, kind: &str| QueryColumn { name: name.to_owned(), column_type: kind.to_owned() };
        let row = |city: &str, n: Option<&str>| vec![Some(city.to_owned()), n.map(str::to_owned)];
        QueryReport {
            query: "q".to_owned(),
            columns: vec![column("city", "string"), column("n", "int64")],
            rows_in: 12_000,
            rows_out: 3,
            rows: vec![row("東京", Some("10")), row("São Paulo", None)],
        }
    }

    #[test]
    fn rows_as_a_table() {
        let expected = "city          n\n─────────  ────\n東京         10\nSão Paulo  NULL\n\n\
                        3 rows of 12,000 records, the first 2 are shown: --format csv prints all";
        assert_eq!(query_table(&result(), 80), expected);
    }

    #[test]
    fn columns_fit_the_terminal() {
        let table: [(&[usize], usize, &[usize]); 4] = [
            (&[5, 5], 80, &[5, 5]),
            (&[50, 5], 40, &[33, 5]),
            (&[50, 30], 40, &[19, 19]),
            (&[9, 9, 9, 9], 20, &[6, 6]),
        ];
        for (wanted, wide, expected) in table {
            assert_eq!(fit(wanted, wide), expected, "{wanted:?} in {wide}");
        }
    }
}
