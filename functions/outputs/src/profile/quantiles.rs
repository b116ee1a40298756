//! Quantiles of numbers: a KLL sketch that is fed in sorted runs. Its error is that of the sketch.

use std::borrow::Cow;

use datasketches::common::SearchCriteria;
use datasketches::error::Error;
use datasketches::kll::{KllFloat, KllSketch};

type Sketch = KllSketch<KllFloat<f64>>;

/// Values of a run for each value of it that the sketch gets.
const WEIGHT: usize = 8;

/// A KLL sketch of doubles. It flips coins: its answers differ from run to run, within its error.
///
/// The sketch takes a value at a time, and sorts a dozen of them at a time. So values are collected
/// here and sorted once; the sketch gets every eighth of them, from a place drawn at random, with
/// the weight of eight. That is a step of KLL itself, which keeps every second value of a sorted
/// level. It misjudges no rank by more than 8 of the run's 4096 values (8 of 1024 in a small sketch),
/// once too high and once too low: against the sketch's own error, 1.3 % (4 %), that is nothing.
#[derive(Debug, Clone)]
pub(super) struct Quantiles {
    sketch: Sketch,
    /// Values that the sketch hasn't got yet, as integers of the same order.
    run: Vec<i64>,
    length: usize,
}

impl Quantiles {
    pub(super) fn new(k: u16) -> Result<Self, Error> {
        Ok(Self::of(KllSketch::new(k)?))
    }

    fn of(sketch: Sketch) -> Self {
        // About 20 times k.
        let length = (usize::from(sketch.k()) * 16).next_power_of_two();
        Self { sketch, run: Vec::new(), length }
    }

    /// One value; a NaN is none.
    #[inline]
    pub(super) fn update(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        self.run.push(ordered(value));
        if self.run.len() == self.length {
            self.end_run();
        }
    }

    pub(super) fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.sketch.merge(&other.ended())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sketch.is_empty() && self.run.is_empty()
    }

    /// The sketch in the form of Apache DataSketches.
    pub(super) fn serialize(&self) -> Vec<u8> {
        self.ended().serialize()
    }

    pub(super) fn deserialize(bytes: &[u8]) -> Result<Self, Error> {
        Ok(Self::of(KllSketch::deserialize(bytes)?))
    }

    /// Returns the error of a quantile's rank, with a confidence of 99 %.
    pub(super) fn rank_error(&self) -> f64 {
        self.sketch.normalized_rank_error()
    }

    /// The values at these ranks (0 to 1); none where there is no value.
    pub(super) fn at(&self, ranks: &[f64]) -> Vec<f64> {
        let found = self.ended().quantiles(ranks, SearchCriteria::Inclusive).ok().flatten();
        found.unwrap_or_default().into_iter().map(KllFloat::into_inner).collect()
    }

    /// Returns the number of values below each of these bounds, which ascend.
    pub(super) fn below(&self, places: &[f64]) -> Vec<u64> {
        let sketch = self.ended();
        let places: Option<Vec<_>> = places.iter().map(|place| KllFloat::<f64>::new(*place).ok()).collect();
        let shares = places.and_then(|places| sketch.cdf(&places, SearchCriteria::Exclusive).ok().flatten());
        let count = sketch.n() as f64;
        let mut below: Vec<u64> =
            shares.unwrap_or_default().into_iter().map(|share| (share * count).round() as u64).collect();
        // The last share is that of all values.
        below.pop();
        below
    }

    /// The sketch with all values.
    fn ended(&self) -> Cow<'_, Sketch> {
        if self.run.is_empty() {
            return Cow::Borrowed(&self.sketch);
        }
        let mut all = self.clone();
        all.end_run();
        Cow::Owned(all.sketch)
    }

    #[cold]
    fn end_run(&mut self) {
        let mut run = std::mem::take(&mut self.run);
        run.sort_unstable();
        // A run that ends early has a smaller weight.
        let level = (run.len() / (self.length / WEIGHT)).checked_ilog2().unwrap_or(0) as usize;
        let weight = 1 << level;
        let (whole, rest) = run.split_at(if level == 0 { 0 } else { run.len() - run.len() % weight });
        let merged = whole.first().zip(whole.last()).map(|(min, max)| {
            let picked = whole.iter().skip(fastrand::usize(..weight)).step_by(weight);
            let image = image(level, [*min, *max], whole.len(), picked.map(|value| float(*value)));
            Sketch::deserialize(&image).and_then(|run| self.sketch.merge(&run))
        });
        let one_by_one = if merged.is_some_and(|merged| merged.is_ok()) { rest } else { &run };
        for value in one_by_one.iter().filter_map(|value| KllFloat::<f64>::new(float(*value)).ok()) {
            self.sketch.update(value);
        }
        run.clear();
        self.run = run;
    }
}

