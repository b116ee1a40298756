//! Words and figures of progress, the same for a run on this machine and for one of the deployed stack.

use fanout_render::{bytes, counted};

/// Records from which on they are counted in millions.
const MANY: u64 = 10_000_000;

/// Bytes of all bytes, with one unit where they have the same.
pub fn bytes_of(done: u64, all: u64) -> String {
    let (done, all) = (bytes(done), bytes(all));
    match (done.split_once(' '), all.split_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number}/{all}"),
        _ => format!("{done}/{all}"),
    }
}

/// A number of records, in millions where they are many.
pub fn counted_records(number: u64) -> String {
    if number < MANY { counted(number, "record") } else { format!("{:.1}M records", number as f64 / 1e6) }
}

/// Returns the seconds that are left after `elapsed_ms`, by the share that is done; `None` in the first second.
pub fn seconds_left(share: Option<f64>, elapsed_ms: u64) -> Option<u64> {
    let share = share.filter(|share| *share > 0.0)?;
    (elapsed_ms >= 1000).then(|| (elapsed_ms as f64 / 1e3 * (1.0 - share) / share) as u64)
}
