//! The comparison of frequent values, of which each is known between two bounds.

use fanout_core::message::{ColumnReport, Frequent};

use super::{FrequentChange, Times};

/// Values that a report lists at most: the others may be as frequent as the last one.
const LISTED: usize = 10;

/// The difference of shares from which a value is told, where the numbers of all values differ.
const TOLD: f64 = 0.01;

/// Returns the values that are certainly more or less frequent. Where both runs have as many values, every difference
/// counts; otherwise a difference of shares of one hundredth.
pub(super) fn compare_frequent(before: &ColumnReport, after: &ColumnReport) -> Vec<FrequentChange> {
    if before.column_type != after.column_type {
        return Vec::new();
    }
    let mut values: Vec<&str> = Vec::new();
    for value in list(before).iter().chain(list(after)) {
        if !values.contains(&value.value.as_str()) {
            values.push(&value.value);
        }
    }
    let told = if before.count == after.count { 0.0 } else { TOLD };
    let change = |value: &str| {
        let (before, after) = (times(before, value)?, times(after, value)?);
        (gap(before, after).max(gap(after, before)) > told).then(|| FrequentChange {
            value: value.to_owned(),
            before,
            after,
        })
    };
    values.into_iter().filter_map(change).collect()
}

fn list(column: &ColumnReport) -> &[Frequent] {
    column.estimates.as_ref().map_or(&[], |estimates| &estimates.frequent)
}

/// Returns the number of times that a value occurs in a column; `None` where nothing is known of it.
fn times(column: &ColumnReport, value: &str) -> Option<Times> {
    let list = list(column);
    let of = column.count;
    if let Some(found) = list.iter().find(|found| found.value == value) {
        return Some(Times { at_least: found.at_least, at_most: found.at_most, of });
    }
    // One that is not listed is as rare as the sketch's error, or as the last one that the list has room for.
    let first = list.first()?;
    let error = 2 * (first.at_most - first.at_least);
    let last = list.get(LISTED - 1).map_or(0, |last| last.at_most);
    Some(Times { at_least: 0, at_most: error.max(last), of })
}

/// The least difference of the shares of a value, where it is rarer before.
fn gap(before: Times, after: Times) -> f64 {
    after.least_share() - before.greatest_share()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn column(count: u64, frequent: &[(&str, u64, u64)]) -> ColumnReport {
        let one = |(value, at_least, at_most): &(&str, u64, u64)| json!({"value": value, "at_least": at_least, "at_most": at_most});
        serde_json::from_value(json!({
            "name": "c", "type": "string", "count": count, "nulls": 0, "invalid": 0, "min": null, "max": null,
            "sum": null, "mean": null, "stddev": null, "estimates": {
                "distinct": {"estimate": 1, "lower": 1, "upper": 1},
                "frequent": frequent.iter().map(one).collect::<Vec<_>>()}
        }))
        .unwrap()
    }

    #[test]
    fn values() {
        let ten: Vec<(String, u64, u64)> = (0..10).map(|n| (format!("v{n}"), 50, 50)).collect();
        let ten: Vec<(&str, u64, u64)> =
            ten.iter().map(|(value, least, most)| (value.as_str(), *least, *most)).collect();
        type List<'l> = (u64, &'l [(&'l str, u64, u64)]);
        let table: [(&str, List<'_>, List<'_>, &[&str]); 9] = [
            ("same", (10, &[("a", 9, 9)]), (10, &[("a", 9, 9)]), &[]),
            ("one more", (10, &[("a", 8, 8)]), (10, &[("a", 9, 9)]), &["a"]),
            ("bounds meet", (100, &[("a", 80, 90)]), (100, &[("a", 90, 95)]), &[]),
            ("bounds are apart", (100, &[("a", 80, 90)]), (100, &[("a", 91, 95)]), &["a"]),
            ("new", (10, &[("a", 5, 5)]), (10, &[("a", 5, 5), ("b", 5, 5)]), &["b"]),
            ("new, within the error", (100, &[("a", 50, 60)]), (100, &[("a", 50, 60), ("b", 18, 20)]), &[]),
            ("nothing is known", (100, &[]), (100, &[("a", 50, 60)]), &[]),
            (
                "no room in the list",
                (500, &ten),
                (500, &[("w", 50, 50)]),
                &["v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9"],
            ),
            ("more values, nearly the same share", (1000, &[("a", 500, 500)]), (1100, &[("a", 559, 559)]), &[]),
        ];
        for (case, before, after, expected) in table {
            let found = compare_frequent(&column(before.0, before.1), &column(after.0, after.1));
            let found: Vec<&str> = found.iter().map(|change| change.value.as_str()).collect();
            assert_eq!(found, expected, "{case}");
        }
    }
}
