use std::str::from_utf8;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use datasketches::common::SearchCriteria;
use datasketches::error::Error;
use datasketches::frequencies::{ErrorType, FrequentItemsSketch};
use datasketches::hash::value::{canonical_float, raw_bytes};
use datasketches::hll::{HllSketch, HllType, HllUnion};
use datasketches::kll::{KllFloat, KllSketch};
use fanout_core::message::{Distinct, Frequent};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::extent::shown;

/// Most frequent values that the report shows.
const SHOWN_VALUES: usize = 10;

/// How large the sketches of one column are: larger ones are more exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Registers of the HyperLogLog sketch, as a power of two.
    registers: u8,
    /// The k of the KLL sketch.
    k: u16,
    /// Slots for frequent values.
    values: usize,
}

impl Sizes {
    /// Sizes for each of so many columns, so that what a chunk leaves stays below about 2 MB; `None`
    /// where there are too many for any sketch.
    pub(super) fn of(columns: usize) -> Option<Self> {
        match columns {
            0..=100 => Some(Self { registers: 12, k: 200, values: 128 }),
            101..=1000 => Some(Self { registers: 9, k: 64, values: 16 }),
            _ => None,
        }
    }
}

/// The sketches of one column (Apache DataSketches): mergeable, of bounded size, in the form that
/// its libraries for Java, C++, Python, Spark and Postgres read.
#[derive(Debug, Clone)]
pub(super) struct Sketches {
    sizes: Sizes,
    /// HyperLogLog: of integers, booleans (0 and 1), dates (days) and timestamps (microseconds) the
    /// 64-bit integer, of floats the double, of everything else the text. As other libraries do, it
    /// leaves out the empty text.
    distinct: HllUnion,
    /// Frequent items: texts as they stand, cut to 64 characters.
    frequent: FrequentItemsSketch<String>,
    /// KLL of numbers.
    pub(super) numbers: Quantiles,
    /// KLL of days since 1970-01-01.
    pub(super) dates: Quantiles,
    /// KLL of microseconds since 1970-01-01T00:00:00Z.
    pub(super) timestamps: Quantiles,
}

impl Sketches {
    pub(super) fn new(sizes: Sizes) -> Result<Self, Error> {
        let quantiles = || KllSketch::new(sizes.k).map(Quantiles);
        Ok(Self {
            sizes,
            distinct: HllUnion::new(sizes.registers)?,
            frequent: FrequentItemsSketch::new(sizes.values)?,
            numbers: quantiles()?,
            dates: quantiles()?,
            timestamps: quantiles()?,
        })
    }

    /// One value whose distinctness is that of a 64-bit integer.
    #[inline]
    pub(super) fn integer(&mut self, value: i64) {
        self.distinct.update_value(value);
    }

    #[inline]
    pub(super) fn float(&mut self, value: f64) {
        self.distinct.update_value(canonical_float::from_f64(value));
    }

