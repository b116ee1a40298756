//! Runs of the deployed stack as a grid that fits its terminal.

use super::grid::{Cell, Column, grid_lines, grid_width};
use super::text::{fitted_end, width, wrapped};
use crate::numbers::{count, duration};

/// The least width of an object's name that is worth showing.
const OBJECT: usize = 24;

/// A run, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// The name, which commands take: it is never cut.
    pub name: String,
    /// The status, or the code of a failure.
    pub status: String,
    /// Records accepted, once they are known.
    pub records: Option<u64>,
    /// Records refused, once they are known.
    pub rejects: Option<u64>,
    /// The time at which it began, in UTC.
    pub started: String,
    /// The time that it took, in milliseconds, once it has ended.
    pub elapsed_ms: Option<u64>,
    /// The object.
    pub object: String,
}

/// Columns that are left out, one set after another until the terminal is wide enough for the others.
const LEFT_OUT: [&[&str]; 6] = [
    &[],
    &["object"],
    &["object", "time"],
    &["object", "time", "rejects"],
    &["object", "time", "rejects", "started (UTC)"],
    &["object", "time", "rejects", "started (UTC)", "records"],
];

/// Renders runs in so many columns of a terminal. Columns that do not fit are named below.
pub fn runs_table(runs: &[RunRow], most: usize) -> String {
    let columns = |left_out: &[&str]| -> Vec<Column> {
        all(runs, most).into_iter().filter(|column| !left_out.contains(&column.title)).collect()
    };
    let fitting = LEFT_OUT.iter().find(|left_out| grid_width(&columns(left_out)) <= most);
    let left_out = fitting.unwrap_or(&LEFT_OUT[LEFT_OUT.len() - 1]);
    let mut lines = grid_lines(&columns(left_out));
    if !left_out.is_empty() {
        let sentence = format!("not shown for want of width: {}; --json has all", left_out.join(", "));
        lines.push(wrapped(&sentence, most, 2));
    }
    lines.join("\n")
}

fn all(runs: &[RunRow], most: usize) -> Vec<Column> {
    let column = |title, cell: &dyn Fn(&RunRow) -> Cell| Column { title, cells: runs.iter().map(cell).collect() };
    let number = |number: Option<u64>| number.map_or(Cell::Text(String::new()), |number| Cell::Number(count(number)));
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut columns = vec![
        column("name", &|run| text(&run.name)),
        column("status", &|run| text(&run.status)),
        column("records", &|run| number(run.records)),
        column("rejects", &|run| number(run.rejects)),
        column("started (UTC)", &|run| text(&run.started)),
        column("time", &|run| text(&run.elapsed_ms.map_or(String::new(), duration))),
    ];
    let rest = most.saturating_sub(grid_width(&columns) + 2).max(OBJECT);
    let longest = runs.iter().map(|run| width(&run.object)).max().unwrap_or(0);
    columns.push(column("object", &|run| Cell::Text(fitted_end(&run.object, rest.min(longest)))));
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_fit_their_terminal() {
        let ended = RunRow {
            name: "people-0123456789abcdef01234567".into(),
            status: "succeeded".into(),
            records: Some(1_234_567),
            rejects: Some(0),
            started: "2026-11-26 10:11".into(),
            elapsed_ms: Some(12_345),
            object: "s3://fanout-upload-123456789012-eu-west-1/incoming/people.csv".into(),
        };
        let running =
            RunRow { status: "running".into(), records: None, rejects: None, elapsed_ms: None, ..ended.clone() };
        let table = [
            (60, "name  status  records", "object, time, rejects, started (UTC)"),
            (80, "name  status  records  rejects  started (UTC)", "object, time"),
            (100, "name  status  records  rejects  started (UTC)  time", "object"),
            (120, "name  status  records  rejects  started (UTC)  time  object", ""),
            (30, "name  status", "object, time, rejects, started (UTC), records"),
        ];
        for (most, titles, last) in table {
            let text = runs_table(&[ended.clone(), running.clone()], most);
            let lines: Vec<&str> = text.lines().collect();
            let words: Vec<&str> = lines[0].split("  ").map(str::trim).filter(|word| !word.is_empty()).collect();
            assert_eq!(words.join("  "), titles, "{text}");
            assert!(lines.iter().all(|line| width(line) <= most.max(42)), "{text}");
            let told = format!("\nnot shown for want of width: {last}; --json has all");
            assert_eq!(text.replace("\n  ", " ").ends_with(&told), !last.is_empty(), "{text}");
            assert!(lines[2].starts_with("people-0123456789abcdef01234567  succeeded"), "{text}");
        }
    }
}
