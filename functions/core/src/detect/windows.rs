//! The pieces of an object that are read beside its beginning.

use crate::ScanRange;

/// Bytes of an object's beginning that are read to find out what it is: 1 MiB.
pub const FIRST_SAMPLE: u64 = 1 << 20;

/// Further pieces at most, and the bytes of each.
const WINDOWS: u64 = 16;
const WINDOW: u64 = 64 << 10;

/// Returns the ranges of the further samples of an object of `size` bytes whose first `read` bytes are
/// there: up to 16 pieces of 64 KiB, spread evenly over the rest, the last one at its end. They begin at even
/// offsets, as characters of UTF-16 do, unless the object's size is odd.
///
/// ```
/// use fanout_core::{ScanRange, sample_windows};
///
/// assert_eq!(sample_windows(1000, 1000), []);
/// assert_eq!(sample_windows(1000, 900), [ScanRange::new(900, 1000)]);
/// let windows = sample_windows(1 << 40, 1 << 20);
/// assert_eq!((windows.len(), windows[15].end), (16, 1 << 40));
/// ```
pub fn sample_windows(size: u64, read: u64) -> Vec<ScanRange> {
    let rest = size.saturating_sub(read);
    if rest <= WINDOWS * WINDOW {
        let starts = (read..size).step_by(WINDOW as usize);
        return starts.map(|start| ScanRange::new(start, (start + WINDOW).min(size))).collect();
    }
    let step = (rest - WINDOW) / (WINDOWS - 1);
    let start = |index: u64| if index + 1 == WINDOWS { size - WINDOW } else { (read + index * step) & !1 };
    (0..WINDOWS).map(|index| ScanRange::new(start(index), start(index) + WINDOW)).collect()
}
