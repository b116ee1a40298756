//! The columns of a report as a grid that fits its terminal.

use fanout_core::ColumnType;
use fanout_core::message::{ColumnReport, Distinct, Figure};

use super::grid::{Cell, Column, grid_lines, grid_width};
use super::text::{fitted, wrapped};
use crate::numbers::{count, counted, exact, number, percent};

/// Columns that are shown; the report has all.
const MOST: usize = 100;

/// Widths of a text from data, each tried before a column is left out.
const TEXTS: [usize; 4] = [24, 16, 12, 10];

/// The width of a text where nothing fits.
const LEAST: usize = 8;

/// A figure of a column: its title, and how it is written for one column in so many columns of a terminal.
struct Shown {
    title: &'static str,
    cell: fn(&ColumnReport, usize) -> Cell,
}

/// The figures of a column, in the order in which they are shown.
const SHOWN: [Shown; 11] = [
    Shown { title: "column", cell: |column, most| Cell::Text(fitted(&column.name, most.max(16))) },
    Shown { title: "type", cell: |column, _| Cell::Text(column.column_type.to_string()) },
    Shown { title: NULLS, cell: |column, _| Cell::Number(count(column.nulls)) },
    Shown { title: "invalid", cell: |column, _| some(column.invalid) },
    Shown { title: "distinct", cell: distinct },
    Shown { title: "min", cell: |column, most| figure(column, column.min.as_ref(), most) },
    Shown { title: "median", cell: median },
    Shown { title: "max", cell: |column, most| figure(column, column.max.as_ref(), most) },
    Shown { title: "mean", cell: |column, _| float(column.mean) },
    Shown { title: "std dev", cell: |column, _| float(column.stddev) },
    Shown { title: "top value", cell: top },
];

/// The title of the nulls.
const NULLS: &str = "nulls";

/// Figures that are left out, one set after another until the terminal is wide enough for the others.
const LEFT_OUT: [&[&str]; 8] = [
    &[],
    &["std dev"],
    &["std dev", "mean"],
    &["std dev", "mean", "top value"],
    &["std dev", "mean", "top value", "median"],
    &["std dev", "mean", "top value", "median", "distinct"],
    &["std dev", "mean", "median", "min", "max"],
    &["std dev", "mean", "median", "min", "max", "top value"],
];

/// Renders the columns of a report in so many columns of a terminal. Figures that do not fit are named below.
pub(super) fn columns(report: &[ColumnReport], width: usize) -> Vec<String> {
    let shown = &report[..report.len().min(MOST)];
    let grid = |left_out: &[&str], most: usize| -> Vec<Column> {
        let kept = SHOWN.iter().filter(|figure| !left_out.contains(&figure.title));
        let column = |figure: &Shown| Column {
            title: figure.title,
            cells: shown.iter().map(|column| (figure.cell)(column, most)).collect(),
        };
        kept.map(column).filter(|column| !column.is_empty()).collect()
    };
    // Nulls are left out only where there are none.
    let no_nulls = shown.iter().all(|column| column.nulls == 0);
    let sets = LEFT_OUT.iter().flat_map(|set| {
        let without_nulls = (no_nulls && set.len() > 1).then(|| [set, &[NULLS][..]].concat());
        [Some(set.to_vec()), without_nulls].into_iter().flatten()
    });
    let tries = sets.flat_map(|set| TEXTS.map(|most| (set.clone(), most)));
    let mut fits = tries.map(|(set, most)| (grid(&set, most), set));
    let (grid, left_out) = fits.find(|(grid, _)| grid_width(grid) <= width).unwrap_or_else(|| {
        let set = LEFT_OUT[LEFT_OUT.len() - 1].to_vec();
        (grid(&set, LEAST), set)
    });
    let mut lines = grid_lines(&grid);
    let all = self::all(shown);
    let is_told = |title: &&str| left_out.contains(title) && all.contains(title) && *title != NULLS;
    let told: Vec<&str> = SHOWN.iter().map(|figure| figure.title).filter(is_told).collect();
    if left_out.contains(&NULLS) {
        lines.push("(no nulls)".to_owned());
    }
    if !told.is_empty() {
        lines.push(wrapped(&format!("({}: in a wider terminal, or in the report)", told.join(", ")), width, 1));
    }
    if report.len() > shown.len() {
        lines.push(format!("({}: in the report)", counted((report.len() - shown.len()) as u64, "more column")));
    }
    lines
}

/// The titles of the figures that any of these columns has.
fn all(shown: &[ColumnReport]) -> Vec<&'static str> {
    let has = |figure: &&Shown| {
        shown.iter().any(|column| !matches!((figure.cell)(column, 1), Cell::Text(text) if text.is_empty()))
    };
    SHOWN.iter().filter(has).map(|figure| figure.title).collect()
}

fn nothing() -> Cell {
    Cell::Text(String::new())
}

fn some(number: u64) -> Cell {
    if number == 0 { nothing() } else { Cell::Number(count(number)) }
}

fn float(value: Option<f64>) -> Cell {
    value.map_or_else(nothing, |value| Cell::Number(number(value)))
}

/// The number of distinct values; an estimate is marked.
fn distinct(column: &ColumnReport, _most: usize) -> Cell {
    column.estimates.as_ref().map_or_else(nothing, |estimates| {
        let Distinct { estimate, lower, upper } = estimates.distinct;
        Cell::Number(if lower == upper { count(estimate) } else { format!("≈{}", count(estimate)) })
    })
}

/// The median, which is an estimate.
fn median(column: &ColumnReport, most: usize) -> Cell {
    let quantiles = column.estimates.as_ref().map_or(&[][..], |estimates| &estimates.quantiles);
    let median = quantiles.iter().find(|quantile| quantile.rank == 0.5).map(|quantile| &quantile.value);
    match figure(column, median, most) {
        Cell::Number(number) => Cell::Number(format!("≈{number}")),
        Cell::Text(text) if text.is_empty() => nothing(),
        Cell::Text(text) => Cell::Text(format!("≈{text}")),
    }
}

/// A value of the column: texts are cut, all else is whole.
fn figure(column: &ColumnReport, figure: Option<&Figure>, most: usize) -> Cell {
    let Some(figure) = figure else { return nothing() };
    let text = exact(figure, column.column_type);
    match column.column_type {
        ColumnType::String => Cell::Text(fitted(&text, most)),
        ColumnType::Int64 | ColumnType::Float64 | ColumnType::Decimal { .. } => Cell::Number(text),
        ColumnType::Boolean | ColumnType::Date | ColumnType::Timestamp => Cell::Text(text),
    }
}

/// The most frequent value, with its share of all that are not null.
fn top(column: &ColumnReport, most: usize) -> Cell {
    let first = column.estimates.as_ref().and_then(|estimates| estimates.frequent.first());
    Cell::Text(first.map_or_else(String::new, |top| {
        let share = top.at_least as f64 / column.count.max(1) as f64;
        format!("{} ({})", fitted(&top.value, most), percent(share))
    }))
}
