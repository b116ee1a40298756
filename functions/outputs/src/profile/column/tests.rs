//! Profiles of single columns, whole and merged.

use std::sync::Arc;

use fanout_core::{Decoder, Dialect, Scanner, Schema, Start, TypeCandidates};
use futures::executor::block_on;
use serde_json::value::to_raw_value;

use super::super::sketch::Sizes;
use super::super::{ChunkProfile, Found, RunProfile};
use super::*;
use crate::{Merge, Output};

/// The column of these values, with the type that all of them are of.
fn column(values: &[&str]) -> SchemaColumn {
    let all = values.iter().map(|value| TypeCandidates::of(value.as_bytes()));
    SchemaColumn::inferred("c", all.fold(TypeCandidates::ALL, TypeCandidates::and), b',')
}

/// The profile of values, decoded as of that column.
fn profile(values: &[&str], column: &SchemaColumn) -> ColumnProfile {
    let schema = Schema { columns: vec![column.clone(), SchemaColumn::text("more")] };
    let mut chunk =
        ChunkProfile { name: "exact_profile", chunk: 0, found: Found::new(&schema), scratch: Default::default() };
    let text: String = values.iter().map(|value| format!("{value},x\n")).collect();
    let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, text.len() + 1);
    scanner.push(text.as_bytes());
    scanner.finish();
    let mut decoder = Decoder::new(schema);
    while let Some(batch) = scanner.next_batch() {
        decoder.decode(&batch);
        block_on(chunk.write(&decoder.rows(batch))).unwrap();
    }
    chunk.found.columns.swap_remove(0)
}

fn whole(values: &[&str]) -> ColumnReport {
    let column = column(values);
    profile(values, &column).report(&column).unwrap()
}

fn text(figure: &Option<Figure>) -> String {
    figure.as_ref().map_or_else(String::new, |figure| serde_json::to_string(figure).unwrap())
}

#[test]
fn observed_types_and_figures() {
    let table: [(&[&str], &str, [&str; 3], Option<f64>); 9] = [
        (&["3", "-1", "", "10"], "int64", ["-1", "10", "12"], Some(4.0)),
        (&["3", "0.5", "1e1"], "float64", ["0.5", "10.0", "13.5"], Some(4.5)),
        (&["true", "FALSE", "true"], "boolean", ["false", "true", "2"], Some(2.0 / 3.0)),
        (&["2024-01-02", "1999-12-31"], "date", ["\"1999-12-31\"", "\"2024-01-02\"", ""], None),
        (
            &["2024-01-02T00:00:00+01:00"],
            "timestamp",
            ["\"2024-01-01T23:00:00Z\"", "\"2024-01-01T23:00:00Z\"", ""],
            None,
        ),
        (&["10", "x", "9"], "string", ["\"10\"", "\"x\"", ""], None),
        (&["007", "8"], "string", ["\"007\"", "\"8\"", ""], None),
        (&["", ""], "string", ["", "", ""], None),
        (
            &["9223372036854775807", "1"],
            "int64",
            ["1", "9223372036854775807", "9.223372036854776e+18"],
            Some(2f64.powi(62)),
        ),
    ];
    for (values, column_type, [min, max, sum], mean) in table {
        let found = whole(values);
        assert_eq!(found.column_type.to_string(), column_type, "{values:?}");
        assert_eq!(
            (text(&found.min), text(&found.max), text(&found.sum)),
            (min.into(), max.into(), sum.into()),
            "{values:?}"
        );
        assert_eq!(found.mean, mean, "{values:?}");
        assert_eq!(found.count + found.nulls, values.len() as u64, "{values:?}");
    }
}

#[test]
fn merged_partials_say_what_the_whole_says() {
    let long = "é".repeat(100);
    let texts = ["5", "", "-7", "2.25", "x", &long, "2024-01-02", "true", "1e-3", "é", "99999999999"];
    assert_eq!(text(&whole(&texts).max).chars().filter(|c| *c == 'é').count(), 64, "extremes are shortened");
    let numbers = ["5", "", "-7", "2.25", "1e-3", "NA", "99999999999", "0"];
    for values in [&texts[..], &numbers] {
        let (column, whole) = (column(values), whole(values));
        for first in 0..values.len() {
            for second in first..values.len() {
                let mut merged = ColumnProfile::default();
                for part in [&values[..first], &values[first..second], &values[second..]] {
                    let json = serde_json::to_string(&profile(part, &column)).unwrap();
                    merged.merge(serde_json::from_str(&json).unwrap()).unwrap();
                }
                assert_eq!(merged.report(&column).unwrap(), whole, "cut at {first} and {second}");
            }
        }
    }
}

