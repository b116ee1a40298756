//! The profile of one column.

use std::collections::BTreeMap;

use datasketches::error::Error;
use fanout_core::message::{Bin, ColumnReport, Figure, Lengths, Quantile, SketchSummary, TypeOrigin};
use fanout_core::{ColumnType, SchemaColumn, TypeSource, date_text, timestamp_text};
use serde::{Deserialize, Serialize};

use super::histogram::histogram;
use super::min_max::{MinMax, TextExtent};
use super::numbers::{Floats, Integers};
use super::quantiles::Quantiles;
use super::sketch::{SketchBytes, Sketches};
use crate::compensated_sum::Sum;
use crate::jsonl::decimal_text;

/// The profile of one column: its values, in the group of its type.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
    pub(super) decimals: Integers,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) booleans: Booleans,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) dates: MinMax<i32>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) timestamps: MinMax<i64>,
    /// The values of a text column.
    #[serde(skip_serializing_if = "is_default")]
    texts: TextExtent,
    /// `None` in an exact profile. They are written packed, apart from the columns; partials of earlier versions have
    /// them here.
    #[serde(skip_serializing)]
    pub(super) sketches: Option<Sketches>,
}

/// Shares at which the report has quantiles.
const RANKS: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

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
    /// The values of a text column in a batch, and its nulls.
    pub(super) fn texts<'t>(&mut self, texts: impl Iterator<Item = Option<&'t [u8]>>) {
        let nulls = &mut self.nulls;
        self.texts.extend(texts.inspect(|text| *nulls += u64::from(text.is_none())).flatten());
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<(), Error> {
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
        match (&mut self.sketches, other.sketches) {
            (Some(sketches), Some(others)) => sketches.merge(&others),
            (sketches, others) => {
                *sketches = sketches.take().or(others);
                Ok(())
            }
        }
    }

    /// Merges sketches that are bytes yet.
    pub(super) fn merge_sketches(&mut self, bytes: &SketchBytes) -> Result<(), Error> {
        match &mut self.sketches {
            Some(sketches) => sketches.merge_bytes(bytes),
            none => none.insert(Sketches::like(bytes)?).merge_bytes(bytes),
        }
    }

    pub(super) fn report(&self, schema: &SchemaColumn) -> Result<ColumnReport, Error> {
        let column_type = schema.column_type.unwrap_or(ColumnType::String);
        let mut report = ColumnReport {
            name: schema.name.clone(),
            column_type,
            origin: match schema.source {
                TypeSource::Declared(_) => TypeOrigin::Declared,
                TypeSource::Inferred(..) if schema.column_type.is_some() => TypeOrigin::Inferred,
                TypeSource::Inferred(..) | TypeSource::Text => TypeOrigin::Text,
            },
            sampled: BTreeMap::new(),
            widened: None,
            count: 0,
            nulls: self.nulls,
            invalid: self.invalid,
            min: None,
            max: None,
            sum: None,
            mean: None,
            stddev: None,
            null_share: 0.0,
            lengths: None,
            estimates: None,
        };
        match column_type {
            ColumnType::Int64 => {
                extremes(&mut report, &self.integers.extent, |value| integer(*value));
                if let (Some(sum), Some(found)) = (self.integers.sum(), self.integers.moments()) {
                    moments(&mut report, Some(integer(sum)), found, 1.0);
                }
            }
            ColumnType::Float64 => {
                let numbers = &self.floats;
                extremes(&mut report, &numbers.extent, |value| Figure::Float(*value));
                let found = numbers.moments();
                moments(&mut report, float(found.0.value()), found, 1.0);
            }
            ColumnType::Decimal { scale, .. } => {
                let text = |value: i128| Figure::Text(decimal_text(value, scale));
                extremes(&mut report, &self.decimals.extent, |value| text(*value));
                if let (Some(sum), Some(found)) = (self.decimals.sum(), self.decimals.moments()) {
                    moments(&mut report, Some(text(sum)), found, 10f64.powi(scale.into()));
                }
            }
            ColumnType::Boolean => {
                let Booleans { count, trues } = self.booleans;
                let extremes_found = (count > 0).then_some((trues == count, trues > 0));
                extremes(&mut report, &MinMax { count, extremes: extremes_found }, |value| Figure::Boolean(*value));
                // As 0 and 1; the square of 1 is 1.
                let sum = Sum::of_integer(trues.into());
                moments(&mut report, Some(integer(trues.into())), (sum, sum.variance(sum, count)), 1.0);
            }
            ColumnType::Date => extremes(&mut report, &self.dates, |days| Figure::Text(date_text(*days))),
            ColumnType::Timestamp => {
                extremes(&mut report, &self.timestamps, |moment| Figure::Text(timestamp_text(*moment)));
            }
            ColumnType::String => {
                let TextExtent { count, extremes: found, characters: (min, max, all) } = self.texts.clone();
                extremes(&mut report, &MinMax { count, extremes: found }, |text| Figure::Text(text.clone()));
                report.lengths = (count > 0).then(|| Lengths { min, max, mean: all as f64 / count as f64 });
            }
        }
        report.null_share = self.nulls as f64 / (self.nulls + report.count).max(1) as f64;
        if let Some(sketches) = self.sketches.as_ref().filter(|_| report.count > 0) {
            report.estimates = Some(self.estimates(sketches, column_type, report.count)?);
        }
        Ok(report)
    }

    /// Summarises the sketches of a column of this type.
    fn estimates(&self, sketches: &Sketches, column_type: ColumnType, count: u64) -> Result<SketchSummary, Error> {
        let mut estimates = SketchSummary {
            distinct: sketches.distinct.estimate(count)?,
            quantiles: Vec::new(),
            rank_error: None,
            histogram: Vec::new(),
            frequent: sketches.most_frequent(),
        };
        match column_type {
            ColumnType::Int64 => {
                let extent = self.integers.as_floats().extent;
                distribution(&mut estimates, &sketches.numbers, &extent, true, |value| Figure::Integer(value as i64));
            }
            ColumnType::Float64 => {
                let numbers = &self.floats;
                distribution(&mut estimates, &sketches.numbers, &numbers.extent, false, Figure::Float);
            }
            ColumnType::Decimal { scale, .. } => {
                let unit = 10f64.powi(scale.into());
                let MinMax { count, extremes } = self.decimals.as_floats().extent;
                let extremes = extremes.map(|(min, max)| (min / unit, max / unit));
                distribution(&mut estimates, &sketches.numbers, &MinMax { count, extremes }, false, Figure::Float);
            }
            ColumnType::Date => {
                let extent = as_floats(&self.dates, f64::from);
                let figure = |days: f64| Figure::Text(date_text(days as i32));
                distribution(&mut estimates, &sketches.dates, &extent, true, figure);
            }
            ColumnType::Timestamp => {
                let extent = as_floats(&self.timestamps, |value| value as f64);
                let figure = |microseconds: f64| Figure::Text(timestamp_text(microseconds as i64));
                distribution(&mut estimates, &sketches.timestamps, &extent, true, figure);
            }
            ColumnType::Boolean | ColumnType::String => {}
        }
        Ok(estimates)
    }
}

