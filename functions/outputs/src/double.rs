use serde::{Deserialize, Deserializer, Serialize};

/// A sum of doubles with the rounding errors kept: twice the precision of a double.
///
/// It is Sum2 of Ogita, Rump and Oishi (Accurate sum and dot product, 2005): the error of `value`
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
    /// Sums of the values and of their squares.
    pub(crate) fn of(values: &[f64]) -> (Sum, Sum) {
        let (mut sums, mut squares) = ([Sum::default(); LANES], [Sum::default(); LANES]);
        let (lanes, rest) = values.as_chunks::<LANES>();
        for lane in lanes {
            for i in 0..LANES {
                sums[i].add(lane[i]);
                squares[i].add_square(lane[i]);
            }
        }
        for (i, value) in rest.iter().enumerate() {
            sums[i].add(*value);
            squares[i].add_square(*value);
        }
        let total = |parts: [Sum; LANES]| {
            parts.into_iter().reduce(|mut left, right| {
                left.merge(right);
                left
            })
        };
        (total(sums).unwrap_or_default(), total(squares).unwrap_or_default())
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

    #[inline(always)]
    pub(crate) fn add_square(&mut self, value: f64) {
        let (square, error) = product(value, value);
        self.add(square);
        self.low += error;
    }

    pub(crate) fn merge(&mut self, other: Sum) {
        self.add(other.high);
        self.low += other.low;
    }

    /// The sum, rounded once.
    pub(crate) fn value(self) -> f64 {
        self.high + self.low
    }

    /// Sample variance (n - 1) of `count` values with this sum, whose squares sum to `squares`.
    pub(crate) fn variance(self, squares: Sum, count: u64) -> Option<f64> {
        if count < 2 {
            return None;
        }
        let n = count as f64;
        // (sum / n) as a double and its rest, so that nothing is lost where the mean is large.
        let mean = self.value() / n;
        let (whole, error) = product(mean, n);
        let rest = ((self.high - whole) - error + self.low) / n;
        // squares - n · mean²; with mean = mean + rest.
        let (mean_square, square_error) = product(mean, mean);
        let (scaled, scale_error) = product(mean_square, n);
        let mut spread = squares;
        spread.add(-scaled);
        spread.low -= scale_error + square_error * n + 2.0 * mean * rest * n;
        let variance = spread.value() / (n - 1.0);
        variance.is_finite().then_some(variance.max(0.0))
    }
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
        let (sum, squares) = Sum::of(&[1e100, 1.0, -1e100, 3.0, 2.0]);
        assert_eq!(sum.value(), 6.0);
        assert_eq!(squares.value(), 2e200);
        let (tenths, _) = Sum::of(&[0.1; 1_000_000]);
        assert!((tenths.value() - 100_000.0).abs() < 1e-10);
        assert_eq!(Sum::of_integer(i128::from(i64::MAX) * 3).high + 0.0, (i128::from(i64::MAX) * 3) as f64);
    }

    #[test]
    fn sums_survive_json() {
        for values in [vec![0.1, 1e-300, 3.3e17], vec![f64::MAX, f64::MAX]] {
            let (sum, _) = Sum::of(&values);
            let again: Sum = serde_json::from_str(&serde_json::to_string(&sum).unwrap()).unwrap();
            assert!(again == sum || (again.value().is_nan() && !sum.value().is_finite()), "{sum:?} {again:?}");
        }
    }

    #[test]
    fn cuts_do_not_matter() {
        let values: Vec<f64> = (0..10_000).map(|i| f64::from(i) * 0.37 - 1234.5 + 1.0 / f64::from(i + 1)).collect();
        let (whole, whole_squares) = Sum::of(&values);
        for cut in [1, 3, 999, 5000] {
            let (mut sum, mut squares) = (Sum::default(), Sum::default());
            for part in values.chunks(cut) {
                let (part_sum, part_squares) = Sum::of(part);
                sum.merge(part_sum);
                squares.merge(part_squares);
            }
            assert_eq!((sum.value(), squares.value()), (whole.value(), whole_squares.value()), "cuts of {cut}");
        }
    }

    #[test]
    fn variance_of_values_far_from_zero() {
        let table: [(&str, Vec<f64>, Option<f64>); 5] = [
            ("none", vec![], None),
            ("one", vec![5.0], None),
            ("equal", vec![0.1; 1000], Some(0.0)),
            ("small", vec![1.0, 2.0, 3.0, 4.0], Some(5.0 / 3.0)),
            ("far", (0..1000).map(|i| 1.7e9 + f64::from(i % 2)).collect(), Some(250.0 / 999.0)),
        ];
        for (case, values, expected) in table {
            let (sum, squares) = Sum::of(&values);
            let variance = sum.variance(squares, values.len() as u64);
            match (variance, expected) {
                (Some(found), Some(expected)) => {
                    assert!((found - expected).abs() <= 1e-12 * expected.max(1e-3), "{case}: {found}")
                }
                pair => assert_eq!(pair.0, pair.1, "{case}"),
            }
        }
    }
}
