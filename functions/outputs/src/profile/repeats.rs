//! A bound on how often any value of a batch comes, from a few bits of each value's hash.

/// Counters, each for the values whose hashes agree in 14 bits.
const COUNTERS: usize = 1 << 14;

/// Rows of a batch from which on a bound is worth having.
const FEWEST_ROWS: usize = 128;

/// An upper bound of the count of each value of a batch, without the values: the highest of many counters that
/// values share. It is found in a tenth of the time in which values are counted.
pub(super) struct Repeats {
    counters: Box<[u8; COUNTERS]>,
    most: u8,
}

impl Default for Repeats {
    fn default() -> Self {
        Self { counters: Box::new([0; COUNTERS]), most: 0 }
    }
}

impl Repeats {
    /// Forgets the batch before.
    pub(super) fn start(&mut self) {
        self.counters.fill(0);
        self.most = 0;
    }

    /// Adds a value, by its bits or a hash of them.
    #[inline(always)]
    pub(super) fn add(&mut self, bits: u64) {
        // Multiplicative hashing (Knuth): the upper bits depend on all bits.
        let index = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - COUNTERS.trailing_zeros());
        let counter = &mut self.counters[index as usize];
        *counter = counter.saturating_add(1);
        self.most = self.most.max(*counter);
    }

    /// Returns the bound; `None` where it is too high for a batch of so many rows.
    pub(super) fn most(&self, rows: usize) -> Option<u64> {
        Some(u64::from(self.most)).filter(|most| *most <= limit(rows))
    }
}

/// The count up to which all values of a batch are rare: what isn't counted of them adds at most 2 % to the error
/// of the counts in small batches, and 0.3 % in those of thousands of rows.
pub(super) fn limit(rows: usize) -> u64 {
    if rows < FEWEST_ROWS { 0 } else { (2 + rows as u64 / 512).min(u64::from(u8::MAX) - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        let table: [(&str, Vec<u64>, Option<u64>); 6] = [
            ("nothing", vec![], Some(0)),
            ("few rows", vec![1, 2, 3], None),
            ("one value too often", (0..4000).chain([7; 20]).collect(), None),
            ("one value more than 255 times", vec![7; 100_000], None),
            ("a few bits that differ", (0..4000).map(|n| n << 52).collect(), Some(9)),
            ("distinct doubles", (0..4000).map(|n| (f64::from(n) / 7.0).to_bits()).collect(), Some(9)),
        ];
        let mut repeats = Repeats::default();
        for (case, values, highest) in table {
            repeats.start();
            values.iter().for_each(|bits| repeats.add(*bits));
            let found = repeats.most(values.len());
            assert_eq!(found.is_some(), highest.is_some(), "{case}: {found:?}");
            assert!(found <= highest, "{case}: {found:?}");
        }
        repeats.start();
        (0..200).chain([7, 7]).for_each(|bits| repeats.add(bits));
        assert_eq!(repeats.most.max(3), repeats.most, "a value that comes three times");
    }
}
