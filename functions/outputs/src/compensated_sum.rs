//! Sums of doubles with twice their precision. The order of the additions hardly matters.

use serde::{Deserialize, Deserializer, Serialize};

/// A sum of doubles with the rounding errors kept: twice the precision of a double.
///
/// The sum is Sum2 of Ogita, Rump and Oishi (Accurate sum and dot product, 2005): the error of `value`
/// is one rounding plus about n² · 2⁻¹⁰⁶ · Σ|x|. So sums of the same numbers in another order, or
/// in other chunks, agree to the last bit or the one before, unless they cancel almost wholly.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Sum {
    #[serde(deserialize_with = "null_is_nan")]
    high: f64,
    #[serde(deserialize_with = "null_is_nan")]
    low: f64,
}

/// JSON has no NaN: a sum that overflowed is written as null.
fn null_is_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// Sums side by side: the additions of one don't wait for those of another.
const LANES: usize = 4;

impl Sum {
    /// The sum of the values.
    pub(crate) fn of(values: &[f64]) -> Sum {
        Self::in_lanes(values, |sum, value| sum.add(value))
    }

    /// The sum of the values' squared distances from `shift`.
    pub(crate) fn of_squared_distances(values: &[f64], shift: f64) -> Sum {
        Self::in_lanes(values, |sum, value| sum.add_squared_distance(value, shift))
    }

    #[inline(always)]
    fn in_lanes(values: &[f64], add: impl Fn(&mut Sum, f64)) -> Sum {
        let mut sums = [Sum::default(); LANES];
        let (lanes, rest) = values.as_chunks::<LANES>();
        for lane in lanes {
            for (sum, value) in sums.iter_mut().zip(lane) {
                add(sum, *value);
            }
        }
        for (sum, value) in sums.iter_mut().zip(rest) {
            add(sum, *value);
        }
        sums.into_iter().fold(Sum::default(), Sum::plus)
    }

    /// Exactly this integer, if it has at most 106 bits.
    pub(crate) fn of_integer(value: i128) -> Sum {
        let high = value as f64;
        Sum { high, low: value.wrapping_sub(high as i128) as f64 }
    }

    #[inline(always)]
    pub(crate) fn add(&mut self, value: f64) {
        // Knuth's TwoSum: `error` is exactly what the rounded sum lost.
        let sum = self.high + value;
        let back = sum - self.high;
        let error = (self.high - (sum - back)) + (value - back);
        self.high = sum;
        self.low += error;
    }

    /// Adds (value - shift)², without rounding the difference.
    #[inline(always)]
    pub(crate) fn add_squared_distance(&mut self, value: f64, shift: f64) {
        let (distance, rest) = difference(value, shift);
        let (square, error) = product(distance, distance);
        self.add(square);
        self.low += error + 2.0 * distance * rest;
    }

    pub(crate) fn merge(&mut self, other: Sum) {
        self.add(other.high);
        self.low += other.low;
    }

    pub(crate) fn plus(mut self, other: Sum) -> Sum {
        self.merge(other);
        self
    }

    pub(crate) fn times(self, other: Sum) -> Sum {
        let (this, other) = (self.normal(), other.normal());
        let (high, error) = product(this.high, other.high);
        Sum { high, low: error + (this.high * other.low + this.low * other.high) }.normal()
    }

    pub(crate) fn negated(self) -> Sum {
        Sum { high: -self.high, low: -self.low }
    }

    fn divided_by(self, divisor: f64) -> Sum {
        let this = self.normal();
        let quotient = this.high / divisor;
        let (whole, error) = product(quotient, divisor);
        Sum { high: quotient, low: ((this.high - whole) - error + this.low) / divisor }.normal()
    }

    /// Splits the number anew, so that the high part is the number rounded.
    fn normal(self) -> Sum {
        let mut sum = Sum { high: self.high, low: 0.0 };
        sum.add(self.low);
        sum
    }

    /// The sum, rounded once.
    pub(crate) fn value(self) -> f64 {
        self.high + self.low
    }

    /// Squared distances of `count` values from another place, `by` lower than the one that this
    /// sum of squares was made for, where the distances themselves summed to `distances`:
    /// Σ(d + by)² = Σd² + 2·by·Σd + count·by².
    pub(crate) fn moved(self, by: Sum, distances: Sum, count: u64) -> Sum {
        let count = Sum::of_integer(count.into());
        self.plus(by.times(distances).times(Sum::of_integer(2))).plus(by.times(by).times(count))
    }

    /// Sample variance (n - 1) of `count` values whose distances from some place sum to
    /// `distances`, and their squares to `self`: (Σd² - (Σd)²/n) / (n - 1).
    pub(crate) fn variance(self, distances: Sum, count: u64) -> Option<f64> {
        if count < 2 {
            return None;
        }
        let n = count as f64;
        let spread = self.plus(distances.times(distances).divided_by(n).negated());
        let variance = spread.value() / (n - 1.0);
        variance.is_finite().then_some(variance.max(0.0))
    }
}

/// A difference and exactly what its rounding lost (Knuth's TwoDiff).
#[inline(always)]
fn difference(a: f64, b: f64) -> (f64, f64) {
    let difference = a - b;
    let back = a - difference;
    (difference, (a - (difference + back)) + (back - b))
}

/// A product and exactly what its rounding lost (Dekker, after Veltkamp's splitting). A fused
/// multiply-add would be shorter, and a library call on processors that aren't known to have one.
#[inline(always)]
fn product(a: f64, b: f64) -> (f64, f64) {
    const SPLIT: f64 = 134_217_729.0; // 2^27 + 1
    let split = |value: f64| {
        let scaled = SPLIT * value;
        let high = scaled - (scaled - value);
        (high, value - high)
    };
    let product = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    // The splitting overflows near the largest doubles: then there is no error term to have.
    (product, if error.is_finite() { error } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_plain_sums_lose_is_kept() {
        let values = [1e100, 1.0, -1e100, 3.0, 2.0];
        assert_eq!(Sum::of(&values).value(), 6.0);
        assert_eq!(Sum::of_squared_distances(&values, 0.0).value(), 2e200);
        assert!((Sum::of(&[0.1; 1_000_000]).value() - 100_000.0).abs() < 1e-10);
    }

    #[test]
    fn sums_survive_json() {
        for values in [vec![0.1, 1e-300, 3.3e17], vec![f64::MAX, f64::MAX]] {
            let sum = Sum::of(&values);
            let again: Sum = serde_json::from_str(&serde_json::to_string(&sum).unwrap()).unwrap();
            assert!(again == sum || (again.value().is_nan() && !sum.value().is_finite()), "{sum:?} {again:?}");
        }
    }

    #[test]
    fn differences_and_quotients_are_exact_to_twice_the_precision() {
        let (rounded, rest) = difference(1e16, -1.0 / 3.0);
        assert_eq!((rounded, rest), (1e16, 1.0 / 3.0));
        let third = Sum::of_integer(1).divided_by(3.0);
        let one = third.times(Sum::of_integer(3)).plus(Sum::of_integer(-1));
        assert!(one.value().abs() < 1e-31, "{one:?}");
        let large = i128::from(i64::MAX) * 3;
        assert_eq!(Sum::of_integer(large).plus(Sum::of_integer(-large + 1)).value(), 1.0);
    }
}
