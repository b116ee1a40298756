//! A comparison as text for a terminal. Its lines have at most 80 columns, whatever the names and values.

use fanout_core::ColumnType;
use fanout_core::message::Figure;

use super::{Change, ColumnChange, Comparison, NamedColumn, Side, Times};
use crate::escape::{printable, shortened};
use crate::numbers::{count, counted, exact, figure, percent};

/// Characters of a name or a value.
const WIDE: usize = 24;

/// Columns of one kind that are listed.
const LISTED: usize = 100;

/// Returns a comparison as a person reads it.
pub fn comparison_text(comparison: &Comparison) -> String {
    let (before, after) = (&comparison.before, &comparison.after);
    let mut lines = vec![format!("before  {}", side(before)), format!("after   {}", side(after)), String::new()];
    let mut number = |what: &str, before: u64, after: u64| {
        lines.push(if before == after {
            format!("{what:<9}{}, the same", count(before))
        } else {
            changed_number(what, before, after)
        });
    };
    number("records", before.records, after.records);
    number("rejects", before.rejects, after.rejects);
    if comparison.columns_compared {
        number("columns", before.columns, after.columns);
    }
    for reason in &comparison.reasons {
        let column = reason.column.as_ref().map_or_else(String::new, |name| format!(" in {}", shortened(name, WIDE)));
        let what = format!("{}{column}", printable(&reason.reason));
        lines.push(format!("  rejected for {what}: {} → {}", count(reason.before), count(reason.after)));
    }
    if comparison.columns_compared {
        lines.extend(columns(comparison));
    } else {
        lines.push("columns are not compared: one of the runs has no profile".to_owned());
    }
    for change in &comparison.reading {
        let value = |value: &Option<Figure>| value.as_ref().map_or_else(|| "–".to_owned(), shown);
        lines.push(format!(
            "read otherwise: {} {} → {}",
            printable(&change.what),
            value(&change.before),
            value(&change.after)
        ));
    }
    lines.push(String::new());
    lines.push(verdict(comparison));
    lines.join("\n")
}

/// The result in one sentence.
pub(crate) fn verdict(comparison: &Comparison) -> String {
    match (comparison.equal, comparison.columns_compared) {
        (true, true) => "equal: no figure of the records or the columns differs".to_owned(),
        (true, false) => "equal, as far as is known: both runs accepted and refused as many records".to_owned(),
        (false, _) => {
            let columns = [
                (comparison.changed.len(), "changed"),
                (comparison.added.len(), "added"),
                (comparison.removed.len(), "removed"),
                (comparison.unchanged as usize, "the same"),
            ];
            let told = columns
                .iter()
                .filter(|(number, _)| *number > 0)
                .map(|(number, what)| format!("{} {what}", count(*number as u64)));
            match told.collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => "different".to_owned(),
                told => format!("different: columns {told}"),
            }
        }
    }
}

fn side(side: &Side) -> String {
    let started = side
        .started_at
        .as_ref()
        .and_then(|time| time.get(..16))
        .map_or_else(String::new, |time| format!("{}  ", time.replace('T', " ")));
    printable(&format!("{started}{}", side.object))
}

fn changed_number(what: &str, before: u64, after: u64) -> String {
    let (sign, difference) = if after > before { ("+", after - before) } else { ("-", before - after) };
    let share =
        if before == 0 { String::new() } else { format!(", {sign}{}", percent(difference as f64 / before as f64)) };
    format!("{what:<9}{} → {}  ({sign}{}{share})", count(before), count(after), count(difference))
}

fn columns(comparison: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    for (what, columns) in [("added", &comparison.added), ("removed", &comparison.removed)] {
        let line = |column: &NamedColumn| format!("  {what} {}  {}", shortened(&column.name, WIDE), column.column_type);
        lines.extend(columns.iter().take(LISTED).map(line));
        lines.extend(more(columns.len(), what));
    }
    if comparison.reordered {
        lines.push("  the columns come in another order".to_owned());
    }
    for column in comparison.changed.iter().take(LISTED) {
        lines.push(String::new());
        lines.extend(one_column(column));
    }
    lines.extend(more(comparison.changed.len(), "changed"));
    lines
}

fn more(found: usize, what: &str) -> Option<String> {
    (found > LISTED).then(|| format!("  and {} {what}", counted((found - LISTED) as u64, "more column")))
}

fn one_column(column: &ColumnChange) -> Vec<String> {
    let types = if column.type_before == column.type_after {
        column.type_after.to_string()
    } else {
        format!("{} → {}", column.type_before, column.type_after)
    };
    let mut lines = vec![format!("{}  {types}", shortened(&column.name, WIDE))];
    let row = |what: &str, before: &str, after: &str| format!("  {what:<18} {before:>26} → {after}");
    for change in &column.figures {
        let [before, after] = values(change, column);
        lines.push(row(&change.what, &before, &after));
    }
    if let Some(moved) = column.moved {
        lines.push(format!("  at least {} of the values lie elsewhere:", percent(moved)));
        for quantile in &column.quantiles {
            let what = format!("{} % are below", (quantile.rank * 100.0).round());
            lines.push(row(&what, &format!("≈ {}", shown(&quantile.before)), &format!("≈ {}", shown(&quantile.after))));
        }
    }
    for change in &column.frequent {
        lines.push(row(&format!("“{}”", shortened(&change.value, 14)), &times(change.before), &times(change.after)));
    }
    lines
}

/// The figures of both runs, each with all its digits, shortened for a terminal.
pub(crate) fn values(change: &Change, column: &ColumnChange) -> [String; 2] {
    let text = |value: &Option<Figure>, column_type: ColumnType| match value {
        None => "–".to_owned(),
        Some(Figure::Text(text)) => shortened(text, WIDE),
        Some(value) if matches!(change.what.as_str(), "min" | "max" | "sum") => exact(value, column_type),
        Some(Figure::Float(share)) if change.what == "null share" => percent(*share),
        Some(value) if change.what == "distinct" => format!("≈ {}", figure(value)),
        Some(value) => figure(value),
    };
    let texts = [text(&change.before, column.type_before), text(&change.after, column.type_after)];
    // Where rounding hides the difference.
    let [before, after] = &texts;
    match (&change.before, &change.after) {
        (Some(first), Some(second)) if before == after => {
            [exact(first, column.type_before), exact(second, column.type_after)]
        }
        _ => texts,
    }
}

/// A value of a column, shortened.
pub(crate) fn shown(value: &Figure) -> String {
    match value {
        Figure::Text(text) => shortened(text, WIDE),
        value => figure(value),
    }
}

/// The number of times that a value occurs, with its share.
pub(crate) fn times(times: Times) -> String {
    let share = percent((times.least_share() + times.greatest_share()) / 2.0);
    match (times.at_least, times.at_most) {
        (least, most) if least == most => format!("{} ({share})", count(least)),
        (0, most) => format!("at most {}", count(most)),
        (least, most) => format!("≈ {} ({share})", count(least + (most - least) / 2)),
    }
}
