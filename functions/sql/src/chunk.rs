//! A query at work on one chunk: its plan over the chunk's batches, and what comes of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Poll;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use fanout_core::Rows;
use fanout_core::message::Part;
use fanout_outputs::{ChunkContext, Finished, Output, OutputError, partial};
use futures::{StreamExt, future};
use serde::{Deserialize, Serialize};

use crate::engine::chunk_context;
use crate::error::{arrow, failed};
use crate::first_rows::FirstRows;
use crate::options::Options;
use crate::planned::{ChunkPlan, Planned, planned};
use crate::source::Queue;
use crate::state::{State, StateWriter};
use crate::table::{Complete, Table};
use crate::view::record_batch;
use crate::{NAME, QueryError};

/// Batches that are kept to find a record in.
const RECENT: usize = 8;

/// The result of a query for one chunk.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ChunkPartial {
    /// Records that the query saw.
    pub(crate) rows_in: u64,
    /// Rows of the result, where rows of a chunk are some; else 0.
    #[serde(default)]
    pub(crate) rows_out: u64,
    /// The batches for the plan over all parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<State>,
    /// The first rows, where rows of a chunk are rows of the result.
    #[serde(default)]
    pub(crate) first: FirstRows,
}

/// The place of rows that a chunk's plan makes.
enum Made {
    /// A part of the result.
    Rows(Box<Table>),
    /// The batches for the plan over all parts.
    State(Box<StateWriter>),
}

/// A query at work on one chunk.
pub(crate) struct ChunkQuery {
    planned: Arc<Planned>,
    queue: Arc<Queue>,
    /// The rows that the plan makes; `None` where it needs no record, or no further one.
    stream: Option<SendableRecordBatchStream>,
    made: Made,
    found: ChunkPartial,
    /// The last batches with the offset of each record: an error may come some batches after the record that it is of.
    recent: VecDeque<(RecordBatch, Vec<u64>)>,
}

impl ChunkQuery {
    /// Plans the query, and starts its work on a chunk.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where it can't be planned or started.
    pub(crate) fn start(chunk: &ChunkContext, options: &Options) -> Result<Self, OutputError> {
        let planned = planned(options, &chunk.schema).map_err(QueryError::into_output)?;
        let queue = Arc::new(Queue::default());
        let stream = match &planned.chunk {
            Some(plan) => Some(begin(plan, queue.clone()).map_err(|error| failed(error, ""))?),
            None => None,
        };
        let made = if planned.whole.is_some() || options.single {
            Made::State(Box::new(StateWriter::new(chunk.parts.clone(), chunk.index)))
        } else {
            let key = format!("sql/part-{:05}.{}", chunk.index, options.format.extension());
            Made::Rows(Box::new(Table::new(chunk.parts.clone(), key, options.format, planned.schema.clone())))
        };
        Ok(Self { planned, queue, stream, made, found: ChunkPartial::default(), recent: VecDeque::new() })
    }

    /// Runs the plan until it wants the next batch, or has ended.
    async fn run(&mut self) -> Result<(), Failure> {
        while let Some(stream) = &mut self.stream {
            match next(stream, &self.queue).await.map_err(Failure::Query)? {
                Step::Wanting => break,
                Step::Ended => self.stream = None,
                Step::Rows(batch) => self.keep(&batch).await.map_err(Failure::Output)?,
            }
        }
        Ok(())
    }

    /// The failure as one of the output, with the record that it is of, where one fails by itself.
    async fn told(&mut self, failure: Failure) -> OutputError {
        self.stream = None;
        let error = match failure {
            Failure::Output(error) => return error,
            Failure::Query(error) => error,
        };
        let planned = self.planned.clone();
        if let Some(plan) = &planned.chunk {
            for (batch, offsets) in &self.recent {
                if let Some(row) = first_bad_row(plan, batch).await {
                    return failed(error, &format!("the record at byte {}", offsets[row]));
                }
            }
        }
        failed(error, "")
    }

    async fn keep(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        match &mut self.made {
            Made::State(state) => state.write(batch).await,
            Made::Rows(table) => {
                self.found.rows_out += batch.num_rows() as u64;
                self.found.first.take(batch)?;
                table.write(batch).await
            }
        }
    }
}

/// A failure of the plan, or of what is made of its rows.
enum Failure {
    Query(DataFusionError),
    Output(OutputError),
}

/// A step of a plan.
enum Step {
    /// The wish for the next batch.
    Wanting,
    /// Rows that it made.
    Rows(RecordBatch),
    /// The end of its rows.
    Ended,
}

fn begin(plan: &ChunkPlan, queue: Arc<Queue>) -> Result<SendableRecordBatchStream, DataFusionError> {
    reset_plan_states(plan.plan.clone())?.execute(0, chunk_context(queue)?)
}

async fn next(stream: &mut SendableRecordBatchStream, queue: &Queue) -> Result<Step, DataFusionError> {
    future::poll_fn(|context| match stream.poll_next_unpin(context) {
        Poll::Ready(Some(batch)) => Poll::Ready(batch.map(Step::Rows)),
        Poll::Ready(None) => Poll::Ready(Ok(Step::Ended)),
        Poll::Pending if queue.is_wanting() => Poll::Ready(Ok(Step::Wanting)),
        // It made way for other tasks, and will be polled again.
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// The first row of a batch for which the plan fails by itself.
async fn first_bad_row(plan: &ChunkPlan, batch: &RecordBatch) -> Option<usize> {
    for row in 0..batch.num_rows() {
        let queue = Arc::new(Queue::default());
        queue.push(batch.slice(row, 1));
        queue.end();
        let mut stream = begin(plan, queue.clone()).ok()?;
        loop {
            match next(&mut stream, &queue).await {
                Err(_) => return Some(row),
                Ok(Step::Rows(_)) => {}
                Ok(Step::Wanting | Step::Ended) => break,
            }
        }
    }
    None
}

#[async_trait]
impl Output for ChunkQuery {
    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), OutputError> {
        self.found.rows_in += rows.len() as u64;
        let planned = self.planned.clone();
        let (Some(_), Some(plan)) = (&self.stream, &planned.chunk) else { return Ok(()) };
        let batch = record_batch(rows, &plan.columns, &plan.input).map_err(arrow)?;
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((batch.clone(), (0..rows.len()).map(|row| rows.record(row).offset()).collect()));
        self.queue.push(batch);
        match self.run().await {
            Ok(()) => Ok(()),
            Err(failure) => Err(self.told(failure).await),
        }
    }

    async fn finish(mut self: Box<Self>) -> Result<Finished, OutputError> {
        self.queue.end();
        if let Err(failure) = self.run().await {
            return Err(self.told(failure).await);
        }
        let mut found = self.found;
        let mut parts: Vec<Part> = Vec::new();
        match self.made {
            Made::State(state) => {
                let (state, part) = state.finish().await?;
                found.state = state;
                parts.extend(part);
            }
            Made::Rows(table) => {
                if let Complete::Part(part) = table.finish().await? {
                    parts.push(part);
                }
            }
        }
        Ok(Finished { partial: partial(NAME, &found)?, parts })
    }
}
