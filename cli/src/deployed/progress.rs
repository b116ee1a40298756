//! The progress of a run that is followed, in words. Pure functions of counts.

use fanout_render::{count, counted, rate};
use serde::Serialize;

use crate::pace::{bytes_of, counted_records, seconds_left};

/// The phase of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The run has started.
    #[default]
    Starting,
    /// The object is looked at.
    Planning,
    /// Chunks are processed.
    Chunks,
    /// Results are verified and merged.
    Merging,
}

/// The counts of a run that is followed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Followed {
    /// The phase.
    pub phase: Phase,
    /// 0, or the number of the round of repairs.
    pub round: u32,
    /// Chunks of the round that are done, that are being processed, and that failed.
    pub done: u64,
    /// Chunks that are being processed.
    pub running: u64,
    /// Chunks that failed, and are not tried again.
    pub failed: u64,
    /// Of these, the ones that cannot be redriven.
    pub not_redrivable: u64,
    /// Attempts that failed, of chunks that are tried again.
    pub attempts: u64,
    /// All chunks of the round, as far as their number is known.
    pub all: Option<u64>,
    /// Bytes of the chunks that are done, and of all.
    pub bytes: (u64, u64),
    /// Records of the chunks that are done, and whether they are counted, not estimated.
    pub records: Option<(u64, bool)>,
    /// Time since the round began, in milliseconds.
    pub elapsed_ms: u64,
    /// US dollars that the chunks have cost so far.
    pub usd: Option<f64>,
}

impl Followed {
    /// Returns the share that is done, once it is known.
    pub fn share(&self) -> Option<f64> {
        let (done, all) = self.bytes;
        (self.phase == Phase::Chunks && all > 0).then(|| done as f64 / all as f64)
    }

    /// Returns what is done, in lines of at most 60 columns.
    pub fn facts(&self) -> String {
        match self.phase {
            Phase::Starting => "starting".to_owned(),
            Phase::Planning => "planning".to_owned(),
            Phase::Merging => "merging the results".to_owned(),
            Phase::Chunks => {
                let lines = [Some(self.chunks()), Some(self.work()), self.failures()];
                lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
            }
        }
    }

    fn chunks(&self) -> String {
        let mut text = if self.round > 0 { format!("repair {}: ", self.round) } else { String::new() };
        text += &match self.all {
            Some(all) => format!("{}/{}", self.done, counted(all, "chunk")),
            None => format!("{} done", counted(self.done, "chunk")),
        };
        if self.running > 0 {
            text += &format!(", {} running", count(self.running));
        }
        text
    }

    fn work(&self) -> String {
        let (done, all) = self.bytes;
        let mut parts = vec![bytes_of(done, all)];
        parts.extend(self.records.filter(|(records, _)| *records > 0).map(|(records, exact)| {
            let about = if exact { "" } else { "≈ " };
            format!("{about}{}", counted_records(records))
        }));
        parts.push(rate(done, self.elapsed_ms));
        parts.extend(self.usd.map(dollars));
        parts.join(", ")
    }

    /// Chunks that failed, and attempts at others that did.
    fn failures(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.failed > 0 {
            parts.push(format!("{} failed", counted(self.failed, "chunk")));
        }
        if self.not_redrivable > 0 {
            parts.push(format!("{} of them not redrivable", count(self.not_redrivable)));
        }
        if self.attempts > 0 {
            parts.push(format!("{} failed", counted(self.attempts, "attempt")));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Returns the time that is left, once there is enough to tell by.
    pub fn left_seconds(&self) -> Option<u64> {
        seconds_left(self.share(), self.elapsed_ms)
    }
}

/// An amount of dollars, in tenths of a cent below a dollar.
fn dollars(usd: f64) -> String {
    match usd {
        usd if usd < 0.0005 => "< $0.001".to_owned(),
        usd if usd < 1.0 => format!("${usd:.3}"),
        usd => format!("${usd:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks() -> Followed {
        Followed {
            phase: Phase::Chunks,
            done: 20,
            running: 40,
            all: Some(80),
            bytes: (1_375_000_000, 5_500_000_000),
            records: Some((12_345_678, false)),
            elapsed_ms: 10_000,
            usd: Some(0.0123),
            ..Followed::default()
        }
    }

    #[test]
    fn facts_and_time_left() {
        let table = [
            (Followed::default(), "starting", None),
            (Followed { phase: Phase::Planning, ..chunks() }, "planning", None),
            (chunks(), "20/80 chunks, 40 running\n1.4/5.5 GB, ≈ 12.3M records, 138 MB/s, $0.012", Some(30)),
            (
                Followed { failed: 3, not_redrivable: 1, attempts: 7, records: Some((0, true)), usd: None, ..chunks() },
                "20/80 chunks, 40 running\n1.4/5.5 GB, 138 MB/s\n3 chunks failed, 1 of them not redrivable, 7 attempts failed",
                Some(30),
            ),
            (
                Followed { round: 1, all: None, bytes: (0, 0), records: None, usd: Some(0.0), ..chunks() },
                "repair 1: 20 chunks done, 40 running\n0/0 B, 0 B/s, < $0.001",
                None,
            ),
            (
                Followed { elapsed_ms: 999, ..chunks() },
                "20/80 chunks, 40 running\n1.4/5.5 GB, ≈ 12.3M records, 1.4 GB/s, $0.012",
                None,
            ),
            (Followed { phase: Phase::Merging, ..chunks() }, "merging the results", None),
        ];
        for (followed, facts, left) in table {
            assert_eq!((followed.facts().as_str(), followed.left_seconds()), (facts, left));
        }
    }

    #[test]
    fn the_facts_of_a_large_run_fit_60_columns() {
        let large = Followed {
            round: 12,
            done: 9_999,
            running: 9_999,
            failed: 999,
            not_redrivable: 999,
            attempts: 0,
            all: Some(10_000),
            bytes: (49_900_000_000_000, 50_100_000_000_000),
            records: Some((1_234_567_890, false)),
            elapsed_ms: 1_000_000,
            usd: Some(1234.0),
            ..chunks()
        };
        for line in large.facts().lines() {
            assert!(line.chars().count() <= 60, "{line}: {}", line.chars().count());
        }
    }
}
