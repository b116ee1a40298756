use fanout_core::message::{ColumnReport, Figure};
use fanout_core::{ColumnType, Field, Observed, SchemaColumn, date_text, observe, timestamp_text};
use serde::{Deserialize, Serialize};

use super::extent::{Extent, TextExtent};
use super::numbers::{Decimals, Floats, Integers};
use crate::double::Sum;
use crate::jsonl::decimal_text;

/// What is known of one column: values sorted by what they are.
///
/// A declared column fills one group; an undeclared one as many as it has kinds of values, and all
/// its texts besides, as its type is known only when all chunks are merged.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ColumnProfile {
    #[serde(skip_serializing_if = "is_default")]
    pub(super) nulls: u64,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) invalid: u64,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) integers: Integers,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) floats: Floats,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) decimals: Decimals,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) booleans: Booleans,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) dates: Extent<i32>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) timestamps: Extent<i64>,
    /// All values of a text column, declared or not.
    #[serde(skip_serializing_if = "is_default")]
    texts: TextExtent,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Booleans {
    count: u64,
    trues: u64,
}

impl Booleans {
    pub(super) fn extend(&mut self, values: impl ExactSizeIterator<Item = bool>) {
        self.count += values.len() as u64;
        self.trues += values.map(u64::from).sum::<u64>();
    }
}

impl ColumnProfile {
    /// One value of a column declared `string`.
    pub(super) fn text(&mut self, field: &Field<'_>) {
        if field.raw().is_empty() {
            self.nulls += 1;
        } else {
            self.texts.include(&field.value());
        }
    }

    /// One value of an undeclared column.
    pub(super) fn observe(&mut self, text: &[u8]) {
        match observe(text) {
            Observed::Null => {
                self.nulls += 1;
                return;
            }
            Observed::Int64(value) => self.integers.include(value),
            Observed::Float64(value) => self.floats.include(value),
            Observed::Boolean(value) => self.booleans.extend([value].into_iter()),
            Observed::Date(days) => self.dates.extend([days].into_iter()),
            Observed::Timestamp(microseconds) => self.timestamps.extend([microseconds].into_iter()),
            Observed::Text => {}
        }
        self.texts.include(text);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.nulls += other.nulls;
        self.invalid += other.invalid;
        self.integers.merge(other.integers);
        self.floats.merge(other.floats);
        self.decimals.merge(other.decimals);
        self.booleans.count += other.booleans.count;
        self.booleans.trues += other.booleans.trues;
        self.dates.merge(other.dates);
        self.timestamps.merge(other.timestamps);
        self.texts.merge(other.texts);
    }

    /// The type that holds all values; `string` where there are none.
    fn observed_type(&self) -> ColumnType {
        let all = |count: u64| count == self.texts.count;
        match self.texts.count {
            0 => ColumnType::String,
            _ if all(self.integers.extent.count) => ColumnType::Int64,
            _ if all(self.integers.extent.count + self.floats.extent.count) => ColumnType::Float64,
            _ if all(self.booleans.count) => ColumnType::Boolean,
            _ if all(self.dates.count) => ColumnType::Date,
            _ if all(self.timestamps.count) => ColumnType::Timestamp,
            _ => ColumnType::String,
        }
    }

    pub(super) fn report(&self, schema: &SchemaColumn) -> ColumnReport {
        let column_type = schema.column_type.unwrap_or_else(|| self.observed_type());
        let mut report = ColumnReport {
            name: schema.name.clone(),
            column_type,
            count: 0,
            nulls: self.nulls,
            invalid: self.invalid,
            min: None,
            max: None,
            sum: None,
            mean: None,
            stddev: None,
        };
        match column_type {
            ColumnType::Int64 => {
                let Integers { extent, sum, squares } = &self.integers;
                extremes(&mut report, extent, |value| Figure::Integer(*value));
                moments(&mut report, integer(*sum), Sum::of_integer(*sum), *squares, 1.0);
            }
            ColumnType::Float64 => {
                let mut numbers = self.floats.clone();
                if let Some((min, max)) = self.integers.extent.extremes {
                    let extremes = Some((min as f64, max as f64));
                    numbers.extent.merge(Extent { count: self.integers.extent.count, extremes });
                    numbers.sum.merge(Sum::of_integer(self.integers.sum));
                    numbers.squares.merge(self.integers.squares);
                }
                extremes(&mut report, &numbers.extent, |value| Figure::Float(*value));
                moments(&mut report, float(numbers.sum.value()), numbers.sum, numbers.squares, 1.0);
            }
            ColumnType::Decimal { scale, .. } => {
                let Decimals { extent, sum, squares } = &self.decimals;
                let unit = 10f64.powi(scale.into());
                extremes(&mut report, extent, |value| Figure::Text(decimal_text(*value, scale)));
                if let Some(sum) = *sum {
                    moments(
                        &mut report,
                        Some(Figure::Text(decimal_text(sum, scale))),
                        Sum::of_integer(sum),
                        *squares,
                        unit,
                    );
                }
            }
            ColumnType::Boolean => {
                let Booleans { count, trues } = self.booleans;
                let extremes_found = (count > 0).then_some((trues == count, trues > 0));
                extremes(&mut report, &Extent { count, extremes: extremes_found }, |value| Figure::Boolean(*value));
                // The square of 1 is 1.
                let sum = Sum::of_integer(trues.into());
                moments(&mut report, integer(trues.into()), sum, sum, 1.0);
            }
            ColumnType::Date => extremes(&mut report, &self.dates, |days| Figure::Text(date_text(*days))),
            ColumnType::Timestamp => {
                extremes(&mut report, &self.timestamps, |moment| Figure::Text(timestamp_text(*moment)));
            }
            ColumnType::String => {
                let TextExtent { count, extremes: found } = self.texts.clone();
                extremes(&mut report, &Extent { count, extremes: found }, |text| Figure::Text(text.clone()));
            }
        }
        report
    }
}

fn extremes<T>(report: &mut ColumnReport, extent: &Extent<T>, figure: impl Fn(&T) -> Figure) {
    report.count = extent.count;
    if let Some((min, max)) = &extent.extremes {
        report.min = Some(figure(min));
        report.max = Some(figure(max));
    }
}

/// Sum, mean and standard deviation; `unit` is what one of the numbers is divided by to be a value.
fn moments(report: &mut ColumnReport, figure: Option<Figure>, sum: Sum, squares: Sum, unit: f64) {
    if report.count == 0 {
        return;
    }
    report.sum = figure;
    report.mean = Some(sum.value() / report.count as f64 / unit).filter(|mean| mean.is_finite());
    report.stddev = sum.variance(squares, report.count).map(|variance| variance.sqrt() / unit);
}

fn integer(value: i128) -> Option<Figure> {
    Some(i64::try_from(value).map_or(Figure::Float(value as f64), Figure::Integer))
}

fn float(value: f64) -> Option<Figure> {
    value.is_finite().then_some(Figure::Float(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(values: &[&str]) -> ColumnProfile {
        let mut profile = ColumnProfile::default();
        values.iter().for_each(|value| profile.observe(value.as_bytes()));
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
                    merged.merge(serde_json::from_str(&json).unwrap());
                }
                assert_eq!(report(&merged), whole, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn sums_that_overflow_are_absent() {
        let found = report(&observed(&["1.5e308", "1.5e308"]));
        assert_eq!((found.sum, found.mean, found.stddev), (None, None, None));
        assert_eq!((text(&found.min), found.count), ("1.5e+308".to_owned(), 2));
    }
}
