//! The number of distinct values: a HyperLogLog sketch whose registers are found beside it.

use std::borrow::Cow;
use std::ops::Range;

use datasketches::error::Error;
use datasketches::hash::value::{canonical_float, raw_bytes};
use datasketches::hll::{HllSketch, HllType, HllUnion};
use fanout_core::message::Distinct;

/// A HyperLogLog sketch. It leaves out the empty text, as other libraries do.
///
/// The ranks of numbers are kept here, and become the sketch's where it is read: a rank that rises there changes its
/// estimate too, and in a chunk most of them do so a few times.
#[derive(Debug, Clone)]
pub(super) struct DistinctValues {
    /// The sketch, but for `ranks`.
    union: HllUnion,
    registers: u8,
    /// The highest rank of a number in each register.
    ranks: Vec<u8>,
    /// Numbers that raised one of them.
    raised: usize,
}

impl DistinctValues {
    /// A sketch of 2^`registers` registers.
    pub(super) fn new(registers: u8) -> Result<Self, Error> {
        Ok(Self { union: HllUnion::new(registers)?, registers, ranks: vec![0; 1 << registers], raised: 0 })
    }

    #[inline]
    pub(super) fn integer(&mut self, value: i64) {
        if self.is_early(value as u64) {
            self.union.update_value(value);
        }
    }

    #[inline]
    pub(super) fn float(&mut self, value: f64) {
        // Zero has no sign in the sketch.
        if self.is_early((value + 0.0).to_bits()) {
            self.union.update_value(canonical_float::from_f64(value));
        }
    }

    #[inline]
    pub(super) fn text(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.union.update_value(raw_bytes::from_slice(text));
        }
    }

    /// Takes the rank of a number of these bits. Tells whether there are so few that the sketch is a list of them, which
    /// tells more of them apart.
    #[inline(always)]
    fn is_early(&mut self, bits: u64) -> bool {
        let (low, high) = murmur(bits);
        let rank = high.leading_zeros().min(62) as u8 + 1;
        let slot = low as usize & (self.ranks.len() - 1);
        // Without a branch: in the beginning of a chunk ranks rise at random.
        let before = self.ranks[slot];
        self.ranks[slot] = before.max(rank);
        self.raised += usize::from(rank > before);
        self.has_few()
    }

    fn has_few(&self) -> bool {
        self.raised <= self.ranks.len() / 8
    }

    pub(super) fn merge(&mut self, other: &HllSketch) {
        self.union.update(other);
    }

    pub(super) fn to_sketch(&self, hll_type: HllType) -> Result<HllSketch, Error> {
        Ok(self.whole()?.to_sketch(hll_type))
    }

    /// Estimates how many of `count` values are distinct, with the bounds of 95 %: the estimate depends on the
    /// values alone, not on how they were cut into chunks.
    pub(super) fn estimate(&self, count: u64) -> Result<Distinct, Error> {
        let estimate = self.whole()?.composite_estimate();
        let error = 2.0 * 1.04 / 2f64.powi(self.registers.into()).sqrt();
        let bound = |factor: f64| ((estimate * factor).round() as u64).min(count);
        Ok(Distinct { estimate: bound(1.0), lower: bound(1.0 - error), upper: bound(1.0 + error) })
    }

    /// The sketch with all values.
    fn whole(&self) -> Result<Cow<'_, HllUnion>, Error> {
        if self.has_few() {
            return Ok(Cow::Borrowed(&self.union));
        }
        let mut all = self.union.clone();
        all.update(&HllSketch::deserialize(&image(self.registers, &self.ranks))?);
        Ok(Cow::Owned(all))
    }
}

/// A sketch that has these ranks. The crate has no constructor for it: these are the bytes of its form
/// (<https://datasketches.apache.org>, HLL: preamble of ten integers, then a byte for each register).
fn image(registers: u8, ranks: &[u8]) -> Vec<u8> {
    // Values came in no order that is known; an array of registers, each a byte.
    const OUT_OF_ORDER: u8 = 16;
    const ARRAY_OF_BYTES: u8 = 2 | 2 << 2;
    // A rank is 63 at most.
    let mut counts = [0u32; 64];
    ranks.iter().for_each(|rank| counts[usize::from(*rank)] += 1);
    let sum = |ranks: Range<usize>| ranks.map(|rank| f64::from(counts[rank]) * 0.5f64.powi(rank as i32)).sum::<f64>();
    let mut bytes = Vec::with_capacity(40 + ranks.len());
    bytes.extend([10, 1, 7, registers, 0, OUT_OF_ORDER, 0, ARRAY_OF_BYTES]);
    // The estimate of values in order, which there is none of, and two sums.
    [0.0, sum(0..32), sum(32..64)].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    [counts[0], 0].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    bytes.extend(ranks);
    bytes
}

/// The hash of 8 bytes that Apache DataSketches takes: MurmurHash3, x64, 128 bits, seed 9001.
#[inline(always)]
fn murmur(bits: u64) -> (u64, u64) {
    const SEED: u64 = 9001;
    const LENGTH: u64 = 8;
    let mix = |mut k: u64| {
        k = (k ^ (k >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        k = (k ^ (k >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        k ^ (k >> 33)
    };
    let k = bits.wrapping_mul(0x87c3_7b91_1142_53d5).rotate_left(31).wrapping_mul(0x4cf5_ad43_2745_937f);
    let mut low = SEED ^ k ^ LENGTH;
    let mut high = SEED ^ LENGTH;
    low = low.wrapping_add(high);
    high = high.wrapping_add(low);
    (low, high) = (mix(low), mix(high));
    low = low.wrapping_add(high);
    (low, high.wrapping_add(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_beside_the_sketch_change_nothing() {
        // Sketches that have seen something else before are merged into: those forget the order of values.
        let merged = |sketch: &HllSketch| {
            let mut union = HllUnion::new(12).unwrap();
            (0..1000).for_each(|n| union.update_value(n));
            union.update(sketch);
            union.to_sketch(HllType::Hll8).serialize()
        };
        for registers in [9, 12] {
            let mut distinct = DistinctValues::new(registers).unwrap();
            let mut all = HllUnion::new(registers).unwrap();
            for n in 0..60_000i64 {
                let (integer, float) = (n.wrapping_mul(n), if n % 100 == 0 { -0.0 } else { n as f64 / 7.0 });
                distinct.integer(integer);
                distinct.float(float);
                all.update_value(integer);
                all.update_value(canonical_float::from_f64(float));
                if n % 1000 == 0 {
                    distinct.text(format!("{n}").as_bytes());
                    all.update_value(raw_bytes::from_slice(format!("{n}").as_bytes()));
                }
                if n < 2000 && n % 7 == 0 || n % 10_000 == 9_999 {
                    let case = format!("{n} values, 2^{registers} registers");
                    let [found, expected] = [distinct.to_sketch(HllType::Hll8).unwrap(), all.to_sketch(HllType::Hll8)];
                    assert!(merged(&found) == merged(&expected), "{case}");
                    let (found, expected) = (found.composite_estimate(), expected.composite_estimate());
                    assert!((found / expected - 1.0).abs() < 1e-9, "{case}: {found}, {expected}");
                }
            }
        }
    }
}
