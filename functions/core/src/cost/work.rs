//! The CPU time that outputs take for the records of an object, by measured constants.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::message::{MessageError, Work, from_json};
use crate::{ColumnType, Compression, Schema};

/// Constants that `tests/bench/cost.py` measures and writes.
const SPEED: &str = include_str!("../../speed.json");

/// The rates of an output that is not in the table: those of one that looks at every value once.
const UNKNOWN: &str = "exact_profile";

/// The time of one core, in nanoseconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Speed {
    /// The machine and the day of the measurement.
    #[serde(rename = "measured")]
    _measured: String,
    /// Finding records and decoding values: each run does so once.
    read: Rates,
    /// Each output besides.
    outputs: BTreeMap<String, Rates>,
    /// Decompression, for a byte of text.
    compression: BTreeMap<String, f64>,
}

/// The time for a byte, and for a value besides.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rates {
    byte: f64,
    /// A value of a declared or inferred type that is no text.
    typed: f64,
    text: f64,
    /// Bytes of parts for a byte of text.
    #[serde(default)]
    written: f64,
}

/// The usual record of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UsualRecord {
    /// Bytes of text, the terminator included.
    pub bytes: f64,
    /// Columns of types other than text.
    pub typed: u64,
    /// Columns of text.
    pub texts: u64,
}

impl UsualRecord {
    /// A record of these columns with so many bytes.
    pub fn new(schema: &Schema, bytes: f64) -> Self {
        let is_text = |of: Option<ColumnType>| of.is_none_or(|of| of == ColumnType::String);
        let texts = schema.columns.iter().filter(|column| is_text(column.column_type)).count() as u64;
        // Without a record to go by: values of eight characters.
        let bytes = if bytes > 0.0 { bytes } else { 9.0 * schema.columns.len().max(1) as f64 };
        Self { bytes, typed: schema.columns.len() as u64 - texts, texts }
    }
}

/// The work of outputs on a byte of text, in records like this one.
///
/// # Errors
///
/// [`MessageError`] if the built-in table cannot be read, which is a bug in fanout.
pub fn work<'n>(
    outputs: impl IntoIterator<Item = &'n str>,
    record: &UsualRecord,
    compression: Option<Compression>,
) -> Result<Work, MessageError> {
    let speed: Speed = from_json("speed.json", SPEED.as_bytes())?;
    let rate = |rates: &Rates| {
        rates.byte + (rates.typed * record.typed as f64 + rates.text * record.texts as f64) / record.bytes
    };
    let decompress = compression.and_then(|one| speed.compression.get(&one.to_string()));
    let mut work = Work {
        cpu_ns: rate(&speed.read) + decompress.unwrap_or(&0.0),
        written: 0.0,
        columns: record.typed + record.texts,
    };
    for name in outputs {
        if let Some(rates) = speed.outputs.get(name).or_else(|| speed.outputs.get(UNKNOWN)) {
            work.cpu_ns += rate(rates);
            work.written += rates.written;
        }
    }
    Ok(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_grows_with_values_and_outputs() {
        let of = |outputs: &[&str], bytes, typed, texts, compression| {
            work(outputs.iter().copied(), &UsualRecord { bytes, typed, texts }, compression).unwrap()
        };
        let seven = of(&["profile", "parquet"], 58.0, 6, 1, None);
        let table = [
            ("fewer outputs", of(&["parquet"], 58.0, 6, 1, None), true),
            ("no outputs", of(&[], 58.0, 6, 1, None), true),
            ("longer values", of(&["profile", "parquet"], 580.0, 6, 1, None), true),
            ("more columns", of(&["profile", "parquet"], 58.0, 12, 2, None), false),
            ("one more output", of(&["profile", "parquet", "mine"], 58.0, 6, 1, None), false),
            ("compressed", of(&["profile", "parquet"], 58.0, 6, 1, Some(Compression::Bzip2)), false),
        ];
        for (case, other, less) in table {
            assert_eq!(other.cpu_ns < seven.cpu_ns, less, "{case}: {other:?} {seven:?}");
        }
        assert!(seven.written > 0.0 && seven.columns == 7, "{seven:?}");
    }

    #[test]
    fn every_compression_has_a_rate() {
        let speed: Speed = from_json("speed.json", SPEED.as_bytes()).unwrap();
        for one in [Compression::Gzip, Compression::Zstd, Compression::Zip, Compression::Xz, Compression::Bzip2] {
            assert!(speed.compression.contains_key(&one.to_string()), "{one}");
        }
    }
}