#[test]
fn deviations_of_values_far_from_zero() {
    let nanoseconds = |i: u64| 1_700_000_000_000_000_000 + i * 999_983 % 1_000_000_000;
    let sequence = |count: u64, value: &dyn Fn(u64) -> String| -> Vec<String> { (0..count).map(value).collect() };
    let table: [(&str, Vec<String>, f64); 5] = [
        ("ids", sequence(5000, &|i| (1_500_000_000_000_000_000 + i).to_string()), (5000.0 * 5001.0f64 / 12.0).sqrt()),
        ("the greatest", sequence(2, &|_| i64::MAX.to_string()), 0.0),
        ("both ends", vec![i64::MIN.to_string(), i64::MAX.to_string()], 2f64.powi(64) / 2f64.sqrt()),
        ("seconds", sequence(1000, &|i| format!("{}.{:06}", 1_700_000_000, i % 2)), (1e-12f64 * 250.0 / 999.0).sqrt()),
        ("nanoseconds", sequence(1000, &|i| nanoseconds(i).to_string()), {
            let values: Vec<f64> = (0..1000).map(|i| (nanoseconds(i) - 1_700_000_000_000_000_000) as f64).collect();
            let mean = values.iter().sum::<f64>() / 1000.0;
            (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 999.0).sqrt()
        }),
    ];
    for (case, values, expected) in table {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let column = column(&values);
        let whole = whole(&values).stddev.unwrap();
        let close = |found: f64, scale: f64| (found - expected).abs() <= scale * expected;
        // Seconds as doubles are rounded themselves.
        assert!(close(whole, if case == "seconds" { 0.2 } else { 1e-12 }), "{case}: {whole}, expected {expected}");
        for cut in [1, 3, 700] {
            let mut merged = ColumnProfile::default();
            values.chunks(cut).for_each(|part| merged.merge(profile(part, &column)).unwrap());
            assert_eq!(merged.report(&column).unwrap().stddev, Some(whole), "{case} in parts of {cut}");
        }
    }
}

#[test]
fn sums_that_overflow_are_absent() {
    let found = whole(&["1.5e308", "1.5e308"]);
    assert_eq!((found.sum, found.mean, found.stddev), (None, None, None));
    assert_eq!((text(&found.min), found.count), ("1.5e+308".to_owned(), 2));
}

#[test]
fn partials_of_earlier_versions_have_sketches_in_columns() {
    let values = ["1", "2", "2", "3"];
    let column = column(&values);
    let schema = Arc::new(Schema { columns: vec![column.clone()] });
    let mut sketches = Sketches::new(Sizes::of(1).unwrap()).unwrap();
    for value in values {
        sketches.numbers.update(value.parse().unwrap());
        sketches.distinct.integer(value.parse().unwrap());
    }
    let mut found = Found::new(&schema);
    found.columns[0] = profile(&values, &column);
    let mut earlier = serde_json::to_value(&found).unwrap();
    earlier["columns"][0]["sketches"] = serde_json::to_value(&sketches).unwrap();
    found.columns[0].sketches = Some(sketches);
    found.pack().unwrap();
    let now = serde_json::to_value(&found).unwrap();
    let merged = |partials: [&serde_json::Value; 2]| {
        let found = Found::new(&schema);
        let mut merge = Box::new(RunProfile { name: "profile", found, schema: schema.clone() });
        partials.into_iter().for_each(|one| merge.add(&to_raw_value(one).unwrap()).unwrap());
        let estimates = merge.finish().unwrap().columns.remove(0).estimates.unwrap();
        (estimates.distinct.estimate, estimates.quantiles[3].value.clone())
    };
    for partials in [[&now, &now], [&earlier, &now], [&now, &earlier], [&earlier, &earlier]] {
        assert_eq!(merged(partials), (3, Figure::Integer(2)));
    }
}
