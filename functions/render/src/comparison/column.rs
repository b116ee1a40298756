//! The comparison of one column that both runs have.

use fanout_core::message::{ColumnReport, Figure};

use super::distribution::moved;
use super::frequent::compare_frequent;
use super::{Change, ColumnChange, QuantileChange};

/// The relative difference that the rounding of a sum explains.
const ROUNDING: f64 = 1e-12;

/// Ranks whose values are shown where values moved.
const RANKS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Compares a column of two runs; `None` where nothing differs.
pub(super) fn compare_columns(before: &ColumnReport, after: &ColumnReport) -> Option<ColumnChange> {
    let figures = figures(before, after);
    let moved = moved(before, after);
    let change = ColumnChange {
        name: before.name.clone(),
        type_before: before.column_type,
        type_after: after.column_type,
        figures,
        moved,
        quantiles: if moved.is_some() { quantiles(before, after) } else { Vec::new() },
        frequent: compare_frequent(before, after),
    };
    let same = change.type_before == change.type_after
        && change.figures.is_empty()
        && change.moved.is_none()
        && change.frequent.is_empty();
    (!same).then_some(change)
}

fn figures(before: &ColumnReport, after: &ColumnReport) -> Vec<Change> {
    let number = |value: u64| Some(Figure::Integer(i64::try_from(value).unwrap_or(i64::MAX)));
    let float = |value: Option<f64>| value.map(Figure::Float);
    let length = |column: &ColumnReport| column.lengths.map(|lengths| (lengths.min, lengths.max, lengths.mean));
    let (shortest, longest) = (
        |column: &ColumnReport| length(column).and_then(|lengths| number(lengths.0)),
        |column: &ColumnReport| length(column).and_then(|lengths| number(lengths.1)),
    );
    let mut changes = Vec::new();
    let mut compare = |what: &str, before: Option<Figure>, after: Option<Figure>| {
        if !same(before.as_ref(), after.as_ref()) {
            changes.push(Change { what: what.to_owned(), before, after });
            return true;
        }
        false
    };
    let counted = compare("values", number(before.count), number(after.count));
    if compare("nulls", number(before.nulls), number(after.nulls)) {
        compare("null share", float(Some(before.null_share)), float(Some(after.null_share)));
    }
    compare("invalid", number(before.invalid), number(after.invalid));
    if let Some((before, after)) = distinct(before, after) {
        compare("distinct", number(before), number(after));
    }
    compare("min", before.min.clone(), after.min.clone());
    compare("max", before.max.clone(), after.max.clone());
    let averaged = compare("mean", float(before.mean), float(after.mean));
    compare("standard deviation", float(before.stddev), float(after.stddev));
    // It follows from the number of values and their mean, but for digits that the mean has no room for.
    if !counted && !averaged {
        compare("sum", before.sum.clone(), after.sum.clone());
    }
    compare("shortest", shortest(before), shortest(after));
    compare("longest", longest(before), longest(after));
    compare("mean length", float(length(before).map(|found| found.2)), float(length(after).map(|found| found.2)));
    changes
}

/// Returns the numbers of distinct values, where their bounds cannot both be true of the same values.
fn distinct(before: &ColumnReport, after: &ColumnReport) -> Option<(u64, u64)> {
    let (before, after) = (before.estimates.as_ref()?.distinct, after.estimates.as_ref()?.distinct);
    let apart = before.upper < after.lower || after.upper < before.lower;
    apart.then_some((before.estimate, after.estimate))
}

/// Tells whether two figures are the same but for rounding.
fn same(before: Option<&Figure>, after: Option<&Figure>) -> bool {
    match (before, after) {
        (Some(Figure::Float(before)), Some(Figure::Float(after))) => {
            (before - after).abs() <= ROUNDING * before.abs().max(after.abs())
        }
        (before, after) => before == after,
    }
}

fn quantiles(before: &ColumnReport, after: &ColumnReport) -> Vec<QuantileChange> {
    let at = |column: &ColumnReport, rank: f64| {
        let quantiles = &column.estimates.as_ref()?.quantiles;
        quantiles.iter().find(|quantile| quantile.rank == rank).map(|quantile| quantile.value.clone())
    };
    let change = |rank| Some(QuantileChange { rank, before: at(before, rank)?, after: at(after, rank)? });
    RANKS.into_iter().filter_map(change).collect()
}
