//! The wait before another try: exponential, with full jitter.

use std::time::Duration;

/// The longest wait before the second try; it doubles for each further one.
const FIRST: Duration = Duration::from_millis(50);

/// The longest wait of all.
const LONGEST: Duration = Duration::from_secs(5);

/// Returns the wait after `failures` failures in a row, 1 being the first: exponential, with full
/// jitter. `random` is drawn from [0, 1): the clients that failed together don't come back together.
pub fn backoff(failures: u32, random: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(20);
    (FIRST * (1 << doublings)).min(LONGEST).mul_f64(random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_are_drawn_below_it() {
        let longest = [0, 1, 2, 3, 7, 8, 9, u32::MAX].map(|failures| backoff(failures, 1.0).as_millis());
        assert_eq!(longest, [50, 50, 100, 200, 3200, 5000, 5000, 5000]);
        let drawn = [0.0, 0.25, 0.5].map(|random| backoff(3, random).as_millis());
        assert_eq!(drawn, [0, 50, 100]);
    }
}
