//! The estimate of a run before it starts.

use super::bill::{EXPRESS_GB, TRANSITIONS};
use super::{Prices, Stack, cores};
use crate::message::{CostEstimate, Work};
use crate::{Compression, INLINE_CHUNKS};

/// Start of the execution, the planner's samples, the plan.
const PLAN_SECONDS: f64 = 1.0;
/// Start of a Distributed Map.
const MAP_SECONDS: f64 = 2.0;
/// Chunks that a Distributed Map starts in a second (AWS: EXPRESS children).
const STARTS_A_SECOND: f64 = 1000.0;
/// Start of a function that was not there yet; it is billed.
const COLD_SECONDS: f64 = 0.2;
/// First byte of the object, end of the parts, the result: for one chunk.
const CHUNK_SECONDS: f64 = 0.15;
/// The reducer's start, its report and its page.
const REPORT_SECONDS: f64 = 0.5;
/// Memory of the reducer in GB, as the template has it.
const REDUCER_GB: f64 = 3008.0 / 1024.0;
/// Seconds of the reducer for a chunk, and for each column of a chunk.
const MERGE_SECONDS: f64 = 0.0002;
const MERGE_COLUMN_SECONDS: f64 = 0.000_01;
/// Nanoseconds of a core for a byte that is received: TLS and HTTP.
const FETCH_NS: f64 = 1.0;
/// The part of the usual outputs' work that the busiest thread does where another core encodes Parquet.
const LONGEST_THREAD: f64 = 0.76;
/// Bytes of one part of an upload, and of one segment of several connections.
const SEGMENT: f64 = (8 << 20) as f64;
/// Requests that read and write, of planner and reducer, besides one for each chunk.
const GETS: f64 = 19.0;
const PUTS: f64 = 6.0;
/// A chunk of an automatic size takes at most so long: a fifth of the 5 minutes of an EXPRESS child.
const LONGEST_SECONDS: f64 = 60.0;

/// Bytes of text in a byte of a compressed object, as tables and logs have them at the usual levels.
fn text_in_compressed(compression: Compression) -> u64 {
    match compression {
        Compression::Gzip | Compression::Zstd | Compression::Zip => 5,
        Compression::Bzip2 => 7,
        Compression::Xz => 8,
    }
}

/// The size of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSize {
    /// Bytes of the object that are read.
    pub object: u64,
    /// Bytes of their text.
    pub text: u64,
    /// Chunks.
    pub chunks: u64,
}

impl RunSize {
    /// `object` bytes of an object in so many chunks; of a compressed one the text is a guess.
    pub fn new(object: u64, compression: Option<Compression>, chunks: u64) -> Self {
        let text = object.saturating_mul(compression.map_or(1, text_in_compressed));
        RunSize { object, text, chunks: chunks.max(1) }
    }
}

impl Work {
    /// Seconds that a processor reads and works on a chunk of the mean size. Reading overlaps work.
    pub fn chunk_seconds(&self, stack: &Stack, size: &RunSize) -> f64 {
        let chunks = size.chunks as f64;
        let (object, text) = (size.object as f64 / chunks, size.text as f64 / chunks);
        let (work, fetch) = (text * self.cpu_ns / 1e9, object * FETCH_NS / 1e9);
        // Fetching is another thread's where there is a second core, and so is the encoding of Parquet.
        let longest = if cores(stack.memory_mb) > 1 { work * LONGEST_THREAD } else { work };
        let cpu = ((work + fetch) / stack.cpus()).max(longest);
        CHUNK_SECONDS + cpu.max(object / stack.network())
    }

    /// Bytes of text that a processor works through in the time of the longest automatic chunk.
    pub fn longest_chunk(&self, stack: &Stack) -> u64 {
        const BYTES: u64 = 1 << 20;
        let seconds = self.chunk_seconds(stack, &RunSize::new(BYTES, None, 1)) - CHUNK_SECONDS;
        (LONGEST_SECONDS / seconds * BYTES as f64) as u64
    }
}

