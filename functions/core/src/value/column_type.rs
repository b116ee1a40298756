//! The types of columns and their names in a dataset.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The type of a column, as a dataset declares it or as it was inferred.
///
/// ```
/// use fanout_core::ColumnType;
///
/// let price: ColumnType = "decimal(12,2)".parse().unwrap();
/// assert_eq!(price, ColumnType::Decimal { precision: 12, scale: 2 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// A signed 64-bit integer in decimal digits.
    Int64,
    /// A finite IEEE 754 double in decimal notation.
    Float64,
    /// An exact decimal of at most `precision` digits (1 to 38), `scale` of them after the point.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// `true`/`false`, `t`/`f`, `yes`/`no`, `y`/`n`, `on`/`off`, `1`/`0`, in any case.
    Boolean,
    /// A calendar date, from year 1 to 9999.
    Date,
    /// A date and time; with a zone it is converted to UTC, without one it is taken as UTC.
    Timestamp,
    /// Any UTF-8 text.
    String,
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColumnType::Int64 => f.write_str("int64"),
            ColumnType::Float64 => f.write_str("float64"),
            ColumnType::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            ColumnType::Boolean => f.write_str("boolean"),
            ColumnType::Date => f.write_str("date"),
            ColumnType::Timestamp => f.write_str("timestamp"),
            ColumnType::String => f.write_str("string"),
        }
    }
}

impl FromStr for ColumnType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "int64" => ColumnType::Int64,
            "float64" => ColumnType::Float64,
            "boolean" => ColumnType::Boolean,
            "date" => ColumnType::Date,
            "timestamp" => ColumnType::Timestamp,
            "string" => ColumnType::String,
            _ => decimal(text).ok_or_else(|| {
                format!(
                    "unknown type {text:?}, expected int64, float64, decimal(p,s) with 1 <= p <= 38 and s <= p, \
                     boolean, date, timestamp or string"
                )
            })?,
        })
    }
}

fn decimal(text: &str) -> Option<ColumnType> {
    let (precision, scale) = text.strip_prefix("decimal(")?.strip_suffix(')')?.split_once(',')?;
    let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
    (1..=38).contains(&precision).then_some(())?;
    (scale <= precision).then_some(ColumnType::Decimal { precision, scale })
}

impl Serialize for ColumnType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ColumnType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in ["int64", "float64", "decimal(12,2)", "boolean", "date", "timestamp", "string"] {
            assert_eq!(text.parse::<ColumnType>().unwrap().to_string(), text);
        }
        for text in ["int", "decimal(0,0)", "decimal(39,1)", "decimal(3,4)", "decimal(3)", "Int64", ""] {
            assert!(text.parse::<ColumnType>().is_err(), "{text}");
        }
    }
}
