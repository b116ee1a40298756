//! The sketches of all columns in a partial: their bytes, compressed together.
//!
//! A run may have 100,000 partials, and sketches are most of a partial. Sketches of the same kind stand beside each
//! other, and the first bytes of a sketch's doubles before all their second bytes: so they compress well.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::sketch::SketchBytes;

/// Speed is worth more than the last bytes.
const LEVEL: i32 = 1;

/// Bytes of all sketches at most: those of 1,000 columns have a few MB.
const MOST: usize = 256 << 20;

/// Bytes of a double.
const DOUBLE: usize = 8;

/// Sketches of one column.
const KINDS: usize = 5;

/// Numbers of a column in the table: three sizes and the lengths of its sketches.
const ENTRY: usize = 3 + KINDS;

/// A fault in packed sketches.
#[derive(Debug, Error)]
pub(super) enum PackError {
    /// The text is no base64.
    #[error("sketches: {0}")]
    Base64(#[from] base64::DecodeError),
    /// The bytes are not compressed by Zstandard, or too many.
    #[error("sketches: {0}")]
    Zstd(#[from] std::io::Error),
    /// The table and the bytes do not fit together.
    #[error("sketches: their table has {expected} bytes more than there are")]
    Short {
        /// Bytes that the table names and that are missing.
        expected: usize,
    },
}

/// The packed sketches of a partial.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Packed {
    /// Bytes before the compression.
    bytes: usize,
    /// Columns.
    columns: usize,
    /// What they are compressed by Zstandard to, in base64.
    zstd: String,
}

impl Packed {
    /// Packs the sketches of columns.
    ///
    /// # Errors
    ///
    /// [`PackError::Zstd`] where they cannot be compressed.
    pub(super) fn of(columns: &[SketchBytes]) -> Result<Self, PackError> {
        let mut bytes = Vec::new();
        for column in columns {
            let lengths = column.kinds.iter().map(|sketch| sketch.len() as u32);
            column.sizes.into_iter().chain(lengths).for_each(|number| bytes.extend(number.to_le_bytes()));
        }
        for kind in 0..KINDS {
            columns.iter().for_each(|column| apart(&column.kinds[kind], &mut bytes));
        }
        let zstd = STANDARD.encode(zstd::bulk::compress(&bytes, LEVEL)?);
        Ok(Self { bytes: bytes.len(), columns: columns.len(), zstd })
    }

    /// The sketches of each column.
    ///
    /// # Errors
    ///
    /// [`PackError`] where these are no packed sketches.
    pub(super) fn unpack(&self) -> Result<Vec<SketchBytes>, PackError> {
        let bytes = zstd::bulk::decompress(&STANDARD.decode(&self.zstd)?, self.bytes.min(MOST))?;
        let table = self.columns.saturating_mul(ENTRY * size_of::<u32>());
        let (table, mut rest) =
            bytes.split_at_checked(table).ok_or(PackError::Short { expected: table.saturating_sub(bytes.len()) })?;
        let numbers: Vec<u32> = table.as_chunks().0.iter().map(|number| u32::from_le_bytes(*number)).collect();
        let mut columns: Vec<SketchBytes> = Vec::with_capacity(self.columns);
        for entry in numbers.as_chunks::<ENTRY>().0 {
            columns.push(SketchBytes { sizes: [entry[0], entry[1], entry[2]], kinds: Default::default() });
        }
        for kind in 0..KINDS {
            for (column, entry) in columns.iter_mut().zip(numbers.as_chunks::<ENTRY>().0) {
                let length = entry[3 + kind] as usize;
                let (sketch, others) =
                    rest.split_at_checked(length).ok_or_else(|| PackError::Short { expected: length - rest.len() })?;
                column.kinds[kind] = together(sketch);
                rest = others;
            }
        }
        Ok(columns)
    }
}

/// Appends the first bytes of all doubles, then the second ones, and so on. Doubles stand at a sketch's end.
fn apart(sketch: &[u8], bytes: &mut Vec<u8>) {
    let (head, doubles) = sketch.split_at(sketch.len() % DOUBLE);
    bytes.extend(head);
    (0..DOUBLE).for_each(|place| bytes.extend(doubles.as_chunks::<DOUBLE>().0.iter().map(|double| double[place])));
}

/// The sketch that [`apart`] took apart.
fn together(bytes: &[u8]) -> Vec<u8> {
    let mut sketch = bytes.to_vec();
    let (head, planes) = bytes.split_at(bytes.len() % DOUBLE);
    let doubles = sketch[head.len()..].as_chunks_mut::<DOUBLE>().0;
    for (place, plane) in planes.chunks_exact(doubles.len().max(1)).enumerate() {
        doubles.iter_mut().zip(plane).for_each(|(double, byte)| double[place] = *byte);
    }
    sketch
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<SketchBytes> {
        let sketch = |length: usize| (0..length).map(|n| (n * n) as u8).collect::<Vec<u8>>();
        vec![
            SketchBytes { sizes: [9, 64, 16], kinds: [40, 3, 100, 0, 0].map(sketch) },
            SketchBytes { sizes: [12, 200, 128], kinds: [0, 17, 0, 8, 4097].map(sketch) },
        ]
    }

    #[test]
    fn sketches_come_back() {
        for columns in [columns(), Vec::new()] {
            let packed = Packed::of(&columns).unwrap();
            let text = serde_json::to_string(&packed).unwrap();
            let read: Packed = serde_json::from_str(&text).unwrap();
            assert_eq!(read.unpack().unwrap(), columns);
        }
    }

    #[test]
    fn faults_are_told() {
        let packed = Packed::of(&columns()).unwrap();
        let table = [
            (Packed { zstd: "?".into(), ..packed.clone() }, "sketches: Invalid symbol"),
            (Packed { zstd: STANDARD.encode("zstd"), ..packed.clone() }, "sketches: "),
            (Packed { bytes: 9, ..packed.clone() }, "sketches: Destination buffer is too small"),
            (Packed { columns: 1 << 40, ..packed.clone() }, "sketches: their table has"),
            (Packed { columns: 3, ..packed }, "sketches: their table has"),
        ];
        for (packed, text) in table {
            let error = packed.unpack().unwrap_err().to_string();
            assert!(error.starts_with(text), "{error}");
        }
    }
}
