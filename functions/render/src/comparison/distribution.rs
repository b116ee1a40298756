//! The share of a column's values that lie elsewhere in a second run, as far as quantiles and histograms prove it.

use fanout_core::message::ColumnReport;

use crate::place::place;

/// The error of a rank is given with a confidence of 99 %. Of many ranks in many columns some are farther off: twice
/// that error is exceeded once in millions.
const SURE: f64 = 2.0;

/// A place on the line of numbers: right before a value, or right after it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct At(f64, Side);

#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Side {
    Before,
    After,
}

/// The knowledge of the share of values up to some places.
struct Known {
    /// At this place the share is at least this.
    at_least: Vec<(At, f64)>,
    /// At this place the share is at most this.
    at_most: Vec<(At, f64)>,
}

/// Returns the greatest difference of the shares of values below any place (the distance of Kolmogorov and Smirnov),
/// at its least; `None` where it may be 0 or is not known.
pub(super) fn moved(before: &ColumnReport, after: &ColumnReport) -> Option<f64> {
    if before.column_type != after.column_type {
        return None;
    }
    let (before, after) = (known(before)?, known(after)?);
    let found = distance(&before, &after).max(distance(&after, &before));
    (found > 0.0).then_some(found)
}

/// The most by which the shares of one are above those of the other, at its least.
fn distance(one: &Known, other: &Known) -> f64 {
    let above = |&(at, least): &(At, f64)| {
        // Shares do not fall: one farther on bounds this one.
        let most = other.at_most.iter().filter(|(place, _)| *place >= at).map(|(_, most)| *most);
        least - most.fold(1.0, f64::min)
    };
    one.at_least.iter().map(above).fold(0.0, f64::max)
}

fn known(column: &ColumnReport) -> Option<Known> {
    let estimates = column.estimates.as_ref()?;
    let error = SURE * estimates.rank_error?;
    let (min, max) = (place(column.min.as_ref()?)?, place(column.max.as_ref()?)?);
    let mut known = Known { at_least: vec![(At(max, Side::After), 1.0)], at_most: vec![(At(min, Side::Before), 0.0)] };
    for quantile in &estimates.quantiles {
        let value = place(&quantile.value)?;
        known.at_least.push((At(value, Side::After), quantile.rank - error));
        known.at_most.push((At(value, Side::Before), quantile.rank + error));
    }
    let mut below = 0;
    for bin in &estimates.histogram {
        let (from, share) = (At(place(&bin.from)?, Side::Before), below as f64 / column.count.max(1) as f64);
        known.at_least.push((from, share - error));
        known.at_most.push((from, share + error));
        below += bin.count;
    }
    Some(known)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// A column of so many values spread evenly from one bound to another, as a profile without error has it.
    fn even(min: f64, max: f64, rank_error: f64) -> ColumnReport {
        let at = |share: f64| min + (max - min) * share;
        let quantiles: Vec<_> =
            [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map(|rank| json!({"rank": rank, "value": at(rank)})).to_vec();
        let bins: Vec<_> = (0..20)
            .map(|bin| json!({"from": at(f64::from(bin) / 20.0), "to": at(f64::from(bin + 1) / 20.0), "count": 50}))
            .collect();
        serde_json::from_value(json!({
            "name": "c", "type": "float64", "count": 1000, "nulls": 0, "invalid": 0, "min": min, "max": max,
            "sum": null, "mean": null, "stddev": null, "estimates": {
                "distinct": {"estimate": 1, "lower": 1, "upper": 1}, "quantiles": quantiles,
                "rank_error": rank_error, "histogram": bins}
        }))
        .unwrap()
    }

    #[test]
    fn distances_are_bounds_of_the_true_ones() {
        // Of two even distributions of one width, the distance is the shift's share of the width.
        let table = [(0.0, 0.0), (0.01, 0.0), (2.0, 0.02), (10.0, 0.1), (50.0, 0.5), (100.0, 1.0), (500.0, 1.0)];
        for error in [0.0, 0.0133] {
            let one = even(0.0, 100.0, error);
            for (shift, distance) in table {
                let other = even(shift, 100.0 + shift, error);
                let found = moved(&one, &other).unwrap_or(0.0);
                assert_eq!(moved(&other, &one).unwrap_or(0.0), found, "{shift}");
                assert!(found <= distance + 1e-9, "{shift}: {found}");
                // The bins are 5 % apart, and each side has its error.
                assert!(found >= distance - 0.05 - 4.0 * error - 1e-9, "{shift}: {found}");
            }
        }
    }

    /// A column of these values, as a profile without error has it.
    fn of(values: &[i64], width: i64) -> ColumnReport {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let (count, min, max) = (sorted.len(), sorted[0], sorted[sorted.len() - 1]);
        let at = |rank: f64| sorted[((count as f64 * rank).ceil() as usize).clamp(1, count) - 1];
        let quantiles = [0.01, 0.25, 0.5, 0.75, 0.99].map(|rank| json!({"rank": rank, "value": at(rank)})).to_vec();
        let bin = |from: i64| {
            let within = sorted.iter().filter(|value| (from..from + width).contains(*value)).count();
            json!({"from": from, "to": (from + width).min(max), "count": within})
        };
        let bins: Vec<_> = (min..=max).step_by(width as usize).map(bin).collect();
        serde_json::from_value(json!({
            "name": "c", "type": "int64", "count": count, "nulls": 0, "invalid": 0, "min": min, "max": max,
            "sum": null, "mean": null, "stddev": null, "estimates": {
                "distinct": {"estimate": 1, "lower": 1, "upper": 1}, "quantiles": quantiles, "rank_error": 0.0,
                "histogram": bins}
        }))
        .unwrap()
    }

    fn true_distance(one: &[i64], other: &[i64]) -> f64 {
        let share =
            |values: &[i64], at: i64| values.iter().filter(|value| **value <= at).count() as f64 / values.len() as f64;
        (0..30).map(|at| (share(one, at) - share(other, at)).abs()).fold(0.0, f64::max)
    }

    proptest! {
        #[test]
        fn no_value_moves_that_did_not(
            one in vec(0i64..30, 1..60), other in vec(0i64..30, 1..60), widths in (1i64..6, 1i64..6),
        ) {
            prop_assert_eq!(moved(&of(&one, widths.0), &of(&one, widths.1)), None);
            let found = moved(&of(&one, widths.0), &of(&other, widths.1)).unwrap_or(0.0);
            prop_assert!(found <= true_distance(&one, &other) + 1e-9, "{} of {}", found, true_distance(&one, &other));
            // With bins of one value everything is known.
            let found = moved(&of(&one, 1), &of(&other, 1)).unwrap_or(0.0);
            prop_assert!(found >= true_distance(&one, &other) - 1e-9, "{} of {}", found, true_distance(&one, &other));
        }
    }
}
