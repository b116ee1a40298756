//! The sketches of one column: distinct values, frequent values and quantiles. Their size is bounded.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use datasketches::error::Error;
use datasketches::frequencies::{ErrorType, FrequentItemsSketch};
use datasketches::hll::{HllSketch, HllType};
use fanout_core::message::Frequent;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::counts::Counts;
use super::distinct_values::DistinctValues;
use super::min_max::LONGEST_SHOWN;
use super::quantiles::Quantiles;

/// Most frequent values that the report shows.
const SHOWN_VALUES: usize = 10;

/// The first 64 characters of a text in UTF-8.
#[inline]
pub(super) fn cut(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if text.len() <= LONGEST_SHOWN {
        return text;
    }
    let starts = |(_, byte): &(usize, &u8)| **byte as i8 >= -0x40;
    let end = text.iter().enumerate().filter(starts).nth(LONGEST_SHOWN).map(|(at, _)| at);
    match (end, text) {
        (None, text) => text,
        (Some(end), Cow::Borrowed(text)) => Cow::Borrowed(&text[..end]),
        (Some(end), Cow::Owned(mut text)) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}

/// The sizes of one column's sketches: larger ones are more exact.
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
    /// Sizes for each of so many columns, so that the partial of a chunk stays below about 2 MB; `None`
    /// where there are too many columns for any sketch.
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
    /// HyperLogLog. It takes integers, booleans (0 and 1), dates (days) and timestamps (microseconds) as
    /// 64-bit integers, floats as doubles, and all other values as texts.
    pub(super) distinct: DistinctValues,
    /// Frequent items: texts as they stand, each [`cut`].
    frequent: FrequentItemsSketch<String>,
    /// KLL of numbers.
    pub(super) numbers: Quantiles,
    /// KLL of days since 1970-01-01.
    pub(super) dates: Quantiles,
    /// KLL of microseconds since 1970-01-01T00:00:00Z.
    pub(super) timestamps: Quantiles,
    /// Tells whether no value of the batch that was counted last came more than a few times.
    pub(super) are_rare: bool,
}

impl Sketches {
    pub(super) fn new(sizes: Sizes) -> Result<Self, Error> {
        let quantiles = || Quantiles::new(sizes.k);
        Ok(Self {
            sizes,
            distinct: DistinctValues::new(sizes.registers)?,
            frequent: FrequentItemsSketch::new(sizes.values)?,
            numbers: quantiles()?,
            dates: quantiles()?,
            timestamps: quantiles()?,
            are_rare: false,
        })
    }

