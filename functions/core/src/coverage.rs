//! The proof that the chunks tile the data, without a gap and without an overlap.

use thiserror::Error;

use crate::message::{Chunk, ChunkResult, CoverageReport, DataBytes, Failure, Plan, Reader};
use crate::plan::chunks;
use crate::{Code, Coded, ScanRange};

/// Rounds in which chunks are repaired side by side. After them the stretch that isn't proven is
/// processed in one piece, which needs no guess, so that repair always ends.
pub const MAX_REPAIR_ROUNDS: u32 = 3;

/// The verdict on the chain of chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// Every record was processed exactly once; or, where `verified` is false, S3 Select says so.
    Proven(CoverageReport),
    /// Chunks that must be processed (again), each from the boundary given with it.
    Repair(Vec<Chunk>),
}

/// The reason why coverage can't be proven.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CoverageError {
    /// A result stored under the number of another chunk.
    #[error("chunk {index} {expected}: its result is of chunk {found_index} {found} of run {found_run}")]
    Foreign {
        /// The chunk's number in the plan.
        index: u64,
        /// The chunk's range in the plan.
        expected: ScanRange,
        /// The number in the result.
        found_index: u64,
        /// The range in the result.
        found: ScanRange,
        /// The run in the result.
        found_run: String,
    },
    /// The object of a chunk isn't the planned one or is damaged, or S3 Select refused a chunk.
    #[error("chunk {index}: {}", failure.message)]
    Failed {
        /// The chunk's number.
        index: u64,
        /// The finding of its processor.
        failure: Failure,
    },
    /// A chunk's records, blank lines and comments aren't all its bytes, or more than them.
    #[error(
        "chunk {index}: from byte {first} to byte {next} its records, blank lines and comments have {found} bytes, \
         expected {}", .next - .first
    )]
    Unaccounted {
        /// The chunk's number.
        index: u64,
        /// The byte at which it began.
        first: u64,
        /// The byte at which it stopped.
        next: u64,
        /// Bytes that it accounts for.
        found: u64,
    },
    /// A chunk that S3 Select read has no result, however often it was asked for.
    #[error("after {rounds} further rounds chunk {index} {range} has no result")]
    Missing {
        /// Rounds done.
        rounds: u32,
        /// The chunk's number.
        index: u64,
        /// The chunk's range.
        range: ScanRange,
    },
    /// Links are still broken after the last round.
    #[error(
        "after {rounds} rounds of repair chunk {index} {range} still does not begin at byte {expected}, \
         where the one before it stopped"
    )]
    Unrepairable {
        /// Rounds done.
        rounds: u32,
        /// The chunk's number.
        index: u64,
        /// The chunk's range.
        range: ScanRange,
        /// The proven boundary.
        expected: u64,
    },
}

impl Coded for CoverageError {
    fn code(&self) -> Code {
        match self {
            CoverageError::Failed { failure, .. } => failure.code,
            _ => Code::CoverageFailed,
        }
    }
}

