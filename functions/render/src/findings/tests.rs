//! Each rule at the values on both sides of its limit.

use fanout_core::message::ColumnReport;
use serde_json::{Value, json};

use super::*;

fn column(changes: Value) -> ColumnReport {
    let mut column = json!({"name": "c", "type": "string", "count": 1000, "nulls": 0, "invalid": 0, "min": "a",
        "max": "z", "sum": null, "mean": null, "stddev": null});
    column.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    serde_json::from_value(column).unwrap()
}

fn estimates(changes: Value) -> Value {
    let mut estimates = json!({"distinct": {"estimate": 100, "lower": 97, "upper": 103}});
    estimates.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    json!({ "estimates": estimates })
}

fn value(value: &str, at_least: u64, at_most: u64) -> Value {
    estimates(json!({"frequent": [{"value": value, "at_least": at_least, "at_most": at_most}]}))
}

fn numbers(min: f64, quantiles: [f64; 3], max: f64) -> Value {
    let ranks = [0.01, 0.5, 0.99].into_iter().zip(quantiles);
    let quantiles: Vec<Value> = ranks.map(|(rank, value)| json!({"rank": rank, "value": value})).collect();
    let mut changes = estimates(json!({ "quantiles": quantiles }));
    changes["type"] = json!("float64");
    changes["min"] = json!(min);
    changes["max"] = json!(max);
    changes
}

fn merged(first: Value, second: Value) -> Value {
    let mut both = first;
    both.as_object_mut().unwrap().extend(second.as_object().unwrap().clone());
    both
}

#[test]
fn rules() {
    use Kind::*;
    let table: [(&str, Value, &[Kind]); 32] = [
        ("nothing", json!({}), &[]),
        ("no value", json!({"count": 0, "nulls": 7, "min": null, "max": null, "null_share": 1.0}), &[Empty]),
        ("no record", json!({"count": 0, "nulls": 0, "min": null, "max": null}), &[]),
        ("half", json!({"nulls": 1000, "null_share": 0.5}), &[]),
        ("more than half", json!({"nulls": 1001, "null_share": 0.5002}), &[MostlyNull]),
        ("a word", value(" N/A ", 20, 20), &[NullLike]),
        ("another word", value("NATO", 20, 20), &[]),
        ("a date", value("1900-01-01", 20, 20), &[NullLike]),
        ("a date's beginning", value("1900-01-01-x", 20, 20), &[]),
        ("an extreme", merged(value("-999", 20, 20), json!({"type": "int64", "min": -999, "max": 5})), &[NullLike]),
        ("no extreme", merged(value("-999", 20, 20), json!({"type": "int64", "min": -1000, "max": 5})), &[]),
        ("only a word", merged(value("null", 1000, 1000), json!({"min": "null", "max": "null"})), &[Constant]),
        ("near", numbers(0.0, [1.0, 50.0, 99.0], 246.0), &[]),
        ("above", numbers(0.0, [1.0, 50.0, 99.0], 247.0), &[Outliers]),
        ("below", numbers(-147.0, [1.0, 50.0, 99.0], 100.0), &[Outliers]),
        ("few values", merged(numbers(0.0, [1.0, 50.0, 99.0], 1e9), json!({"count": 99})), &[]),
        (
            "a later value",
            json!({"widened": {"column": 0, "from": "int64", "values": 3, "first": {"record": 7, "text": "x"}}}),
            &[Widened],
        ),
        ("a first value", json!({"widened": {"column": 0, "from": "string", "values": 0}}), &[]),
        ("half texts", json!({"sampled": {"int64": 4, "text": 4}}), &[MixedTypes]),
        ("more texts", json!({"sampled": {"int64": 4, "text": 5}}), &[]),
        ("no texts", json!({"sampled": {"int64": 4, "float64": 4}}), &[]),
        ("another type", json!({"sampled": {"int64": 4, "text": 1}, "type": "date"}), &[]),
        ("steps", numbers(0.0, [5.0, 5.0, 5.0], 9.0), &[]),
        ("one value", json!({"min": 5, "max": 5, "type": "int64"}), &[Constant]),
        ("one record", json!({"min": 5, "max": 5, "type": "int64", "count": 1}), &[]),
        ("cut texts", json!({"min": "x".repeat(64), "max": "x".repeat(64)}), &[]),
        ("99 %", value("x", 990, 990), &[AlmostConstant]),
        ("less than 99 %", value("x", 989, 989), &[]),
        ("each once", value("x", 1, 1), &[Unique]),
        (
            "about as many",
            estimates(json!({"distinct": {"estimate": 990, "lower": 957, "upper": 1000}})),
            &[NearlyUnique],
        ),
        ("fewer", estimates(json!({"distinct": {"estimate": 960, "lower": 930, "upper": 999}})), &[]),
        ("one twice", merged(value("x", 2, 9), json!({"count": 103})), &[]),
    ];
    for (case, changes, expected) in table {
        let found: Vec<Kind> = findings(&[column(changes)]).iter().map(|finding| finding.kind).collect();
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
fn details_are_in_words_of_the_column() {
    let detail = |changes: Value| findings(&[column(changes)]).remove(0).detail;
    assert_eq!(detail(numbers(-1.5, [1.0, 50.0, 99.0], 123_456.78)), "greatest 123,456.78, 99 % are below ≈ 99");
    assert_eq!(detail(value("N/A", 20, 20)), "“N/A” in 2.0 % of the values");
    assert_eq!(detail(json!({"min": "\u{202e}x", "max": "\u{202e}x"})), "always “\\u{202e}x”");
}

#[test]
fn names_that_differ_by_case_or_blanks() {
    let named = |name: &str| column(json!({ "name": name }));
    let columns = ["Id", "id ", "ID2", "name"].map(named);
    let found: Vec<(Kind, usize)> = findings(&columns).iter().map(|finding| (finding.kind, finding.column)).collect();
    assert_eq!(found, [(Kind::SimilarNames, 0), (Kind::SimilarNames, 1)]);
}
