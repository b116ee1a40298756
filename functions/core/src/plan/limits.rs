//! The limits of a run.

/// Chunks up to which a run stays in one inline Map, which starts at once (AWS: 40 iterations at a time).
pub const INLINE_CHUNKS: u64 = 40;

/// Chunks of a run at most: a chunk's number has five digits, and the manifest stays in one read.
pub const MAX_CHUNKS: u64 = 100_000;

/// Bytes of an S3 object at most (AWS, 2025: 50 TB).
pub const MAX_OBJECT: u64 = 50 << 40;

/// Columns of a table at most: what a run keeps of each column is in memory, and in its report.
pub const MAX_COLUMNS: usize = 50_000;

/// Bytes of a column's name at most.
pub const MAX_NAME: usize = 64 << 10;

/// Bytes of a dataset's JSON at most.
pub const MAX_DATASET: u64 = 4 << 20;

/// Bytes that a state's input or output may have: three quarters of the 256 KiB of Step Functions,
/// as an execution close to the limit can abort without being catchable.
pub const MAX_PAYLOAD: usize = 192 * 1024;
