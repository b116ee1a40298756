//! The work of a command that is done and that is left, in words. A pure function of counts and time.

use std::time::Duration;

use fanout_cli::deployed::Followed;
use fanout_cli::pace::{bytes_of, counted_records, seconds_left};
use fanout_render::{bytes, count, counted, rate};

/// The work of a command.
#[derive(Debug, Clone)]
pub(super) enum Work {
    /// Something that has no known end.
    Doing(&'static str),
    /// Chunks of a round.
    Chunks {
        /// 0, or the number of the repair.
        round: u32,
        /// Chunks that are done, and all of them.
        chunks: (u64, u64),
        /// Bytes of the chunks that are done, and of all.
        bytes: (u64, u64),
        /// Records in those that are done.
        records: u64,
        /// The counter at the beginning of the round.
        from: u64,
    },
    /// Rows that are written.
    Rows(u64),
    /// A run of the deployed stack, with its own counts.
    Followed(Followed),
}

impl Work {
    /// The share that is done; `counted` is the meter's counter: bytes that were read, or rows.
    pub(super) fn share(&self, counter: u64) -> Option<f64> {
        match self {
            Work::Doing(_) => None,
            Work::Followed(followed) => followed.share(),
            Work::Chunks { bytes: (_, 0), .. } | Work::Rows(0) => Some(1.0),
            Work::Chunks { bytes: (_, all), .. } => Some(self.done(counter) as f64 / *all as f64),
            Work::Rows(all) => Some(counter as f64 / *all as f64),
        }
    }

    /// Bytes or rows that are done: bytes that were read, as far as they are of this round, count at once.
    fn done(&self, counter: u64) -> u64 {
        match self {
            Work::Chunks { bytes: (done, all), from, .. } => counter.saturating_sub(*from).min(*all).max(*done),
            Work::Doing(_) | Work::Rows(_) | Work::Followed(_) => counter,
        }
    }

    /// Returns what is done.
    pub(super) fn facts(&self, counter: u64, time: Duration) -> String {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        match self {
            Work::Doing(what) if counter == 0 => (*what).to_owned(),
            Work::Doing(what) => format!("{what}, {}", bytes(counter)),
            Work::Followed(followed) => followed.facts(),
            Work::Rows(all) => format!("{} of {}", count(counter), counted(*all, "record")),
            Work::Chunks { round, chunks: (done, all), bytes: (_, size), records, .. } => {
                let read = self.done(counter);
                let repair = if *round > 0 { format!("repair {round}: ") } else { String::new() };
                // They are known of chunks that are done.
                let records = if *done > 0 { format!(", {}", counted_records(*records)) } else { String::new() };
                let (chunks, bytes) = (counted(*all, "chunk"), bytes_of(read, *size));
                format!("{repair}{done}/{chunks}, {bytes}{records}, {}", rate(read, milliseconds))
            }
        }
    }

    /// Returns the time that is left, once there is enough to tell by.
    pub(super) fn left(&self, counter: u64, time: Duration) -> Option<String> {
        let seconds = match self {
            Work::Followed(followed) => followed.left_seconds()?,
            _ => seconds_left(self.share(counter), u64::try_from(time.as_millis()).unwrap_or(u64::MAX))?,
        };
        Some(match seconds / 3600 {
            0 => format!("{}:{:02} left", seconds / 60, seconds % 60),
            hours => format!("{hours}:{:02}:{:02} left", seconds / 60 % 60, seconds % 60),
        })
    }

    /// Returns a line for a log.
    pub(super) fn line(&self, name: &str, counter: u64, time: Duration) -> String {
        let share = self.share(counter).map(|share| format!("{:.0} %, ", share * 100.0)).unwrap_or_default();
        let left = self.left(counter, time).map(|left| format!(", {left}")).unwrap_or_default();
        format!("{name}: {share}{}{left}", self.facts(counter, time).replace('\n', ", "))
    }
}

#[cfg(test)]
mod tests {
    use fanout_cli::deployed::Phase;

    use super::*;

    fn chunks(round: u32, chunks: (u64, u64), bytes: (u64, u64), records: u64) -> Work {
        Work::Chunks { round, chunks, bytes, records, from: 100 }
    }

    #[test]
    fn lines() {
        let table = [
            (Work::Doing("reading samples"), 0, 0, "x.csv: reading samples"),
            (Work::Doing("reading samples"), 1_200_000, 20, "x.csv: reading samples, 1.2 MB"),
            (Work::Rows(10_000_000), 2_500_000, 3, "x.csv: 25 %, 2,500,000 of 10,000,000 records, 0:09 left"),
            (chunks(0, (0, 12), (0, 5_500_000_000), 0), 100, 0, "x.csv: 0 %, 0/12 chunks, 0 B/5.5 GB, 0 B/s"),
            (
                chunks(0, (5, 12), (1_100_000_000, 5_500_000_000), 12_345_678),
                1_375_000_100,
                10,
                "x.csv: 25 %, 5/12 chunks, 1.4/5.5 GB, 12.3M records, 138 MB/s, 0:30 left",
            ),
            (
                chunks(2, (0, 1), (0, 1000), 7),
                99_999_999,
                4000,
                "x.csv: 100 %, repair 2: 0/1 chunk, 1.0/1.0 kB, 0 B/s, 0:00 left",
            ),
            (Work::Rows(4), 1, 2400, "x.csv: 25 %, 1 of 4 records, 2:00:00 left"),
            (
                Work::Followed(Followed {
                    phase: Phase::Chunks,
                    done: 1,
                    all: Some(4),
                    bytes: (100, 400),
                    elapsed_ms: 10_000,
                    ..Followed::default()
                }),
                0,
                3,
                "x.csv: 25 %, 1/4 chunks, 100/400 B, 10 B/s, 0:30 left",
            ),
        ];
        for (work, counter, seconds, expected) in table {
            assert_eq!(work.line("x.csv", counter, Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn the_facts_of_a_large_run_fit_60_columns() {
        let work = chunks(0, (3000, 6250), (50_100_000_000, 50_100_000_000), 1_234_567_890);
        let facts = work.facts(0, Duration::from_secs(100));
        assert!(facts.len() <= 60, "{facts}");
    }
}