/// Estimates a run in a stack: the order of magnitude for a person who decides whether to start it.
///
/// `inferred` tells that types of columns are inferred: where a later value widens one, its chunks are processed
/// again, all of them at most.
pub fn estimate(prices: &Prices, stack: &Stack, work: &Work, size: &RunSize, inferred: bool) -> CostEstimate {
    let chunks = size.chunks as f64;
    let inline = size.chunks <= INLINE_CHUNKS;
    let widest = if inline { INLINE_CHUNKS } else { u64::MAX };
    let at_once = stack.parallelism.clamp(1, widest);
    let chunk = work.chunk_seconds(stack, size);
    let waves = size.chunks.div_ceil(at_once) as f64;
    let map = if inline { 0.0 } else { MAP_SECONDS + chunks / STARTS_A_SECOND };
    let processing = COLD_SECONDS + map.max(waves * chunk + map.min(MAP_SECONDS));
    let merging = REPORT_SECONDS + chunks * (MERGE_SECONDS + MERGE_COLUMN_SECONDS * work.columns as f64);
    // Money of the chunks, which a second pass costs once more.
    let billed = chunks * chunk + COLD_SECONDS * chunks.min(at_once as f64);
    let written = size.text as f64 * work.written;
    let gets = if stack.connections() > 1 { (size.object as f64 / SEGMENT).max(chunks) } else { chunks };
    let puts = chunks + if work.written > 0.0 { 2.0 * chunks + written / SEGMENT } else { 0.0 };
    let orchestration = if inline {
        prices.state_transition * chunks
    } else {
        prices.express_request * chunks + prices.express_gb_second * EXPRESS_GB * billed
    };
    let processors = billed * stack.second(prices)
        + chunks * prices.lambda_request
        + gets * prices.s3_get
        + puts * prices.s3_put
        + orchestration;
    let others = merging * REDUCER_GB * prices.gb_second(stack.architecture)
        + (GETS + chunks) * prices.s3_get
        + PUTS * prices.s3_put
        + TRANSITIONS as f64 * prices.state_transition;
    CostEstimate {
        seconds: round(PLAN_SECONDS + processing + merging, 10.0),
        usd: round(processors + others, 1e6),
        memory_mb: stack.memory_mb,
        chunks: size.chunks,
        widened_usd: if inferred { round(processors, 1e6) } else { 0.0 },
        work: Some(*work),
    }
}

fn round(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{UsualRecord, chunk_size_for, work};

    const DEFAULT: [&str; 3] = ["profile", "parquet", "rejects"];
    const PEOPLE: UsualRecord = UsualRecord { bytes: 58.0, typed: 6, texts: 1 };

    fn default_work() -> Work {
        work(DEFAULT, &PEOPLE, None).unwrap()
    }

    fn of(stack: &Stack, bytes: u64) -> CostEstimate {
        let prices = Prices::built_in().unwrap();
        let work = default_work();
        let chunk = chunk_size_for(bytes, stack.parallelism, work.longest_chunk(stack));
        estimate(&prices, stack, &work, &RunSize::new(bytes, None, bytes.div_ceil(chunk)), false)
    }

    #[test]
    fn a_few_sizes() {
        let stack = Stack::default();
        let (small, large) = (of(&stack, 5_000_000), of(&stack, 10_000_000_000_000));
        assert!(small.seconds < 5.0 && small.usd < 0.001, "{small:?}");
        assert!((60.0..900.0).contains(&large.seconds) && (1.0..10.0).contains(&large.usd), "{large:?}");
        let gzip = RunSize::new(10_000_000_000, Some(Compression::Gzip), 1);
        let seconds = default_work().chunk_seconds(&stack, &gzip);
        assert!((300.0..3_000.0).contains(&seconds), "{seconds}");
    }

    #[test]
    fn the_memory_of_the_template_is_the_fastest_of_the_cheap_ones() {
        let sizes = [512, 1024, 1769, 2048, 3008, 4096, 6144, 10_240];
        let all = sizes.map(|memory_mb| of(&Stack { memory_mb, ..Stack::default() }, 100_000_000_000));
        let least = all.iter().map(|one| one.usd).fold(f64::MAX, f64::min);
        let cheap = all.iter().filter(|one| one.usd < least * 1.05);
        let best = cheap.min_by(|a, b| a.seconds.total_cmp(&b.seconds)).unwrap();
        assert_eq!(best.memory_mb, Stack::default().memory_mb, "{all:#?}");
    }

    #[test]
    fn chunks_of_small_functions_end_in_time() {
        let slow = work(["profile", "parquet", "jsonl"], &UsualRecord { bytes: 400.0, typed: 0, texts: 200 }, None);
        for memory_mb in [128, 512, 1769, 10_240] {
            let stack = Stack { memory_mb, ..Stack::default() };
            for work in [default_work(), slow.clone().unwrap()] {
                let chunk = chunk_size_for(5_000_000_000_000, 1000, work.longest_chunk(&stack));
                let seconds = work.chunk_seconds(&stack, &RunSize::new(chunk, None, 1));
                assert!(seconds < 300.0, "{memory_mb} MB: {chunk} bytes take {seconds} s");
            }
        }
    }

    #[test]
    fn fewer_chunks_at_once_take_longer() {
        let prices = Prices::built_in().unwrap();
        let seconds = |parallelism: u64, chunks: u64| {
            let (stack, size) = (Stack { parallelism, ..Stack::default() }, RunSize::new(chunks << 26, None, chunks));
            estimate(&prices, &stack, &default_work(), &size, false).seconds
        };
        assert_eq!(seconds(1000, 40), seconds(40, 40), "an inline Map is at most 40 wide");
        assert!(seconds(10, 40) > 2.0 * seconds(40, 40), "{} s", seconds(10, 40));
        assert!(seconds(10, 400) > 5.0 * seconds(1000, 400), "{} s", seconds(10, 400));
    }

    #[test]
    fn a_second_pass_costs_the_chunks_once_more() {
        let prices = Prices::built_in().unwrap();
        let size = RunSize::new(1_000_000_000_000, None, 2000);
        let once = estimate(&prices, &Stack::default(), &default_work(), &size, true);
        assert!(once.widened_usd < once.usd && once.widened_usd > once.usd * 0.8, "{once:?}");
    }
}
