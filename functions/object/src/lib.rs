//! The reading of objects, which planner, processor and command line share.
//!
//! An object is read over a [`fanout_store::Store`] in ranges, each with `If-Match` on one ETag. A body
//! that breaks is resumed at the byte that did not come. A compressed object is read as a stream of
//! its text. No decision about records is made here: that is the core's.

mod chunk_reader;
mod chunk_text;
mod decompress;
mod object_start;
mod zip;

pub use chunk_reader::ChunkReader;
pub use chunk_text::ChunkText;
pub use object_start::{HeaderReadError, ObjectStart, read_samples};