    #[inline]
    pub(super) fn text(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.distinct.update_value(raw_bytes::from_slice(text));
        }
    }

    /// One value's text as it stands.
    #[inline]
    pub(super) fn frequent(&mut self, text: &[u8]) {
        match from_utf8(text) {
            Ok(text) if text.len() <= 64 => self.frequent.update_ref(text),
            _ => self.frequent.update(shown(text)),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.distinct.update(&other.distinct.to_sketch(HllType::Hll8));
        self.frequent.merge(&other.frequent);
        self.numbers.0.merge(&other.numbers.0)?;
        self.dates.0.merge(&other.dates.0)?;
        self.timestamps.0.merge(&other.timestamps.0)
    }

    /// How many of `count` values are distinct, with the bounds of 95 %: the estimate depends on the
    /// values alone, not on how they were cut into chunks.
    pub(super) fn distinct(&self, count: u64) -> Distinct {
        let estimate = self.distinct.composite_estimate();
        let error = 2.0 * 1.04 / 2f64.powi(self.sizes.registers.into()).sqrt();
        let bound = |factor: f64| ((estimate * factor).round() as u64).min(count);
        Distinct { estimate: bound(1.0), lower: bound(1.0 - error), upper: bound(1.0 + error) }
    }

    /// The values that are certainly among the most frequent, most frequent first.
    pub(super) fn most_frequent(&self) -> Vec<Frequent> {
        let mut rows = self.frequent.frequent_items(ErrorType::NoFalsePositives);
        rows.sort_by(|a, b| b.estimate().cmp(&a.estimate()).then_with(|| a.item().cmp(b.item())));
        let value = |row: &datasketches::frequencies::Row<String>| Frequent {
            value: row.item().clone(),
            at_least: row.lower_bound(),
            at_most: row.upper_bound(),
        };
        rows.iter().take(SHOWN_VALUES).map(value).collect()
    }

    /// The sketches by name, as bytes in base64.
    fn stored(&self) -> Stored {
        let quantiles = |sketch: &Quantiles| (!sketch.0.is_empty()).then(|| STANDARD.encode(sketch.0.serialize()));
        Stored {
            sizes: (self.sizes.registers, self.sizes.k, self.sizes.values),
            hll: STANDARD.encode(self.distinct.to_sketch(HllType::Hll4).serialize()),
            frequent_strings: STANDARD.encode(self.frequent.serialize()),
            kll_numbers: quantiles(&self.numbers),
            kll_dates: quantiles(&self.dates),
            kll_timestamps: quantiles(&self.timestamps),
        }
    }

    fn read(stored: &Stored) -> Result<Self, String> {
        let bytes = |text: &str| STANDARD.decode(text).map_err(|error| error.to_string());
        let fail = |error: Error| error.to_string();
        let (registers, k, values) = stored.sizes;
        let mut sketches = Self::new(Sizes { registers, k, values }).map_err(fail)?;
        sketches.distinct.update(&HllSketch::deserialize(&bytes(&stored.hll)?).map_err(fail)?);
        sketches.frequent = FrequentItemsSketch::deserialize(&bytes(&stored.frequent_strings)?).map_err(fail)?;
        for (sketch, stored) in [
            (&mut sketches.numbers, &stored.kll_numbers),
            (&mut sketches.dates, &stored.kll_dates),
            (&mut sketches.timestamps, &stored.kll_timestamps),
        ] {
            if let Some(text) = stored {
                sketch.0 = KllSketch::deserialize(&bytes(text)?).map_err(fail)?;
            }
        }
        Ok(sketches)
    }
}

/// The sketches of a column as they are written: the bytes of each in base64.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    sizes: (u8, u16, usize),
    /// HyperLogLog, of type HLL_4.
    hll: String,
    /// Frequent items that are strings.
    frequent_strings: String,
    /// KLL of doubles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kll_numbers: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kll_dates: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kll_timestamps: Option<String>,
}

impl Serialize for Sketches {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.stored().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sketches {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Stored::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A KLL sketch of doubles. It flips coins: its answers differ from run to run, within its error.
#[derive(Debug, Clone)]
pub(super) struct Quantiles(KllSketch<KllFloat<f64>>);

impl Quantiles {
    #[inline]
    pub(super) fn update(&mut self, value: f64) {
        // Values are finite: a NaN can't come.
        if let Ok(value) = KllFloat::<f64>::new(value) {
            self.0.update(value);
        }
    }

    /// How far from the true one the rank of a quantile is, with a confidence of 99 %.
    pub(super) fn rank_error(&self) -> f64 {
        self.0.normalized_rank_error()
    }

    /// The values at these ranks (0 to 1); none where there is no value.
    pub(super) fn at(&self, ranks: &[f64]) -> Vec<f64> {
        let found = self.0.quantiles(ranks, SearchCriteria::Inclusive).ok().flatten();
        found.unwrap_or_default().into_iter().map(KllFloat::into_inner).collect()
    }

    /// How many values lie below each of these places, which ascend.
    pub(super) fn below(&self, places: &[f64]) -> Vec<u64> {
        let places: Option<Vec<_>> = places.iter().map(|place| KllFloat::<f64>::new(*place).ok()).collect();
        let shares = places.and_then(|places| self.0.cdf(&places, SearchCriteria::Exclusive).ok().flatten());
        let count = self.0.n() as f64;
        let mut below: Vec<u64> =
            shares.unwrap_or_default().into_iter().map(|share| (share * count).round() as u64).collect();
        // The last share is that of all values.
        below.pop();
        below
    }
}
