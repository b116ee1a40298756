//! Counts of the different values of one batch.

use std::borrow::Cow;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::min_max::LONGEST_SHOWN;

/// The different values of some rows.
#[derive(Default)]
pub(super) struct Counts {
    hasher: DefaultHashBuilder,
    /// Indices of `found`, by the hashes of the values.
    table: HashTable<u32>,
    found: Vec<ValueCount>,
    counts: Vec<u64>,
}

/// One value.
pub(super) struct ValueCount {
    /// The first row that has it.
    pub(super) row: usize,
    /// The number of rows that have it.
    pub(super) count: u64,
    hash: u64,
}

impl Counts {
    /// The hash of a value.
    #[inline]
    pub(super) fn hash(&self, value: &[u8]) -> u64 {
        self.hasher.hash_one(value)
    }

    /// Counts the values of these rows, and forgets earlier ones. Tells whether some may have more
    /// characters than are shown.
    pub(super) fn count<'v>(
        &mut self,
        rows: impl Iterator<Item = usize>,
        value: impl Fn(usize) -> Cow<'v, [u8]>,
    ) -> bool {
        let mut long = false;
        let hasher = self.hasher.clone();
        let hash = |text: &Cow<'v, [u8]>| {
            long |= text.len() > LONGEST_SHOWN;
            hasher.hash_one(&**text)
        };
        self.count_by(rows, value, hash);
        long
    }

    /// Counts the values of these rows, which are told apart by 64 bits, and forgets earlier ones.
    pub(super) fn count_bits(&mut self, rows: impl Iterator<Item = usize>, bits: impl Fn(usize) -> u64) {
        // Both halves of the product: the table takes the upper bits and the lower ones.
        let hash = |bits: &u64| {
            let product = u128::from(*bits ^ 0x243f_6a88_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
            product as u64 ^ (product >> 64) as u64
        };
        self.count_by(rows, bits, hash);
    }

    #[inline(always)]
    fn count_by<V: PartialEq>(
        &mut self,
        rows: impl Iterator<Item = usize>,
        value: impl Fn(usize) -> V,
        mut hash: impl FnMut(&V) -> u64,
    ) {
        self.table.clear();
        self.found.clear();
        for row in rows {
            let this = value(row);
            let hash = hash(&this);
            let found = &mut self.found;
            let same = |index: &u32| {
                let other = &found[*index as usize];
                other.hash == hash && value(other.row) == this
            };
            match self.table.find(hash, same) {
                Some(index) => found[*index as usize].count += 1,
                None => {
                    self.table.insert_unique(hash, found.len() as u32, |index| found[*index as usize].hash);
                    found.push(ValueCount { row, count: 1, hash });
                }
            }
        }
    }

    /// The values, in the order of their first rows.
    pub(super) fn found(&self) -> &[ValueCount] {
        &self.found
    }

    /// Returns the count of the value at the index `values`, the most frequent value first; 0 where there
    /// is none.
    pub(super) fn count_at(&mut self, values: usize) -> u64 {
        if self.found.len() <= values {
            return 0;
        }
        self.counts.clear();
        self.counts.extend(self.found.iter().map(|found| found.count));
        *self.counts.select_nth_unstable_by(values, |a, b| b.cmp(a)).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted() {
        let long = "x".repeat(LONGEST_SHOWN + 1);
        let table: [(&str, Vec<&str>, Vec<(usize, u64)>, bool); 4] = [
            ("nothing", vec![], vec![], false),
            ("one", vec!["a", "a", "a"], vec![(0, 3)], false),
            ("some", vec!["b", "", "a", "b"], vec![(0, 2), (1, 1), (2, 1)], false),
            ("long ones", vec!["a", &long], vec![(0, 1), (1, 1)], true),
        ];
        let mut counts = Counts::default();
        for (case, values, expected, long) in table {
            let value = |row: usize| Cow::Borrowed(values[row].as_bytes());
            assert_eq!(counts.count(0..values.len(), value), long, "{case}");
            let found: Vec<_> = counts.found().iter().map(|found| (found.row, found.count)).collect();
            assert_eq!(found, expected, "{case}");
            counts.count_bits(0..values.len(), |row| values[row].bytes().map(u64::from).sum());
            let found: Vec<_> = counts.found().iter().map(|found| (found.row, found.count)).collect();
            assert_eq!(found, expected, "{case}, by bits");
        }
    }

    #[test]
    fn the_count_behind_the_most_frequent_ones() {
        let mut counts = Counts::default();
        let values = [5u8, 1, 2, 5, 2, 5, 3];
        counts.count(0..values.len(), |row| Cow::Owned(vec![values[row]]));
        let found: Vec<u64> = (0..5).map(|room| counts.count_at(room)).collect();
        assert_eq!(found, [3, 2, 1, 1, 0]);
    }
}
