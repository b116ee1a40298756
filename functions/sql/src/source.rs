//! The two sources of a plan: the records of a chunk, batch by batch as they come, and the parts of all chunks.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::Stream;

/// The table of the records.
///
/// Claims two partitions, for two chunks of many: so the planner has to say what is done in each of them, and what
/// once over all of them.
#[derive(Debug)]
pub(crate) struct RecordsTable {
    schema: SchemaRef,
    read: Arc<OnceLock<Vec<usize>>>,
}

impl RecordsTable {
    pub(crate) fn new(schema: SchemaRef) -> Self {
        Self { schema, read: Arc::default() }
    }

    /// The cell of the columns that a plan reads, filled when it is made.
    pub(crate) fn read(&self) -> Arc<OnceLock<Vec<usize>>> {
        self.read.clone()
    }
}

#[async_trait]
impl TableProvider for RecordsTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&columns)?);
        if self.read.set(columns).is_err() {
            return Err(DataFusionError::Plan("the records are read more than once".to_owned()));
        }
        let partition: Arc<dyn PartitionStream> = Arc::new(Records { schema: schema.clone() });
        let partitions = vec![partition.clone(), partition];
        Ok(Arc::new(StreamingTableExec::try_new(schema, partitions, None, [], false, limit)?))
    }
}

/// The records of the chunk whose [`Queue`] is in the context.
#[derive(Debug)]
struct Records {
    schema: SchemaRef,
}

impl PartitionStream for Records {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let queue = context.session_config().get_extension::<Queue>().unwrap_or_default();
        Box::pin(Queued { queue, schema: self.schema.clone() })
    }
}

/// Batches on their way into a plan. The one who adds them polls the plan: nobody has to be woken.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    batches: VecDeque<RecordBatch>,
    ended: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a batch.
    pub(crate) fn push(&self, batch: RecordBatch) {
        self.lock().batches.push_back(batch);
    }

    /// Says that no further batch comes.
    pub(crate) fn end(&self) {
        self.lock().ended = true;
    }

    /// Tells whether the plan has taken all batches, and more may come.
    pub(crate) fn is_wanting(&self) -> bool {
        let waiting = self.lock();
        waiting.batches.is_empty() && !waiting.ended
    }
}

/// The stream of a queue.
struct Queued {
    queue: Arc<Queue>,
    schema: SchemaRef,
}

impl Stream for Queued {
    type Item = Result<RecordBatch>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut waiting = self.queue.lock();
        match waiting.batches.pop_front() {
            Some(batch) => Poll::Ready(Some(Ok(batch))),
            None if waiting.ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

impl RecordBatchStream for Queued {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// Parts of chunks as a partition of a plan: `open` begins to read them.
pub(crate) struct Parts<F> {
    schema: SchemaRef,
    open: F,
}

impl<F> fmt::Debug for Parts<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts")
    }
}

impl<F, S> Parts<F>
where
    F: Fn() -> S + Send + Sync + 'static,
    S: Stream<Item = Result<RecordBatch>> + Send + 'static,
{
    /// A partition with batches of this schema.
    pub(crate) fn new(schema: SchemaRef, open: F) -> Self {
        Self { schema, open }
    }
}

impl<F, S> PartitionStream for Parts<F>
where
    F: Fn() -> S + Send + Sync + 'static,
    S: Stream<Item = Result<RecordBatch>> + Send + 'static,
{
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), (self.open)()))
    }
}

/// A plan that reads these partitions.
///
/// # Errors
///
/// [`DataFusionError`] where they have another schema.
pub(crate) fn plan_over(
    schema: &SchemaRef,
    partitions: Vec<Arc<dyn PartitionStream>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    Ok(Arc::new(StreamingTableExec::try_new(schema.clone(), partitions, None, [], false, None)?))
}