/// Walks the chunks of a plan in order and checks that each began where the one before stopped.
///
/// `results` holds the result of each chunk, `None` where there is none. A result over another
/// version of the object, left by an earlier run of the same id, counts as none.
///
/// A chain that holds is a proof. The first chunk began at `data_start`, which is the start of
/// a record, not a guess. A parse that begins at the start of a record finds the true end of each
/// record, so it stops at a true boundary: the first at or after its chunk's end. If the next chunk
/// began at that same byte, its parse is true too; and so on to the object's last byte. A record
/// belongs to the one chunk that holds its first byte, each chunk yields all records that begin in
/// it, and the chunks tile the data: so each record was yielded once, whatever the guesses were
/// made of. A link that doesn't hold names the chunk whose guess was wrong.
///
/// Besides, the bytes of each chunk's accepted and refused records, blank lines and comments must add
/// up to those from where it began to where it stopped.
///
/// A compressed object is one chunk, which begins at `data_start` of the text and stops at its end;
/// the processor alone checks that the decoder took all of the object, with its checksums.
///
/// S3 Select returns no offsets, so there is no chain. Two things are checked: the chunks tile the
/// data, and each has a result whose answer came whole. S3 promises that a record belongs to the one
/// chunk in which it begins; that is not checked.
///
/// A chunk without a result is processed again, from the boundary that the chunk before it proved:
///
/// ```
/// use fanout_core::message::{ChunkResult, Plan};
/// use fanout_core::{Coverage, verify};
/// use serde_json::json;
///
/// let plan: Plan = serde_json::from_value(json!({
///     "run_id": "run", "object": {"bucket": "b", "key": "k", "etag": "e", "size": 50}, "dataset": {},
///     "reader": "range", "outputs": [], "header": ["a"], "data_start": 10, "chunk_size": 20,
///     "chunk_count": 2, "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0},
/// }))
/// .unwrap();
/// let first: ChunkResult = serde_json::from_value(json!({
///     "run_id": "run", "etag": "e", "chunk": {"index": 0, "start": 10, "end": 30}, "first_record": 10,
///     "next_record": 34, "records": 3, "rejects": 0, "bytes": {"accepted": 24, "rejected": 0, "skipped": 0},
///     "bytes_read": 24, "started_ms": 0, "elapsed_ms": 0, "parts": [], "partial": {},
/// }))
/// .unwrap();
/// let Coverage::Repair(chunks) = verify(&plan, &[Some(first), None]).unwrap() else { panic!("proven") };
/// assert_eq!((chunks[0].index, chunks[0].first_record), (1, Some(34)));
/// ```
///
/// # Errors
///
/// [`CoverageError`] if the chunks cannot be proved to tile the data.
pub fn verify(plan: &Plan, results: &[Option<ChunkResult>]) -> Result<Coverage, CoverageError> {
    let (run_id, etag) = (plan.run_id.as_str(), plan.object.etag.as_str());
    if plan.reader == Reader::Select {
        return verify_selected(plan, results);
    }
    if plan.compression.is_some() {
        return verify_stream(plan, results.first().and_then(Option::as_ref).filter(|result| result.etag == etag));
    }
    let (data, chunk_size, round) = (plan.data(), plan.chunk_size, plan.round);
    let mut bytes = DataBytes::default();
    let mut proven = true;
    // Where the next record begins: proven, or else as the chunks before say it.
    let mut expected = Some(data.start);
    let mut repaired = 0;
    let mut repairs = Vec::new();
    let mut broken: Option<(Chunk, u64)> = None;
    for chunk in chunks(data, chunk_size) {
        let result = results.get(chunk.index as usize).and_then(Option::as_ref);
        let result = result.filter(|result| result.etag == etag);
        if let Some(result) = result {
            check_identity(run_id, data, &chunk, result)?;
            if let Some(failure) = result.failure.as_ref().filter(|failure| failure.ends_the_run()) {
                return Err(CoverageError::Failed { index: chunk.index, failure: failure.clone() });
            }
            repaired += u64::from(result.chunk.first_record.is_some());
        }
        match link(&chunk, data, expected, result) {
            Link::Holds(next) => {
                // A chunk within one record has no byte of its own.
                let own = proven && expected.is_some_and(|boundary| boundary < chunk.end);
                if let Some(result) = result.filter(|_| own) {
                    check_bytes(result)?;
                    bytes = bytes.plus(result.bytes);
                }
                expected = next;
            }
            Link::Broken => {
                if proven && let Some(boundary) = expected {
                    broken = Some((chunk, boundary));
                }
                proven = false;
                repairs.push(Chunk { first_record: expected, ..chunk });
                // What this chunk will find can't be known before; one without a record changes nothing.
                expected = expected.filter(|boundary| *boundary >= chunk.end);
            }
        }
    }
    let Some((first, boundary)) = broken else {
        let coverage = CoverageReport { verified: true, data_start: data.start, end: data.end, bytes, repaired };
        return Ok(Coverage::Proven(coverage));
    };
    if round < MAX_REPAIR_ROUNDS {
        return Ok(Coverage::Repair(repairs));
    }
    if round == MAX_REPAIR_ROUNDS {
        return Ok(Coverage::Repair(in_one_piece(data, chunk_size, first, boundary)));
    }
    Err(CoverageError::Unrepairable { rounds: round, index: first.index, range: first.range(), expected: boundary })
}

/// Verifies the one chunk of a compressed object, whose boundary nobody has to guess.
fn verify_stream(plan: &Plan, result: Option<&ChunkResult>) -> Result<Coverage, CoverageError> {
    let (range, data_start) = (plan.data(), plan.data_start);
    let chunk = Chunk { index: 0, start: range.start, end: range.end, first_record: Some(data_start) };
    let Some(result) = result else {
        let (rounds, index) = (plan.round, chunk.index);
        return if rounds < MAX_REPAIR_ROUNDS {
            Ok(Coverage::Repair(vec![chunk]))
        } else {
            Err(CoverageError::Unrepairable { rounds, index, range, expected: data_start })
        };
    };
    check_identity(&plan.run_id, range, &chunk, result)?;
    if let Some(failure) = &result.failure {
        return Err(CoverageError::Failed { index: chunk.index, failure: failure.clone() });
    }
    check_bytes(result)?;
    match (result.first_record, result.next_record) {
        (Some(first), Some(end)) if first == data_start && end >= first => {
            let repaired = u64::from(result.chunk.first_record.is_some());
            let bytes = result.bytes;
            Ok(Coverage::Proven(CoverageReport { verified: true, data_start, end, bytes, repaired }))
        }
        _ => Err(CoverageError::Unrepairable { rounds: plan.round, index: 0, range, expected: data_start }),
    }
}