/// An integer that is less than that of another double where the double is.
#[inline(always)]
fn ordered(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// The double of an integer that [`ordered`] made.
#[inline(always)]
fn float(ordered: i64) -> f64 {
    f64::from_bits((ordered ^ ((ordered >> 63) as u64 >> 1) as i64) as u64)
}

/// A sketch of `count` values, of which it has only these, in ascending order, each for 2^level of them. The
/// crate has no constructor for it: these are the bytes of its form (<https://datasketches.apache.org>, KLL:
/// preamble of five integers, offsets of the levels, extremes, items).
fn image(level: usize, extremes: [i64; 2], count: usize, items: impl ExactSizeIterator<Item = f64>) -> Vec<u8> {
    // The largest: a merge keeps the smaller one of two.
    const K: u16 = u16::MAX;
    const M: u8 = 8;
    let capacity: u64 =
        (0..=level as u32).map(|depth| ((u64::from(K) << (depth + 1)) / 3u64.pow(depth)).div_ceil(2)).sum();
    let first = capacity as u32 - items.len() as u32;
    let [low, high] = K.to_le_bytes();
    let mut bytes = Vec::with_capacity(40 + 4 * level + 8 * items.len());
    bytes.extend([5, 1, 15, 0, low, high, M, 0]);
    bytes.extend((count as u64).to_le_bytes());
    bytes.extend([low, high, level as u8 + 1, 0]);
    (0..=level).for_each(|_| bytes.extend(first.to_le_bytes()));
    extremes.into_iter().map(float).chain(items).for_each(|value| bytes.extend(value.to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketched(k: u16, values: impl Iterator<Item = f64>) -> Quantiles {
        let mut quantiles = Quantiles::new(k).unwrap();
        values.for_each(|value| quantiles.update(value));
        quantiles
    }

    #[test]
    fn doubles_keep_their_order_as_integers() {
        let values = [f64::NEG_INFINITY, -1e300, -1.5, -1e-300, -0.0, 0.0, 1e-300, 1.5, 1e300, f64::INFINITY];
        let integers = values.map(ordered);
        assert!(integers.is_sorted(), "{integers:?}");
        assert_eq!(integers.map(float).map(f64::to_bits), values.map(f64::to_bits));
    }

    #[test]
    fn ranks_are_as_close_as_is_said() {
        fastrand::seed(20261126);
        let orders: [(&str, fn(u32, u32) -> u32); 3] = [
            ("ascending", |n, _| n),
            ("descending", |n, count| count - 1 - n),
            ("shuffled", |n, count| (u64::from(n) * 7_919 % u64::from(count)) as u32),
        ];
        for k in [64, 200] {
            for count in [100, 1000, 4096, 5000, 20_003] {
                for (case, order) in orders {
                    let (mut beyond, mut asked) = (0, 0);
                    for _ in 0..20 {
                        let all = sketched(k, (0..count).map(|n| order(n, count).into()));
                        let mut merged = sketched(k, (0..count / 3).map(|n| order(n, count).into()));
                        merged.merge(&sketched(k, (count / 3..count).map(|n| order(n, count).into()))).unwrap();
                        for sketch in [all, merged] {
                            let read = Quantiles::deserialize(&sketch.serialize()).unwrap();
                            assert_eq!(read.ended().n(), u64::from(count), "{case}, {count}, k {k}");
                            assert_eq!(read.at(&[0.0, 1.0]), [0.0, f64::from(count - 1)], "{case}, {count}, k {k}");
                            for rank in [0.01, 0.25, 0.5, 0.75, 0.99] {
                                let place = rank * f64::from(count);
                                let found = read.below(&[place])[0] as f64 / f64::from(count);
                                beyond +=
                                    usize::from((found - rank).abs() > read.rank_error() + 1.0 / f64::from(count));
                                asked += 1;
                            }
                        }
                    }
                    // One in a hundred, and some for chance.
                    assert!(beyond <= asked / 50, "{case}, {count}, k {k}: {beyond} of {asked}");
                }
            }
        }
    }

    #[test]
    fn few_values_are_all_kept() {
        let sketch = sketched(200, [3.0, f64::NAN, 1.0, -0.0, 2.0].into_iter());
        assert_eq!(sketch.at(&[0.0, 0.5, 1.0]), [-0.0, 1.0, 3.0]);
        assert_eq!(sketch.below(&[0.5, 2.0, 9.0]), [1, 2, 4]);
        assert!(!sketch.is_empty() && sketched(200, std::iter::empty()).is_empty());
    }
}
