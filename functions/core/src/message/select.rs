//! The usage of S3 Select.

use serde::{Deserialize, Serialize};

/// Bytes of one answer, as S3 Select reports them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectStats {
    /// Bytes of the object that were scanned, which is what S3 bills.
    pub bytes_scanned: u64,
    /// Bytes that were processed; of an uncompressed object those that were scanned.
    pub bytes_processed: u64,
    /// Bytes that were returned, which S3 bills as well.
    pub bytes_returned: u64,
}

impl std::iter::Sum for SelectStats {
    fn sum<I: Iterator<Item = SelectStats>>(stats: I) -> Self {
        stats.fold(Self::default(), |sum, one| SelectStats {
            bytes_scanned: sum.bytes_scanned + one.bytes_scanned,
            bytes_processed: sum.bytes_processed + one.bytes_processed,
            bytes_returned: sum.bytes_returned + one.bytes_returned,
        })
    }
}