/// Verifies the answers of S3 Select.
fn verify_selected(plan: &Plan, results: &[Option<ChunkResult>]) -> Result<Coverage, CoverageError> {
    let (data, round) = (plan.data(), plan.round);
    let mut missing = Vec::new();
    for chunk in chunks(data, plan.chunk_size) {
        let result = results.get(chunk.index as usize).and_then(Option::as_ref);
        let result = result.filter(|result| result.etag == plan.object.etag);
        if let Some(result) = result {
            check_identity(&plan.run_id, data, &chunk, result)?;
            if let Some(failure) = &result.failure {
                return Err(CoverageError::Failed { index: chunk.index, failure: failure.clone() });
            }
        }
        // The figures at its end say that an answer came whole.
        if result.is_none_or(|result| result.select.is_none()) {
            if round >= MAX_REPAIR_ROUNDS {
                return Err(CoverageError::Missing { rounds: round, index: chunk.index, range: chunk.range() });
            }
            missing.push(chunk);
        }
    }
    if !missing.is_empty() {
        return Ok(Coverage::Repair(missing));
    }
    let bytes = DataBytes::default();
    Ok(Coverage::Proven(CoverageReport { verified: false, data_start: data.start, end: data.end, bytes, repaired: 0 }))
}

/// All bytes from where a chunk began to where it stopped are accounted for.
fn check_bytes(result: &ChunkResult) -> Result<(), CoverageError> {
    let first = result.first_record.unwrap_or(0);
    let next = result.next_record.or(result.first_record).unwrap_or(0);
    match result.bytes.total() {
        found if found == next.saturating_sub(first) => Ok(()),
        found => Err(CoverageError::Unaccounted { index: result.chunk.index, first, next, found }),
    }
}

enum Link {
    /// The next record begins here; `None` while nobody can say.
    Holds(Option<u64>),
    Broken,
}

/// Compares where a chunk began with where the one before it stopped.
fn link(chunk: &Chunk, data: ScanRange, expected: Option<u64>, result: Option<&ChunkResult>) -> Link {
    // An earlier version of the processor stopped at bad data; this one goes on.
    let Some(result) = result.filter(|result| result.failure.is_none()) else { return Link::Broken };
    let empty = (result.records, result.rejects, result.bytes.total()) == (0, 0, 0);
    match expected {
        // The chunk lies within one record: it must have none, wherever it thinks that the next begins.
        Some(boundary) if boundary >= chunk.end => {
            if empty {
                Link::Holds(Some(boundary))
            } else {
                Link::Broken
            }
        }
        Some(boundary) if result.first_record != Some(boundary) => Link::Broken,
        _ => match result.next_record {
            // A true parse knows where it stopped.
            None if expected.is_some() => Link::Broken,
            Some(next) if next < result.chunk.end || next > data.end => Link::Broken,
            next => Link::Holds(next),
        },
    }
}

fn check_identity(run_id: &str, data: ScanRange, chunk: &Chunk, result: &ChunkResult) -> Result<(), CoverageError> {
    let found = &result.chunk;
    // The last resort stretches a chunk to the end of the data.
    let end = found.end == chunk.end || (found.first_record.is_some() && found.end == data.end);
    if result.run_id == run_id && found.index == chunk.index && found.start == chunk.start && end {
        return Ok(());
    }
    Err(CoverageError::Foreign {
        index: chunk.index,
        expected: chunk.range(),
        found_index: found.index,
        found: found.range(),
        found_run: result.run_id.clone(),
    })
}

/// The last resort: the chunk with the first record that isn't proven takes all data up to the end,
/// the others none.
fn in_one_piece(data: ScanRange, chunk_size: u64, first: Chunk, boundary: u64) -> Vec<Chunk> {
    chunks(data, chunk_size)
        .skip(first.index as usize)
        .map(|chunk| match chunk.range() {
            range if range.contains(boundary) => Chunk { end: data.end, first_record: Some(boundary), ..chunk },
            range if range.end <= boundary => Chunk { first_record: Some(boundary), ..chunk },
            _ => Chunk { first_record: Some(data.end), ..chunk },
        })
        .collect()
}

#[cfg(test)]
mod tests;
