use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::extent::Extent;
use crate::double::Sum;

/// 64-bit integers: exact but for the squares, which carry twice the precision of a double.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Integers {
    pub(super) extent: Extent<i64>,
    #[serde(with = "digits")]
    pub(super) sum: i128,
    pub(super) squares: Sum,
}

impl Integers {
    pub(super) fn extend(&mut self, values: &[i64], scratch: &mut Vec<f64>) {
        self.extent.extend(values.iter().copied());
        self.sum += values.iter().map(|value| i128::from(*value)).sum::<i128>();
        scratch.clear();
        scratch.extend(values.iter().map(|value| *value as f64));
        self.squares.merge(Sum::of(scratch).1);
    }

    pub(super) fn include(&mut self, value: i64) {
        self.extent.extend([value].into_iter());
        self.sum += i128::from(value);
        self.squares.add_square(value as f64);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.extent.merge(other.extent);
        self.sum += other.sum;
        self.squares.merge(other.squares);
    }
}

/// Doubles.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Floats {
    pub(super) extent: Extent<f64>,
    pub(super) sum: Sum,
    pub(super) squares: Sum,
}

impl Floats {
    pub(super) fn extend(&mut self, values: &[f64]) {
        self.extent.extend(values.iter().copied());
        let (sum, squares) = Sum::of(values);
        self.sum.merge(sum);
        self.squares.merge(squares);
    }

    pub(super) fn include(&mut self, value: f64) {
        self.extent.extend([value].into_iter());
        self.sum.add(value);
        self.squares.add_square(value);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.extent.merge(other.extent);
        self.sum.merge(other.sum);
        self.squares.merge(other.squares);
    }
}

/// Decimals, times 10^scale: exact but for the squares.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Decimals {
    #[serde(with = "digit_extremes")]
    pub(super) extent: Extent<i128>,
    /// `None` beyond 128 bits.
    #[serde(with = "optional_digits")]
    pub(super) sum: Option<i128>,
    pub(super) squares: Sum,
}

impl Decimals {
    pub(super) fn extend(&mut self, values: &[i128]) {
        if !values.is_empty() {
            let start = if self.extent.count == 0 { Some(0) } else { self.sum };
            self.sum = values.iter().fold(start, |sum, value| sum?.checked_add(*value));
            self.extent.extend(values.iter().copied());
            values.iter().for_each(|value| self.squares.add_square(*value as f64));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        if other.extent.count > 0 {
            let start = if self.extent.count == 0 { Some(0) } else { self.sum };
            self.sum = start.and_then(|sum| sum.checked_add(other.sum?));
            self.extent.merge(other.extent);
            self.squares.merge(other.squares);
        }
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
    use super::{Deserialize, Deserializer, Extent, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(extent: &Extent<i128>, serializer: S) -> Result<S::Ok, S::Error> {
        let extremes = extent.extremes.map(|(min, max)| (min.to_string(), max.to_string()));
        Extent { count: extent.count, extremes }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Extent<i128>, D::Error> {
        let extent = Extent::<String>::deserialize(deserializer)?;
        let parse = |text: String| text.parse::<i128>().map_err(serde::de::Error::custom);
        let extremes = match extent.extremes {
            Some((min, max)) => Some((parse(min)?, parse(max)?)),
            None => None,
        };
        Ok(Extent { count: extent.count, extremes })
    }
}
