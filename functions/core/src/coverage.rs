use thiserror::Error;

use crate::message::{Chunk, ChunkResult, CoverageReport, Failure};
use crate::plan::chunks;
use crate::{Code, Coded, ScanRange};

/// Rounds in which chunks are repaired side by side. After them the stretch that isn't proven is
/// processed in one piece, which needs no guess, so that repair always ends.
pub const MAX_REPAIR_ROUNDS: u32 = 3;

/// What the chain of chunks says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// Every record was processed exactly once.
    Proven(CoverageReport),
    /// These chunks must be processed (again), each from the place given with it.
    Repair(Vec<Chunk>),
}

/// Why coverage can't be reached.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CoverageError {
    /// A result that isn't of the chunk whose place it has.
    #[error("chunk {index} {expected}: its result is of chunk {found_index} {found} of run {found_run}")]
    Foreign {
        /// The chunk's number in the plan.
        index: u64,
        /// Its range in the plan.
        expected: ScanRange,
        /// The number in the result.
        found_index: u64,
        /// The range in the result.
        found: ScanRange,
        /// The run in the result.
        found_run: String,
    },
    /// A chunk with a proven start has bad data, or the object of any chunk isn't the planned one.
    #[error("chunk {index}: {}", failure.message)]
    Failed {
        /// The chunk's number.
        index: u64,
        /// What its processor found.
        failure: Failure,
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
        /// Its range.
        range: ScanRange,
        /// The proven place.
        expected: u64,
    },
}

impl Coded for CoverageError {
    fn code(&self) -> Code {
        match self {
            CoverageError::Failed { failure, .. } => failure.code(),
            _ => Code::CoverageFailed,
        }
    }
}

/// Walks the chunks of a plan in order and checks that each began where the one before stopped.
///
/// `etag` is that of the planned object, `data` is `[data_start, size)`, `round` the rounds of repair
/// done so far, and `results` holds the result of each chunk, `None` where there is none. A result
/// over another version of the object, left by an earlier run of the same id, counts as none.
///
/// Why a chain that holds is a proof: the first chunk began at `data_start`, which is the start of
/// a record, not a guess. A parse that begins at the start of a record finds the true end of each
/// record, so it stops at a true place: the first at or after its chunk's end. If the next chunk
/// began at that same byte, its parse is true too; and so on to the object's last byte. A record
/// belongs to the one chunk that holds its first byte, each chunk yields all records that begin in
/// it, and the chunks tile the data: so each record was yielded once, whatever the guesses were
/// made of. A link that doesn't hold names the chunk whose guess was wrong.
pub fn verify(
    run_id: &str,
    etag: &str,
    data: ScanRange,
    chunk_size: u64,
    round: u32,
    results: &[Option<ChunkResult>],
) -> Result<Coverage, CoverageError> {
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
            Link::Holds(next) => expected = next,
            Link::Failed(failure) if proven => {
                return Err(CoverageError::Failed { index: chunk.index, failure: failure.clone() });
            }
            Link::Failed(_) => expected = None,
            Link::Broken => {
                if proven && let Some(place) = expected {
                    broken = Some((chunk, place));
                }
                proven = false;
                repairs.push(Chunk { first_record: expected, ..chunk });
                // What this chunk will find can't be known before; one without a record changes nothing.
                expected = expected.filter(|place| *place >= chunk.end);
            }
        }
    }
    let Some((first, place)) = broken else {
        let coverage = CoverageReport { verified: true, data_start: data.start, end: data.end, repaired };
        return Ok(Coverage::Proven(coverage));
    };
    if round < MAX_REPAIR_ROUNDS {
        return Ok(Coverage::Repair(repairs));
    }
    if round == MAX_REPAIR_ROUNDS {
        return Ok(Coverage::Repair(in_one_piece(data, chunk_size, first, place)));
    }
    Err(CoverageError::Unrepairable { rounds: round, index: first.index, range: first.range(), expected: place })
}

enum Link<'r> {
    /// The next record begins here; `None` while nobody can say.
    Holds(Option<u64>),
    /// It began at the right place and found bad data.
    Failed(&'r Failure),
    Broken,
}

/// Compares where a chunk began with where the one before it stopped.
fn link<'r>(chunk: &Chunk, data: ScanRange, expected: Option<u64>, result: Option<&'r ChunkResult>) -> Link<'r> {
    let Some(result) = result else { return Link::Broken };
    let empty = result.records == 0 && result.rejects == 0 && result.failure.is_none();
    match expected {
        // The chunk lies within one record: it must have none, wherever it thinks that the next begins.
        Some(place) if place >= chunk.end => {
            if empty {
                Link::Holds(Some(place))
            } else {
                Link::Broken
            }
        }
        Some(place) if result.first_record != Some(place) => Link::Broken,
        _ => match (&result.failure, result.next_record) {
            (Some(failure), _) => Link::Failed(failure),
            // A true parse knows where it stopped.
            (None, None) if expected.is_some() => Link::Broken,
            (None, Some(next)) if next < result.chunk.end || next > data.end => Link::Broken,
            (None, next) => Link::Holds(next),
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
fn in_one_piece(data: ScanRange, chunk_size: u64, first: Chunk, place: u64) -> Vec<Chunk> {
    chunks(data, chunk_size)
        .skip(first.index as usize)
        .map(|chunk| match chunk.range() {
            range if range.contains(place) => Chunk { end: data.end, first_record: Some(place), ..chunk },
            range if range.end <= place => Chunk { first_record: Some(place), ..chunk },
            _ => Chunk { first_record: Some(data.end), ..chunk },
        })
        .collect()
}

#[cfg(test)]
mod tests;
