//! The chunks of an object, from its size.

use thiserror::Error;

use super::limits::{INLINE_CHUNKS, MAX_CHUNKS, MAX_PAYLOAD};
use crate::message::Chunk;
use crate::{Code, Coded, ScanRange};

/// Bounds of automatic chunk sizes, in bytes. Below, starting an invocation costs more than its
/// work; above, a slow one would come near the 5 minutes of an EXPRESS child.
const MIN_AUTOMATIC: u64 = 8 << 20;
const MAX_AUTOMATIC: u64 = 512 << 20;

/// Chunks of at most this many bytes are worth staying within the inline Map for.
const MAX_INLINE: u64 = 64 << 20;

/// A chunk size or a plan that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// No byte at all.
    #[error("chunk_size is 0, expected at least 1 byte")]
    ZeroChunkSize,
    /// The plan is larger than a state's input may be.
    #[error("the plan has {size} bytes, at most {MAX_PAYLOAD} are possible")]
    TooLarge {
        /// Bytes of the plan as JSON.
        size: usize,
    },
    /// More chunks than a run has.
    #[error(
        "chunk_size of {chunk_size} bytes makes {chunks} chunks of {data} bytes, at most {MAX_CHUNKS} are possible: \
         use {least} bytes or more"
    )]
    TooManyChunks {
        /// The chunk size asked for, in bytes.
        chunk_size: u64,
        /// Chunks that it makes.
        chunks: u64,
        /// Bytes to be cut.
        data: u64,
        /// The least chunk size that works, in bytes.
        least: u64,
    },
}

impl Coded for PlanError {
    fn code(&self) -> Code {
        Code::InvalidJob
    }
}

/// Checks a chunk size that a person gave, for `data` bytes.
///
/// # Errors
///
/// [`PlanError`] with the size and its limits.
pub fn validate_chunk_size(chunk_size: u64, data: u64) -> Result<(), PlanError> {
    if chunk_size == 0 {
        return Err(PlanError::ZeroChunkSize);
    }
    let chunks = data.div_ceil(chunk_size);
    if chunks > MAX_CHUNKS {
        return Err(PlanError::TooManyChunks { chunk_size, chunks, data, least: data.div_ceil(MAX_CHUNKS) });
    }
    Ok(())
}

/// An automatic chunk size in bytes for `data` bytes, aiming at `parallelism` chunks of at most `longest` bytes.
///
/// Small objects get at most [`INLINE_CHUNKS`] chunks; the result lies between 8 and 512 MiB, more
/// only where [`MAX_CHUNKS`] chunks of 512 MiB wouldn't hold the data.
pub fn chunk_size_for(data: u64, parallelism: u64, longest: u64) -> u64 {
    let wanted = data.div_ceil(parallelism.max(1));
    let inline = data.div_ceil(INLINE_CHUNKS);
    let wanted = if inline <= MAX_INLINE { wanted.max(inline) } else { wanted };
    wanted.clamp(MIN_AUTOMATIC, longest.clamp(MIN_AUTOMATIC, MAX_AUTOMATIC)).max(data.div_ceil(MAX_CHUNKS))
}

/// The chunks that tile `[data_start, size)`, each of `chunk_size` bytes but the last.
///
/// `chunk_size` must not be 0: see [`validate_chunk_size`].
///
/// ```
/// use fanout_core::{ScanRange, chunk_size_for, chunks};
///
/// let ends: Vec<u64> = chunks(ScanRange::new(3, 13), 5).map(|chunk| chunk.end).collect();
/// assert_eq!(ends, [8, 13]);
/// assert_eq!(chunk_size_for(1000, 10, u64::MAX), 8 << 20);
/// ```
pub fn chunks(data: ScanRange, chunk_size: u64) -> impl ExactSizeIterator<Item = Chunk> {
    let count = data.len().div_ceil(chunk_size.max(1)) as usize;
    (0..count).map(move |index| {
        let start = data.start + index as u64 * chunk_size;
        Chunk { index: index as u64, start, end: start.saturating_add(chunk_size).min(data.end), first_record: None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_tile_the_data() {
        let table = [(0, 0, 5), (10, 10, 5), (3, 4, 1), (3, 13, 5), (3, 14, 5), (0, 50 << 40, 1 << 30), (7, 9, 100)];
        for (start, end, size) in table {
            let data = ScanRange::new(start, end);
            let mut at = start;
            for (index, chunk) in chunks(data, size).enumerate() {
                assert_eq!((chunk.index, chunk.start), (index as u64, at), "{data} by {size}");
                assert!(chunk.end > chunk.start && chunk.end - chunk.start <= size, "{data} by {size}");
                at = chunk.end;
            }
            assert_eq!(at, end, "{data} by {size}");
        }
    }

    #[test]
    fn automatic_sizes_are_bounded_both_ways() {
        const MIB: u64 = 1 << 20;
        let table = [
            ("a byte", 1, 1000, 8 * MIB),
            ("5 MB", 5_000_000, 1000, 8 * MIB),
            ("400 MiB stays inline", 400 * MIB, 1000, 10 * MIB),
            ("2.5 GiB stays inline", 2560 * MIB, 1000, 64 * MIB),
            ("10 GiB", 10240 * MIB, 1000, 10_737_419),
            ("5 TB", 5_000_000_000_000, 1000, 512 * MIB),
            ("50 TB", 50_000_000_000_000, 1000, 512 * MIB),
            ("50 TiB", 50 << 40, 1000, (50u64 << 40).div_ceil(MAX_CHUNKS)),
            ("no parallelism", 100 * MIB, 0, 100 * MIB),
        ];
        for (case, data, parallelism, size) in table {
            assert_eq!(chunk_size_for(data, parallelism, u64::MAX), size, "{case}");
            assert!(data.div_ceil(size) <= MAX_CHUNKS, "{case}");
        }
        let slow = [(0, 8 * MIB), (100 * MIB, 100 * MIB)];
        for (longest, size) in slow {
            assert_eq!(
                chunk_size_for(5_000_000_000_000, 1, longest),
                size.max(5_000_000_000_000u64.div_ceil(MAX_CHUNKS))
            );
        }
    }

    #[test]
    fn explicit_sizes_are_checked() {
        assert_eq!(validate_chunk_size(0, 10), Err(PlanError::ZeroChunkSize));
        assert_eq!(validate_chunk_size(1, MAX_CHUNKS), Ok(()));
        let error = validate_chunk_size(1, MAX_CHUNKS + 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "chunk_size of 1 bytes makes 100001 chunks of 100001 bytes, at most 100000 are possible: use 2 bytes or more"
        );
    }
}
