//! The output `sql`: a query over the records, run by Apache DataFusion.
//!
//! The optimised plan is cut where the engine merges partitions. What is below runs in each processor over the chunk's
//! batches; its rows are a part. The reducer runs the rest over the parts, in chunk order. A query in which nothing is
//! merged is row by row: its parts are the result. No I/O here but through the stores that are handed over; where a
//! reducer has more groups than memory, the engine writes to the temporary folder.

mod checked;
mod chunk;
mod compared;
mod engine;
mod error;
mod first_rows;
mod merge;
mod options;
mod planned;
mod select;
mod source;
mod state;
mod statement;
mod table;
mod view;

use error::QueryError;
use fanout_core::Schema;
use fanout_core::message::OutputOptions;
use fanout_outputs::{BUILT_IN, ChunkContext, Merge, Output, OutputError, OutputKind, OutputKinds, RunContext};

use chunk::ChunkQuery;
use merge::QueryMerge;
use options::Options;
use planned::planned;

/// The output's name.
const NAME: &str = "sql";

/// The outputs of a program that has SQL: the built-in ones, and `sql`.
pub const WITH_SQL: OutputKinds = &{
    let mut all: [&dyn OutputKind; BUILT_IN.len() + 1] = [&Sql; BUILT_IN.len() + 1];
    let mut index = 0;
    while index < BUILT_IN.len() {
        all[index] = BUILT_IN[index];
        index += 1;
    }
    all
};

/// The output `sql`. Its options are `query`, `format` (`parquet`, `csv` or `jsonl`) and `single`.
#[derive(Debug)]
pub struct Sql;

impl OutputKind for Sql {
    fn name(&self) -> &'static str {
        NAME
    }

    fn validate(&self, schema: &Schema, options: &OutputOptions) -> Result<(), OutputError> {
        planned(&Options::read(options)?, schema).map(|_| ()).map_err(QueryError::into_output)
    }

    fn start(&self, chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        Ok(Box::new(ChunkQuery::start(chunk, &Options::read(&chunk.options)?)?))
    }

    fn merge(&self, run: &RunContext) -> Box<dyn Merge> {
        Box::new(QueryMerge::new(run))
    }
}
