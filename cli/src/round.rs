//! A round of a local run: its chunks, some at once, as a Map state processes them.

use std::sync::Arc;

use fanout_core::message::{Chunk, Plan, ProcessRequest, from_json};
use fanout_core::read_manifest;
use fanout_outputs::OutputKinds;
use fanout_processor::process_on;
use fanout_store::{Store, get};
use serde::Deserialize;
use tokio::task::JoinSet;

use crate::CliError;
use crate::local::{OUTSIDE_LAMBDA, retried};

/// The progress of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A round begins: that many bytes in that many chunks; `round` is 0, or that of the repair.
    Round {
        /// The round.
        round: u32,
        /// Chunks to process.
        chunks: u64,
        /// Bytes of these chunks.
        bytes: u64,
    },
    /// A chunk is done.
    Chunk {
        /// Bytes of the chunk.
        bytes: u64,
        /// Records in it, refused ones included.
        records: u64,
    },
    /// The results of all chunks are verified and merged.
    Merge,
}

/// The chunks of this round, as a Map state takes them: from the plan or from its manifest.
pub(crate) async fn chunks(plan: &mut Plan, results: &dyn Store) -> Result<Vec<Chunk>, CliError> {
    match (plan.chunks.take(), &plan.manifest) {
        (Some(chunks), _) => Ok(chunks),
        (None, Some(location)) => Ok(read_manifest(&location.to_string(), &get(results, location).await?)?),
        (None, None) => Ok(Vec::new()),
    }
}

/// One round over a plan without its chunks.
pub(crate) struct Round<'r> {
    pub(crate) plan: Arc<Plan>,
    pub(crate) source: &'r Arc<dyn Store>,
    pub(crate) results: &'r Arc<dyn Store>,
    pub(crate) outputs: OutputKinds,
    pub(crate) concurrency: usize,
}

/// The counts of a chunk's stored result.
#[derive(Deserialize)]
struct Counts {
    records: u64,
    rejects: u64,
}

impl Round<'_> {
    /// Processes chunks, some at once; the first error ends them all.
    pub(crate) async fn process(&self, chunks: Vec<Chunk>, progress: &impl Fn(Progress)) -> Result<(), CliError> {
        let bytes = chunks.iter().map(|chunk| chunk.range().len()).sum();
        progress(Progress::Round { round: self.plan.round, chunks: chunks.len() as u64, bytes });
        // Few chunks share the cores.
        let cores = self.concurrency / chunks.len().max(1);
        let mut waiting = chunks.into_iter();
        let mut working = JoinSet::new();
        loop {
            while working.len() < self.concurrency
                && let Some(chunk) = waiting.next()
            {
                let context = fanout_processor::Context {
                    source: self.source.clone(),
                    results: self.results.clone(),
                    outputs: self.outputs,
                    memory_mb: OUTSIDE_LAMBDA,
                };
                let request = ProcessRequest { plan: Plan::clone(&self.plan), chunk };
                working.spawn(async move { retried(|| process_on(&request, &context, cores)).await.map(|_| chunk) });
            }
            match working.join_next().await {
                None => return Ok(()),
                Some(Ok(chunk)) => progress(self.done(chunk?).await?),
                Some(Err(lost)) => return Err(CliError::Internal(format!("a chunk's task ended: {lost}"))),
            }
        }
    }

    /// The progress by a chunk, with the records of its result.
    async fn done(&self, chunk: Chunk) -> Result<Progress, CliError> {
        let location = self.plan.result_location(chunk.index);
        let counts: Counts = from_json(&location.to_string(), &get(&**self.results, &location).await?)?;
        Ok(Progress::Chunk { bytes: chunk.range().len(), records: counts.records + counts.rejects })
    }
}
