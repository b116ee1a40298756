//! The cut of an object into chunks: sizes, limits, where the list of chunks goes, and the run's id.

mod chunk_list;
mod chunks;
mod limits;
mod plan_body;
mod run_id;

pub use chunk_list::{ChunkList, chunk_list, read_manifest};
pub use chunks::{PlanError, chunk_size_for, chunks, validate_chunk_size};
pub use limits::{INLINE_CHUNKS, MAX_CHUNKS, MAX_COLUMNS, MAX_DATASET, MAX_NAME, MAX_OBJECT, MAX_PAYLOAD};
pub use plan_body::{PlanBody, check_payload, take_body};
pub use run_id::{file_stem, is_run_id, run_id};
