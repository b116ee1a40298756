//! The results of some chunks, for counts of records and a cost before the report is there. Of many chunks the first
//! ones stand for all.

use std::collections::BTreeMap;

use fanout_core::message::Usage;
use fanout_core::{INLINE_CHUNKS, Location, Prices, cost};
use fanout_store::{S3Store, get};
use futures::StreamExt;
use serde::Deserialize;

/// Results that are read of a run with more chunks than one execution takes.
const OF_MANY: u64 = 8;

/// Results that are read at once.
const AT_ONCE: usize = 8;

/// The facts of a chunk's result.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
struct ChunkFacts {
    records: u64,
    #[serde(default)]
    usage: Usage,
}

/// The facts of chunks that are done, as far as they are read.
#[derive(Debug, Default)]
pub(super) struct ChunksDone {
    read: BTreeMap<u64, ChunkFacts>,
}

impl ChunksDone {
    /// Reads results that are not read yet. One that is not there is of a chunk that is not done; one that cannot be
    /// read is left out, as these counts are shown and decide nothing.
    pub(super) async fn read(&mut self, store: &S3Store, results: &Location, done: u64, all: u64) {
        let wanted = if all <= INLINE_CHUNKS { all } else { all.min(OF_MANY) };
        if self.read.len() as u64 >= done.min(wanted) {
            return;
        }
        let missing: Vec<u64> = (0..wanted).filter(|index| !self.read.contains_key(index)).collect();
        let reads = futures::stream::iter(missing).map(|index| async move {
            let at = results.join(&format!("results/{index:05}.json"));
            let facts = get(store, &at).await.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
            facts.map(|facts: ChunkFacts| (index, facts))
        });
        self.read.extend(reads.buffer_unordered(AT_ONCE).filter_map(async |found| found).collect::<Vec<_>>().await);
    }

    /// Returns the records of so many chunks that are done, and whether all of them were read.
    pub(super) fn records(&self, done: u64) -> Option<(u64, bool)> {
        let read = self.read.len() as u64;
        let records: u64 = self.read.values().map(|chunk| chunk.records).sum();
        match read {
            0 => None,
            _ if read >= done => Some((records, true)),
            _ => Some(((records as f64 * done as f64 / read as f64) as u64, false)),
        }
    }

    /// Returns what so many chunks that are done, of all of them, have cost.
    pub(super) fn usd(&self, prices: &Prices, done: u64, all: u64, round: u32) -> Option<f64> {
        let read = self.read.len() as u64;
        let mut sum = Usage::default();
        self.read.values().for_each(|chunk| sum += chunk.usage);
        let times = done.max(read) as f64 / read.max(1) as f64;
        let scaled = |number: u64| (number as f64 * times) as u64;
        let usage = Usage {
            invocations: scaled(sum.invocations),
            billed_ms: scaled(sum.billed_ms),
            gb_seconds: sum.gb_seconds * times,
            gets: scaled(sum.gets),
            puts: scaled(sum.puts),
        };
        cost(prices, all, round, usage, Usage::default()).map(|cost| cost.usd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(chunks: u64) -> ChunksDone {
        let usage = Usage { gets: 1, puts: 3, ..Usage::invocation(1000, 1024) };
        ChunksDone { read: (0..chunks).map(|index| (index, ChunkFacts { records: 10 + index, usage })).collect() }
    }

    #[test]
    fn the_first_chunks_stand_for_all() {
        let table = [
            (done(0), 0, None),
            (done(2), 2, Some((21, true))),
            (done(2), 1, Some((21, true))),
            (done(2), 20, Some((210, false))),
        ];
        for (chunks, finished, expected) in table {
            assert_eq!(chunks.records(finished), expected);
        }
        let prices = Prices::built_in().unwrap();
        assert_eq!(done(0).usd(&prices, 0, 100, 0), None);
        // Some states are there in any case; each chunk costs the same.
        let usd = |chunks| done(2).usd(&prices, chunks, 1000, 0).unwrap();
        let (one, many) = (usd(3) - usd(2), usd(102) - usd(2));
        assert!((many / one - 100.0).abs() < 1e-6, "{many} {one}");
    }
}
