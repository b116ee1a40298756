//! The chunks of a round: inline in the message, or in a manifest.

use super::limits::INLINE_CHUNKS;
use crate::message::{Chunk, MessageError, from_json, to_json};

/// The chunks of one round, and where the state machine finds them.
#[derive(Debug, Clone, PartialEq)]
pub enum ChunkList {
    /// Chunks in the plan itself, at most [`INLINE_CHUNKS`], for an inline Map.
    Inline(Vec<Chunk>),
    /// A manifest in JSON lines, from which a distributed Map reads its items.
    Manifest(Vec<u8>),
}

/// Decides where the chunks of a round go.
///
/// # Errors
///
/// [`MessageError`] where a chunk cannot be written as JSON.
pub fn chunk_list(chunks: impl ExactSizeIterator<Item = Chunk>) -> Result<ChunkList, MessageError> {
    if chunks.len() as u64 <= INLINE_CHUNKS {
        return Ok(ChunkList::Inline(chunks.collect()));
    }
    let mut lines = Vec::new();
    for chunk in chunks {
        lines.extend(to_json("manifest", &chunk)?);
        lines.push(b'\n');
    }
    Ok(ChunkList::Manifest(lines))
}

/// Reads the chunks of a manifest; `what` names it in the error.
///
/// # Errors
///
/// [`MessageError`] where a line is not a chunk.
pub fn read_manifest(what: &str, lines: &[u8]) -> Result<Vec<Chunk>, MessageError> {
    lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| from_json(what, line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(count: u64) -> Vec<Chunk> {
        (0..count).map(|index| Chunk { index, start: index, end: index + 1, first_record: None }).collect()
    }

    #[test]
    fn few_chunks_stay_in_the_plan_and_many_make_a_manifest() {
        let few = chunk_list(chunks(INLINE_CHUNKS).into_iter()).unwrap();
        assert_eq!(few, ChunkList::Inline(chunks(INLINE_CHUNKS)));
        let Ok(ChunkList::Manifest(lines)) = chunk_list(chunks(INLINE_CHUNKS + 1).into_iter()) else { panic!() };
        assert_eq!(read_manifest("manifest", &lines).unwrap(), chunks(INLINE_CHUNKS + 1));
        let error = read_manifest("manifest", b"{}\n").unwrap_err().to_string();
        assert!(error.starts_with("manifest: missing field"), "{error}");
    }
}
