//! Profiles of single columns, whole and merged.

use fanout_core::observe;

use super::*;

fn observed(values: &[&str]) -> ColumnProfile {
    let mut profile = ColumnProfile::default();
    values.iter().for_each(|value| profile.observe(observe(value.as_bytes()), value.as_bytes()));
    profile
}

fn report(profile: &ColumnProfile) -> ColumnReport {
    profile.report(&SchemaColumn { name: "c".into(), column_type: None, nullable: true })
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
        let found = report(&observed(values));
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
    let values = ["5", "", "-7", "2.25", "x", &long, "2024-01-02", "true", "1e-3", "é", "99999999999"];
    let whole = report(&observed(&values));
    assert_eq!(text(&whole.max).chars().filter(|c| *c == 'é').count(), 64, "extremes are shortened");
    for first in 0..values.len() {
        for second in first..values.len() {
            let mut merged = ColumnProfile::default();
            for part in [&values[..first], &values[first..second], &values[second..]] {
                let json = serde_json::to_string(&observed(part)).unwrap();
                merged.merge(serde_json::from_str(&json).unwrap()).unwrap();
            }
            assert_eq!(report(&merged), whole, "cut at {first} and {second}");
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
        let whole = report(&observed(&values)).stddev.unwrap();
        let close = |found: f64, scale: f64| (found - expected).abs() <= scale * expected;
        // Seconds as doubles are rounded themselves.
        assert!(close(whole, if case == "seconds" { 0.2 } else { 1e-12 }), "{case}: {whole}, expected {expected}");
        for cut in [1, 3, 700] {
            let mut merged = ColumnProfile::default();
            values.chunks(cut).for_each(|part| merged.merge(observed(part)).unwrap());
            assert_eq!(report(&merged).stddev, Some(whole), "{case} in parts of {cut}");
        }
    }
}

#[test]
fn sums_that_overflow_are_absent() {
    let found = report(&observed(&["1.5e308", "1.5e308"]));
    assert_eq!((found.sum, found.mean, found.stddev), (None, None, None));
    assert_eq!((text(&found.min), found.count), ("1.5e+308".to_owned(), 2));
}