    /// The values of a batch, counted, each [`cut`]. Where they are more than the sketch has room for,
    /// all counts are lowered by that of the first value without room, and the sketch's error grows by
    /// as much: at most the batch's rows divided by the room (Agarwal et al., "Mergeable Summaries",
    /// 2012). So values that are rare in a batch cost no update.
    pub(super) fn frequent<'v>(
        &mut self,
        values: &mut Counts,
        value: impl Fn(usize) -> Cow<'v, [u8]>,
    ) -> Result<(), Error> {
        let less = values.count_at(self.frequent.maximum_map_capacity());
        let mut forgotten = 0;
        for found in values.found() {
            let count = found.count.saturating_sub(less);
            forgotten += found.count - count;
            if count > 0 {
                self.frequent.update_with_count_ref(&*String::from_utf8_lossy(&value(found.row)), count);
            }
        }
        // Other libraries take a sketch without an item for one that has seen nothing.
        if let Some(first) = values.found().first().filter(|_| less > 0 && self.frequent.num_active_items() == 0) {
            let kept = first.count.min(less);
            forgotten -= kept;
            self.frequent.update_with_count_ref(&*String::from_utf8_lossy(&value(first.row)), kept);
        }
        if forgotten > 0 {
            self.frequent.merge(&without_items(forgotten, less)?);
        }
        Ok(())
    }

    /// Values of a batch that weren't counted: `count` in all, and none of them more than `most` times. The
    /// error of the counts grows by as much.
    pub(super) fn rare(&mut self, count: u64, most: u64) -> Result<(), Error> {
        if count > 0 {
            self.frequent.merge(&without_items(count, most)?);
        }
        Ok(())
    }

    /// The sketches as bytes.
    pub(super) fn to_bytes(&self) -> Result<SketchBytes, Error> {
        let quantiles = |sketch: &Quantiles| if sketch.is_empty() { Vec::new() } else { sketch.serialize() };
        Ok(SketchBytes {
            sizes: [self.sizes.registers.into(), self.sizes.k.into(), self.sizes.values as u32],
            kinds: [
                // A byte a register merges in half the time, and is compressed to as much.
                self.distinct.to_sketch(HllType::Hll8)?.serialize(),
                self.frequent.serialize(),
                quantiles(&self.numbers),
                quantiles(&self.dates),
                quantiles(&self.timestamps),
            ],
        })
    }

    /// Fresh sketches of the sizes that these have.
    pub(super) fn like(bytes: &SketchBytes) -> Result<Self, Error> {
        let [registers, k, values] = bytes.sizes;
        Self::new(Sizes { registers: registers as u8, k: k as u16, values: values as usize })
    }

    /// Merges sketches that are bytes yet.
    pub(super) fn merge_bytes(&mut self, bytes: &SketchBytes) -> Result<(), Error> {
        let [hll, frequent, numbers, dates, timestamps] = &bytes.kinds;
        self.distinct.merge(&HllSketch::deserialize(hll)?);
        self.frequent.merge(&FrequentItemsSketch::deserialize(frequent)?);
        let all = [(&mut self.numbers, numbers), (&mut self.dates, dates), (&mut self.timestamps, timestamps)];
        for (sketch, bytes) in all.into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
            sketch.merge(&Quantiles::deserialize(bytes)?)?;
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.distinct.merge(&other.distinct.to_sketch(HllType::Hll8)?);
        self.frequent.merge(&other.frequent);
        self.numbers.merge(&other.numbers)?;
        self.dates.merge(&other.dates)?;
        self.timestamps.merge(&other.timestamps)
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
    fn stored(&self) -> Result<Stored, Error> {
        let quantiles = |sketch: &Quantiles| (!sketch.is_empty()).then(|| STANDARD.encode(sketch.serialize()));
        Ok(Stored {
            sizes: (self.sizes.registers, self.sizes.k, self.sizes.values),
            hll: STANDARD.encode(self.distinct.to_sketch(HllType::Hll4)?.serialize()),
            frequent_strings: STANDARD.encode(self.frequent.serialize()),
            kll_numbers: quantiles(&self.numbers),
            kll_dates: quantiles(&self.dates),
            kll_timestamps: quantiles(&self.timestamps),
        })
    }

    fn read(stored: &Stored) -> Result<Self, String> {
        let bytes = |text: &str| STANDARD.decode(text).map_err(|error| error.to_string());
        let fail = |error: Error| error.to_string();
        let (registers, k, values) = stored.sizes;
        let mut sketches = Self::new(Sizes { registers, k, values }).map_err(fail)?;
        sketches.distinct.merge(&HllSketch::deserialize(&bytes(&stored.hll)?).map_err(fail)?);
        sketches.frequent = FrequentItemsSketch::deserialize(&bytes(&stored.frequent_strings)?).map_err(fail)?;
        for (sketch, stored) in [
            (&mut sketches.numbers, &stored.kll_numbers),
            (&mut sketches.dates, &stored.kll_dates),
            (&mut sketches.timestamps, &stored.kll_timestamps),
        ] {
            if let Some(text) = stored {
                *sketch = Quantiles::deserialize(&bytes(text)?).map_err(fail)?;
            }
        }
        Ok(sketches)
    }
}

