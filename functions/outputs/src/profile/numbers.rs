//! Sums, extremes and squares of integers, decimals and doubles. Sums of integers are exact.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::min_max::MinMax;
use crate::compensated_sum::Sum;

/// Integers, and decimals times 10^scale: exact but for the squares, which carry twice the
/// precision of a double.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Integers {
    #[serde(with = "digit_extremes")]
    pub(super) extent: MinMax<i128>,
    /// `None` beyond 128 bits.
    #[serde(with = "optional_digits")]
    sum: Option<i128>,
    /// The first value: distances from it are small where the values are, however large they are.
    #[serde(with = "digits")]
    shift: i128,
    /// Squares of the distances from `shift`.
    squares: Sum,
}

impl Integers {
    pub(super) fn extend_int64(&mut self, values: &[i64], scratch: &mut Vec<f64>) {
        let Some(first) = values.first() else { return };
        if self.extent.count == 0 {
            (self.shift, self.sum) = (i128::from(*first), Some(0));
        }
        let mut extent = MinMax::<i64>::default();
        extent.extend(values.iter().copied());
        let extremes = extent.extremes.map(|(min, max)| (i128::from(min), i128::from(max)));
        self.extent.merge(MinMax { count: extent.count, extremes });
        let sum = values.iter().map(|value| i128::from(*value)).sum();
        self.sum = self.sum.and_then(|before| before.checked_add(sum));
        scratch.clear();
        match i64::try_from(self.shift) {
            Ok(shift) => scratch.extend(values.iter().map(|value| match value.checked_sub(shift) {
                Some(distance) => distance as f64,
                None => (i128::from(*value) - i128::from(shift)) as f64,
            })),
            Err(_) => scratch.extend(values.iter().map(|value| (i128::from(*value) - self.shift) as f64)),
        }
        self.squares.merge(Sum::of_squared_distances(scratch, 0.0));
    }

    pub(super) fn extend(&mut self, values: &[i128]) {
        let Some(first) = values.first() else { return };
        if self.extent.count == 0 {
            (self.shift, self.sum) = (*first, Some(0));
        }
        self.extent.extend(values.iter().copied());
        self.sum = values.iter().fold(self.sum, |sum, value| sum?.checked_add(*value));
        for value in values {
            self.squares.add_squared_distance(value.saturating_sub(self.shift) as f64, 0.0);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        if self.extent.count == 0 {
            *self = other;
        } else if other.extent.count > 0 {
            self.squares.merge(other.squares_from(self.shift));
            self.sum = self.sum.and_then(|sum| sum.checked_add(other.sum?));
            self.extent.merge(other.extent);
        }
    }

    /// The exact sum, where it has at most 128 bits.
    pub(super) fn sum(&self) -> Option<i128> {
        self.sum.filter(|_| self.extent.count > 0)
    }

    /// Sum, and sample variance.
    pub(super) fn moments(&self) -> Option<(Sum, Option<f64>)> {
        let sum = Sum::of_integer(self.sum()?);
        Some((sum, self.squares.variance(self.distances(self.shift), self.extent.count)))
    }

    /// Sum of the distances from `place`.
    fn distances(&self, place: i128) -> Sum {
        let all = place.checked_mul(i128::from(self.extent.count));
        match self.sum.zip(all).and_then(|(sum, all)| sum.checked_sub(all)) {
            Some(distances) => Sum::of_integer(distances),
            None => Sum::of(&[f64::NAN]),
        }
    }

    fn squares_from(&self, place: i128) -> Sum {
        let by = Sum::of_integer(self.shift.saturating_sub(place));
        self.squares.moved(by, self.distances(self.shift), self.extent.count)
    }

    /// Turns the values into doubles.
    pub(super) fn as_floats(&self) -> Floats {
        let Some((min, max)) = self.extent.extremes else { return Floats::default() };
        let shift = self.shift as f64;
        let extremes = Some((min as f64, max as f64));
        Floats {
            extent: MinMax { count: self.extent.count, extremes },
            sum: Sum::of_integer(self.sum.unwrap_or_default()),
            shift,
            squares: self.squares_from(shift as i128),
        }
    }
}

/// Doubles.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Floats {
    pub(super) extent: MinMax<f64>,
    sum: Sum,
    /// The first value, as of [`Integers`].
    shift: f64,
    squares: Sum,
}

impl Floats {
    pub(super) fn extend(&mut self, values: &[f64]) {
        let Some(first) = values.first() else { return };
        if self.extent.count == 0 {
            self.shift = *first;
        }
        self.extent.extend(values.iter().copied());
        self.sum.merge(Sum::of(values));
        self.squares.merge(Sum::of_squared_distances(values, self.shift));
    }

    pub(super) fn merge(&mut self, other: Self) {
        if self.extent.count == 0 {
            *self = other;
        } else if other.extent.count > 0 {
            let (from, to) = (Sum::of(&[other.shift]), Sum::of(&[-self.shift]));
            self.squares.merge(other.squares.moved(from.plus(to), other.distances(), other.extent.count));
            self.sum.merge(other.sum);
            self.extent.merge(other.extent);
        }
    }

    /// Sum, and sample variance.
    pub(super) fn moments(&self) -> (Sum, Option<f64>) {
        (self.sum, self.squares.variance(self.distances(), self.extent.count))
    }

    /// Sum of the distances from `shift`.
    fn distances(&self) -> Sum {
        let all = Sum::of(&[-self.shift]).times(Sum::of_integer(self.extent.count.into()));
        self.sum.plus(all)
    }
}

/// 128-bit integers as texts: JSON readers round them.
mod digits {
    use super::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

mod optional_digits {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Option<i128>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(|value| value.to_string()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i128>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

mod digit_extremes {
    use super::{Deserialize, Deserializer, MinMax, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(extent: &MinMax<i128>, serializer: S) -> Result<S::Ok, S::Error> {
        let extremes = extent.extremes.map(|(min, max)| (min.to_string(), max.to_string()));
        MinMax { count: extent.count, extremes }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MinMax<i128>, D::Error> {
        let extent = MinMax::<String>::deserialize(deserializer)?;
        let parse = |text: String| text.parse::<i128>().map_err(serde::de::Error::custom);
        let extremes = match extent.extremes {
            Some((min, max)) => Some((parse(min)?, parse(max)?)),
            None => None,
        };
        Ok(MinMax { count: extent.count, extremes })
    }
}
