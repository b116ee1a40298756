//! The number of distinct values: a HyperLogLog sketch that is asked only for values that may change it.

use datasketches::error::Error;
use datasketches::hash::value::{canonical_float, raw_bytes};
use datasketches::hll::{HllSketch, HllType, HllUnion};
use fanout_core::message::Distinct;

/// A HyperLogLog sketch. It leaves out the empty text, as other libraries do.
#[derive(Debug, Clone)]
pub(super) struct DistinctValues {
    union: HllUnion,
    registers: u8,
    /// The highest rank that each register of the sketch has got from here: a value that ranks no higher there
    /// changes nothing.
    ranks: Vec<u8>,
    /// Number of values that raised one of them.
    raised: usize,
}

impl DistinctValues {
    /// A sketch of 2^`registers` registers.
    pub(super) fn new(registers: u8) -> Result<Self, Error> {
        Ok(Self { union: HllUnion::new(registers)?, registers, ranks: vec![0; 1 << registers], raised: 0 })
    }

    #[inline]
    pub(super) fn integer(&mut self, value: i64) {
        if self.may_change(value as u64) {
            self.union.update_value(value);
        }
    }

    #[inline]
    pub(super) fn float(&mut self, value: f64) {
        // Zero has no sign in the sketch.
        if self.may_change((value + 0.0).to_bits()) {
            self.union.update_value(canonical_float::from_f64(value));
        }
    }

    #[inline]
    pub(super) fn text(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.union.update_value(raw_bytes::from_slice(text));
        }
    }

    /// Tells whether a value of these bits may change the sketch.
    #[inline(always)]
    fn may_change(&mut self, bits: u64) -> bool {
        let (low, high) = murmur(bits);
        let rank = high.leading_zeros().min(62) as u8 + 1;
        let slot = low as usize & (self.ranks.len() - 1);
        if rank <= self.ranks[slot] {
            // With fewer values the sketch is a list of them, which tells more of them apart.
            return self.raised < self.ranks.len() / 8;
        }
        self.ranks[slot] = rank;
        self.raised += 1;
        true
    }

    pub(super) fn merge(&mut self, other: &HllSketch) {
        self.union.update(other);
    }

    pub(super) fn to_sketch(&self, hll_type: HllType) -> HllSketch {
        self.union.to_sketch(hll_type)
    }

    /// Estimates how many of `count` values are distinct, with the bounds of 95 %: the estimate depends on the
    /// values alone, not on how they were cut into chunks.
    pub(super) fn estimate(&self, count: u64) -> Distinct {
        let estimate = self.union.composite_estimate();
        let error = 2.0 * 1.04 / 2f64.powi(self.registers.into()).sqrt();
        let bound = |factor: f64| ((estimate * factor).round() as u64).min(count);
        Distinct { estimate: bound(1.0), lower: bound(1.0 - error), upper: bound(1.0 + error) }
    }
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
    fn values_that_are_left_out_change_nothing() {
        for registers in [9, 12] {
            let mut distinct = DistinctValues::new(registers).unwrap();
            let mut all = HllUnion::new(registers).unwrap();
            for n in 0..60_000i64 {
                let (integer, float) = (n.wrapping_mul(n), if n % 100 == 0 { -0.0 } else { n as f64 / 7.0 });
                distinct.integer(integer);
                distinct.float(float);
                all.update_value(integer);
                all.update_value(canonical_float::from_f64(float));
                if n < 2000 && n % 7 == 0 || n % 10_000 == 9_999 {
                    let bytes = [distinct.to_sketch(HllType::Hll8), all.to_sketch(HllType::Hll8)];
                    let [found, expected] = bytes.map(|sketch| sketch.serialize());
                    assert!(found == expected, "{n} values, 2^{registers} registers");
                }
            }
            let spared = distinct.raised as f64 / 120_000.0;
            assert!(spared < 0.4, "{spared} of the values are asked for");
        }
    }
}
