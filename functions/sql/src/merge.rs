//! The end of a query: its plan over the parts of all chunks, and the section of the report.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{FieldRef, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::physical_plan::streaming::PartitionStream;
use fanout_core::message::{Part, QueryColumn, QueryReport};
use fanout_outputs::{Merge, OutputError, RunContext, RunStore, Section, read_partial};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use serde_json::value::RawValue;

use crate::chunk::ChunkPartial;
use crate::engine::whole_context;
use crate::error::{encode, failed};
use crate::first_rows::FirstRows;
use crate::options::Options;
use crate::planned::{PartsOrder, Planned, is_single, over, planned};
use crate::source::{Parts, plan_over};
use crate::state::{State, read};
use crate::table::{Complete, Table};
use crate::view::type_name;
use crate::{NAME, QueryError};

/// Parts that are read at once.
const READS: usize = 2;

/// The merge of a run's query.
pub(crate) struct QueryMerge {
    run: RunContext,
    states: Vec<State>,
    rows_in: u64,
    rows_out: u64,
    first: FirstRows,
}

impl QueryMerge {
    pub(crate) fn new(run: &RunContext) -> Self {
        Self { run: run.clone(), states: Vec::new(), rows_in: 0, rows_out: 0, first: FirstRows::default() }
    }

    /// The plan of the reducer: the whole plan over the parts, or these as they are.
    fn plan(
        &mut self,
        planned: &Planned,
        store: &Arc<dyn RunStore>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let Some(chunk) = &planned.chunk else {
            return planned.whole.clone().ok_or_else(|| DataFusionError::Internal("no plan".to_owned()));
        };
        let schema = chunk.plan.schema();
        let states = std::mem::take(&mut self.states);
        let groups: Vec<Vec<State>> = match planned.parts {
            PartsOrder::Merged if !states.is_empty() => states.into_iter().map(|state| vec![state]).collect(),
            PartsOrder::OneByOne | PartsOrder::Merged => vec![states],
        };
        let partition = |states: Vec<State>| -> Arc<dyn PartitionStream> {
            let (store, schema) = (store.clone(), schema.clone());
            Arc::new(Parts::new(schema.clone(), move || batches(states.clone(), store.clone(), schema.clone())))
        };
        let source = plan_over(&schema, groups.into_iter().map(partition).collect())?;
        match &planned.whole {
            // Plans are kept from run to run, and what they have seen is not.
            Some(whole) => over(reset_plan_states(whole.clone())?, source),
            None => Ok(source),
        }
    }

    /// Runs the plan over all parts, and writes its rows as one file.
    async fn write_result(
        &mut self,
        planned: &Planned,
        options: &Options,
        store: Arc<dyn RunStore>,
        section: &mut Section,
    ) -> Result<(), OutputError> {
        let plan = self.plan(planned, &store).map_err(|error| failed(error, ""))?;
        if !is_single(&plan) {
            return Err(encode(DataFusionError::Internal("the plan over all parts has several ends".to_owned())));
        }
        let context = whole_context().map_err(|error| failed(error, ""))?;
        let mut rows = plan.execute(0, context).map_err(|error| failed(error, ""))?;
        let key = format!("sql/result.{}", options.format.extension());
        let mut table = Table::new(store.clone(), key.clone(), options.format, planned.schema.clone());
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(of_part)?;
            if batch.num_rows() > 0 {
                self.rows_out += batch.num_rows() as u64;
                self.first.take(&batch)?;
                table.write(&batch).await?;
            }
        }
        add(section, table.finish().await?, key);
        section.parts_are_merged = true;
        Ok(())
    }
}

/// An error of the plan over all parts: that of the store where a part can't be read.
fn of_part(error: DataFusionError) -> OutputError {
    match error {
        DataFusionError::External(source) => match source.downcast::<OutputError>() {
            Ok(error) => *error,
            Err(source) => failed(DataFusionError::External(source), ""),
        },
        error => failed(error, ""),
    }
}

fn batches(
    states: Vec<State>,
    store: Arc<dyn RunStore>,
    schema: SchemaRef,
) -> impl Stream<Item = Result<RecordBatch, DataFusionError>> + Send + 'static {
    stream::iter(states)
        .map(move |state| read(state, store.clone(), schema.clone()))
        .buffered(READS)
        .map_ok(|batches| stream::iter(batches.into_iter().map(Ok)))
        .try_flatten()
}

/// Adds a complete file to the section.
fn add(section: &mut Section, complete: Complete, key: String) {
    match complete {
        Complete::Part(part) => section.parts.push(part),
        Complete::Empty(bytes) => {
            section.parts.push(Part {
                output: NAME.to_owned(),
                key: key.clone(),
                records: 0,
                bytes: bytes.len() as u64,
            });
            section.files.push((key, bytes));
        }
    }
}

#[async_trait]
impl Merge for QueryMerge {
    fn add(&mut self, partial: &RawValue) -> Result<(), OutputError> {
        let ChunkPartial { rows_in, rows_out, state, first } = read_partial(NAME, partial)?;
        self.rows_in += rows_in;
        self.rows_out += rows_out;
        self.states.extend(state);
        self.first.extend(first);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Section, OutputError> {
        Err(encode(DataFusionError::Internal("a query ends with its store alone".to_owned())))
    }

    async fn finish_in(mut self: Box<Self>, store: Arc<dyn RunStore>) -> Result<Section, OutputError> {
        let options = Options::read(&self.run.options)?;
        let planned = planned(&options, &self.run.schema).map_err(QueryError::into_output)?;
        let mut section = Section::default();
        if planned.whole.is_some() || options.single {
            self.write_result(&planned, &options, store, &mut section).await?;
        } else if self.rows_out == 0 {
            // The columns of a result without a row.
            let key = format!("sql/part-00000.{}", options.format.extension());
            let table = Table::new(store.clone(), key.clone(), options.format, planned.schema.clone());
            add(&mut section, table.finish().await?, key);
        }
        let column =
            |field: &FieldRef| QueryColumn { name: field.name().clone(), column_type: type_name(field.data_type()) };
        let told = QueryReport {
            query: options.query,
            columns: planned.schema.fields().iter().map(column).collect(),
            rows_in: self.rows_in,
            rows_out: self.rows_out,
            rows: self.first.rows,
        };
        section.records = self.rows_out;
        section.section = Some(serde_json::to_value(told).map_err(encode)?);
        Ok(section)
    }
}
