//! The billable usage and the times of chunks.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Billable usage of one chunk, all rounds together, or of all chunks.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usage {
    /// Invocations that came to an end; attempts that failed are not known.
    pub invocations: u64,
    /// The duration of all invocations, in milliseconds.
    pub billed_ms: u64,
    /// The duration times the memory, in GB-seconds; 0 outside Lambda.
    pub gb_seconds: f64,
    /// Objects, or ranges of them, that were asked for.
    pub gets: u64,
    /// Objects, or parts of them, that were written.
    pub puts: u64,
}

impl Usage {
    /// One invocation of so many milliseconds in a function of so many MB of memory.
    pub fn invocation(billed_ms: u64, memory_mb: u64) -> Self {
        let gb_seconds = billed_ms as f64 / 1e3 * memory_mb as f64 / 1024.0;
        Usage { invocations: 1, billed_ms, gb_seconds, gets: 0, puts: 0 }
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.invocations += other.invocations;
        self.billed_ms += other.billed_ms;
        self.gb_seconds += other.gb_seconds;
        self.gets += other.gets;
        self.puts += other.puts;
    }
}

/// The times of one chunk, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChunkTime {
    /// The chunk's number.
    pub index: u64,
    /// The time from the start of the run to the start of the chunk's (last) processing.
    pub queue_ms: u64,
    /// The part of the processing spent waiting for the object's bytes.
    pub read_ms: u64,
    /// The rest of the processing: finding records, making outputs, writing parts.
    pub compute_ms: u64,
}

impl ChunkTime {
    /// The time from the start of the run to the end of the chunk's processing.
    pub fn end_ms(&self) -> u64 {
        self.queue_ms + self.read_ms + self.compute_ms
    }
}
