//! The proof of a supposed encoding by all bytes of the object.

use crate::Encoding;
use crate::message::{Chunk, ChunkResult, Plan, Reader};

/// The chunks that must be processed again, in Windows-1252, because UTF-8 was supposed on ASCII alone
/// and is disproved: no chunk saw a character of more than one byte, and these saw bytes that UTF-8 does
/// not allow. None where the encoding holds.
///
/// Coverage must have been proven. The other chunks saw nothing but ASCII, which is the same in both.
///
/// ```
/// use fanout_core::{disproved_encoding, message::Plan};
///
/// # let plan = serde_json::json!({
/// #     "run_id": "run", "object": {"bucket": "b", "key": "k", "etag": "1", "size": 1}, "dataset": {},
/// #     "reader": "range", "outputs": [], "header": ["a"], "data_start": 0, "chunk_size": 1, "chunk_count": 1,
/// #     "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
/// # });
/// # let plan: Plan = serde_json::from_value(plan).unwrap();
/// assert!(!plan.encoding_assumed);
/// assert!(disproved_encoding(&plan, &[]).is_empty());
/// ```
pub fn disproved_encoding(plan: &Plan, results: &[ChunkResult]) -> Vec<Chunk> {
    let assumed = plan.encoding_assumed && plan.encoding == Encoding::UTF_8 && plan.reader != Reader::Select;
    if !assumed || results.iter().any(|result| result.seen.valid) {
        return Vec::new();
    }
    let again = |result: &ChunkResult| Chunk { first_record: result.first_record, ..result.chunk };
    results.iter().filter(|result| result.seen.invalid).map(again).collect()
}
