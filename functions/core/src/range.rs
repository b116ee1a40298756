//! A range of bytes of one object. Ranges are half-open.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A half-open range of bytes `[start, end)` of one object.
///
/// Inclusive bytes are written only by [`ScanRange::http`], for the HTTP `Range` header.
///
/// ```
/// use fanout_core::ScanRange;
///
/// let range = ScanRange::new(10, 20);
/// assert_eq!(range.len(), 10);
/// assert!(range.contains(19) && !range.contains(20));
/// assert_eq!(range.http().as_deref(), Some("bytes=10-19"));
/// assert_eq!(range.to_string(), "[10, 20)");
/// assert_eq!(ScanRange::new(10, 10).http(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanRange {
    /// First byte of the range.
    pub start: u64,
    /// First byte after the range.
    pub end: u64,
}

impl ScanRange {
    /// The range `[start, end)`; an `end` before `start` makes it empty.
    pub fn new(start: u64, end: u64) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Tells whether no byte lies in the range.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tells whether the byte at `offset` lies in the range.
    pub fn contains(&self, offset: u64) -> bool {
        self.start <= offset && offset < self.end
    }

    /// The value of an HTTP `Range` header (RFC 9110, 14.1.2), which is inclusive at both ends.
    /// `None` for an empty range, which HTTP can't express.
    pub fn http(&self) -> Option<String> {
        (!self.is_empty()).then(|| format!("bytes={}-{}", self.start, self.end - 1))
    }
}

impl fmt::Display for ScanRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.start, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_inclusive_and_refuses_the_empty_range() {
        let table = [
            (ScanRange::new(0, 1), Some("bytes=0-0")),
            (ScanRange::new(10, 20), Some("bytes=10-19")),
            (ScanRange::new(5, 5), None),
            (ScanRange::new(9, 5), None),
        ];
        for (range, header) in table {
            assert_eq!(range.http().as_deref(), header, "{range}");
        }
    }
}
