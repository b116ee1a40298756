//! The limit on the share of refused records.

use thiserror::Error;

use crate::{Code, Coded};

/// The share of records that may be refused where a dataset does not say: half of them.
pub const DEFAULT_REJECT_RATIO: f64 = 0.5;

/// More records were refused than a dataset's `max_reject_ratio` allows.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("{rejects} of {} records were refused, at most {allowed} of them may be", .records + .rejects)]
pub struct TooManyRejects {
    /// Records accepted.
    pub records: u64,
    /// Records refused.
    pub rejects: u64,
    /// The dataset's `max_reject_ratio`, from 0 to 1.
    pub allowed: f64,
}

impl Coded for TooManyRejects {
    fn code(&self) -> Code {
        Code::TooManyRejects
    }
}

/// Compares the share of refused records with the dataset's `max_reject_ratio`, or with
/// [`DEFAULT_REJECT_RATIO`] where it has none.
///
/// # Errors
///
/// [`TooManyRejects`] where the share is greater.
pub fn check_reject_ratio(allowed: Option<f64>, records: u64, rejects: u64) -> Result<(), TooManyRejects> {
    let allowed = allowed.unwrap_or(DEFAULT_REJECT_RATIO);
    if rejects as f64 > allowed * (records + rejects) as f64 {
        return Err(TooManyRejects { records, rejects, allowed });
    }
    Ok(())
}

/// Rejects of a chunk below which it never gives up.
const MANY: u64 = 10_000;

/// Tells whether a chunk with so many accepted and refused records gives up, so that its rejects do not cost more than the
/// file: it refuses a greater share than the run as a whole may. It goes on counting, but its outputs see no more records.
/// Where the run as a whole has not too many rejects, the chunk is processed again.
pub fn gives_up(max_reject_ratio: Option<f64>, records: u64, rejects: u64) -> bool {
    rejects >= MANY && check_reject_ratio(max_reject_ratio, records, rejects).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        let table = [
            (None, 0, 9, false),
            (None, 9, 9, true),
            (None, 0, 0, true),
            (Some(1.0), 0, 9, true),
            (Some(0.0), 9, 0, true),
            (Some(0.0), 9, 1, false),
            (Some(0.5), 1, 1, true),
        ];
        for (allowed, records, rejects, fine) in table {
            assert_eq!(check_reject_ratio(allowed, records, rejects).is_ok(), fine, "{allowed:?} {records} {rejects}");
        }
        let error = check_reject_ratio(Some(0.25), 2, 1).unwrap_err();
        assert_eq!(error.to_string(), "1 of 3 records were refused, at most 0.25 of them may be");
    }
}