fn as_floats<T: Copy>(extent: &MinMax<T>, float: impl Fn(T) -> f64) -> MinMax<f64> {
    MinMax { count: extent.count, extremes: extent.extremes.map(|(min, max)| (float(min), float(max))) }
}

/// Quantiles and bins of values that can be ordered; `whole` ones are integers.
fn distribution(
    estimates: &mut SketchSummary,
    values: &Quantiles,
    extent: &MinMax<f64>,
    whole: bool,
    figure: impl Fn(f64) -> Figure,
) {
    let Some((min, max)) = extent.extremes else { return };
    estimates.rank_error = Some(values.rank_error());
    let found = RANKS.iter().zip(values.at(&RANKS));
    estimates.quantiles = found.map(|(rank, value)| Quantile { rank: *rank, value: figure(value) }).collect();
    let bins = histogram(values, min, max, whole, extent.count).into_iter();
    estimates.histogram = bins.map(|(from, to, count)| Bin { from: figure(from), to: figure(to), count }).collect();
}

fn extremes<T>(report: &mut ColumnReport, extent: &MinMax<T>, figure: impl Fn(&T) -> Figure) {
    report.count = extent.count;
    if let Some((min, max)) = &extent.extremes {
        report.min = Some(figure(min));
        report.max = Some(figure(max));
    }
}

/// Sum, mean and standard deviation, from a sum and a variance. The numbers divided by `unit` are the
/// values.
fn moments(report: &mut ColumnReport, figure: Option<Figure>, (sum, variance): (Sum, Option<f64>), unit: f64) {
    if report.count == 0 {
        return;
    }
    report.sum = figure;
    report.mean = Some(sum.value() / report.count as f64 / unit).filter(|mean| mean.is_finite());
    report.stddev = variance.map(|variance| variance.sqrt() / unit);
}

fn integer(value: i128) -> Figure {
    i64::try_from(value).map_or(Figure::Float(value as f64), Figure::Integer)
}

fn float(value: f64) -> Option<Figure> {
    value.is_finite().then_some(Figure::Float(value))
}

#[cfg(test)]
mod tests;