/// A sketch of frequent items that has counted `weight` and kept none of it, so that each count is
/// `error` less than it may be. The crate has no constructor for it: these are the bytes of its form
/// (<https://datasketches.apache.org>, FrequentItems: preamble of four longs).
fn without_items(weight: u64, error: u64) -> Result<FrequentItemsSketch<String>, Error> {
    let preamble = [4, 1, 10, 3, 3, 0, 0, 0];
    let bytes = [preamble, [0; 8], weight.to_le_bytes(), error.to_le_bytes()].concat();
    FrequentItemsSketch::deserialize(&bytes)
}

/// The sketches of a column as bytes, each in the form of Apache DataSketches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SketchBytes {
    /// Registers, k and slots: see [`Sizes`].
    pub(super) sizes: [u32; 3],
    /// HyperLogLog, frequent items, quantiles of numbers, dates and timestamps; empty where there is none.
    pub(super) kinds: [Vec<u8>; 5],
}

/// The sketches of a column as a run's file has them, and as partials had them once: the bytes of each in base64.
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
        self.stored().map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sketches {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Stored::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Feeds texts in batches of so many.
    fn sketched(texts: &[String], batch: usize) -> Sketches {
        let mut sketches = Sketches::new(Sizes::of(1).unwrap()).unwrap();
        let mut counts = Counts::default();
        for texts in texts.chunks(batch) {
            let value = |row: usize| cut(Cow::Borrowed(texts[row].as_bytes()));
            counts.count(0..texts.len(), value);
            sketches.frequent(&mut counts, value).unwrap();
        }
        sketches
    }

    #[test]
    fn frequent_values_are_as_often_as_is_said() {
        fastrand::seed(20261125);
        // Half of the values are there once; of the others each is rarer than the one before it.
        let texts: Vec<String> = (0..40_000)
            .map(|n| if n % 2 == 0 { format!("once {n}") } else { format!("value {}", (1.0 / fastrand::f64()) as u32) })
            .collect();
        let mut truth = HashMap::new();
        texts.iter().for_each(|text| *truth.entry(text.as_str()).or_insert(0u64) += 1);
        for batch in [1, 7, 500, 4000, 40_000] {
            let sketches = sketched(&texts, batch);
            let mut merged = sketched(&texts[..999], batch);
            merged.merge(&sketched(&texts[999..], batch)).unwrap();
            for (case, sketches) in [("at once", sketches.clone()), ("merged", merged)] {
                let read = Sketches::read(&sketches.stored().unwrap()).unwrap();
                assert_eq!(read.frequent.total_weight(), 40_000, "{case}, batches of {batch}");
                let error = read.frequent.maximum_error();
                assert!(error <= 40_000 * 35 / 1280, "{case}, batches of {batch}: {error}");
                let found = sketches.most_frequent();
                assert_eq!(found[0].value, "value 1", "{case}, batches of {batch}");
                for Frequent { value, at_least, at_most } in found {
                    let true_count = truth[value.as_str()];
                    assert!(
                        at_least <= true_count && true_count <= at_most,
                        "{case}, batches of {batch}: {value}: {at_least} to {at_most}, is {true_count}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_sketch_of_rare_values_has_an_item() {
        for rows in [97, 500, 40_000] {
            let texts: Vec<String> = (0..rows).map(|n| format!("once {n}")).collect();
            let sketches = sketched(&texts, rows);
            assert_eq!(sketches.frequent.total_weight(), rows as u64);
            assert_eq!((sketches.frequent.num_active_items(), sketches.frequent.maximum_error()), (1, 1), "{rows}");
            assert!(sketches.most_frequent().is_empty(), "it may be as rare as any other");
        }
    }

    #[test]
    fn texts_are_cut_at_characters() {
        let (short, long) = ("ä".repeat(64), "ä".repeat(65));
        assert_eq!(cut(Cow::Borrowed(short.as_bytes())), short.as_bytes());
        assert_eq!(cut(Cow::Borrowed(long.as_bytes())), short.as_bytes());
        assert_eq!(cut(Cow::Owned(long.into_bytes())), short.as_bytes());
    }
}
