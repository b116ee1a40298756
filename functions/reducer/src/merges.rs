//! The merges of a run's outputs, fed in chunk order.

use std::collections::BTreeMap;
use std::sync::Arc;

use fanout_core::message::{ChunkResult, OutputChoice, Plan};
use fanout_outputs::{BeforeChunk, Merge, OutputKinds, RunContext, RunStore, Section, find};
use serde_json::value::RawValue;

use crate::ReduceError;

/// The merges of all outputs of a run, fed chunk by chunk.
///
/// A partial that can't be merged is told at the end alone: where coverage doesn't hold, chunks may
/// have any partials, or none.
pub(crate) struct Merges {
    outputs: Vec<(String, Box<dyn Merge>)>,
    /// The records and lines before the next chunk.
    before: BeforeChunk,
    error: Option<ReduceError>,
}

impl Merges {
    /// Fresh merges of the plan's outputs.
    pub(crate) fn start(plan: &Plan, kinds: OutputKinds) -> Result<Self, ReduceError> {
        let schema = Arc::new(plan.schema());
        let start = |choice: &OutputChoice| {
            let run = RunContext {
                schema: schema.clone(),
                options: choice.options.clone(),
                run_id: plan.run_id.clone(),
                results: plan.results.clone(),
                outputs: plan.outputs.iter().map(|output| output.name.clone()).collect(),
            };
            Ok((choice.name.clone(), find(kinds, &choice.name)?.merge(&run)))
        };
        let outputs = plan.outputs.iter().map(start).collect::<Result<_, ReduceError>>()?;
        let before = BeforeChunk { lines: plan.lines_before, ..BeforeChunk::default() };
        Ok(Self { outputs, before, error: None })
    }

    /// Takes the partials of the next chunk out of its result.
    pub(crate) fn add(&mut self, result: &mut ChunkResult) {
        let partials = std::mem::take(&mut result.partial);
        self.before.index = result.chunk.index;
        if self.error.is_none() {
            self.error = self.try_add(&partials).err();
        }
        self.before.records += result.records + result.rejects;
        self.before.lines = self.before.lines.map(|lines| lines + result.lines);
    }

    fn try_add(&mut self, partials: &BTreeMap<String, Box<RawValue>>) -> Result<(), ReduceError> {
        for (name, merge) in &mut self.outputs {
            let no_partial = || ReduceError::NoPartial { index: self.before.index, output: name.clone() };
            merge.add_after(&self.before, partials.get(name).ok_or_else(no_partial)?)?;
        }
        Ok(())
    }

    /// Returns each output's section of the report, in the order of the plan.
    pub(crate) async fn finish(self, store: Arc<dyn RunStore>) -> Result<Vec<(String, Section)>, ReduceError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let mut sections = Vec::with_capacity(self.outputs.len());
        for (name, merge) in self.outputs {
            sections.push((name, merge.finish_in(store.clone()).await?));
        }
        Ok(sections)
    }
}
