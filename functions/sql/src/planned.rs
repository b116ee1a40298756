//! A planned query: the plan of each chunk, and that over the parts of all chunks. Plans of a process are kept.
//!
//! The optimised plan is cut at its one exchange, where the engine brings many partitions together: below a merge of
//! partial aggregates, of sorted rows, or of rows up to a limit. A plan without an exchange is row by row.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::Result as PlanResult;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use fanout_core::Schema;

use crate::engine;
use crate::error::QueryError;
use crate::options::Options;
use crate::view::arrow_schema;

/// Plans that are kept: one for each query and its columns.
const KEPT: usize = 8;

/// Bytes of stack for the planner, which calls itself for each level of a query.
const STACK: usize = 32 << 20;

/// A planned query.
#[derive(Debug)]
pub(crate) struct Planned {
    /// The plan of each chunk, over the records; `None` where no record is needed.
    pub(crate) chunk: Option<ChunkPlan>,
    /// The whole plan, whose exchange reads the parts; `None` where rows of chunks are rows of the result.
    pub(crate) whole: Option<Arc<dyn ExecutionPlan>>,
    /// The order of the parts at the exchange.
    pub(crate) parts: PartsOrder,
    /// The columns of the result.
    pub(crate) schema: SchemaRef,
}

/// The plan of each chunk.
#[derive(Debug)]
pub(crate) struct ChunkPlan {
    pub(crate) plan: Arc<dyn ExecutionPlan>,
    /// The columns of the records that it reads, and these as Arrow has them.
    pub(crate) columns: Vec<usize>,
    pub(crate) input: SchemaRef,
}

/// The order in which the exchange reads the parts of chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartsOrder {
    /// One after another, in the order of the chunks.
    OneByOne,
    /// All at once, each of them sorted.
    Merged,
}

/// A kept plan with what it was made of.
struct Kept {
    options: Options,
    schema: Schema,
    planned: Arc<Planned>,
}

static PLANS: Mutex<VecDeque<Kept>> = Mutex::new(VecDeque::new());

/// Plans a query over records of this schema, or returns the plan that was made before.
///
/// # Errors
///
/// [`QueryError`] where it can't be planned.
pub(crate) fn planned(options: &Options, schema: &Schema) -> Result<Arc<Planned>, QueryError> {
    let find = |plans: &VecDeque<Kept>| {
        plans.iter().find(|kept| kept.options == *options && kept.schema == *schema).map(|kept| kept.planned.clone())
    };
    if let Some(found) = find(&PLANS.lock().unwrap_or_else(PoisonError::into_inner)) {
        return Ok(found);
    }
    let (given, columns) = (options.clone(), schema.clone());
    let work = thread::Builder::new().stack_size(STACK).spawn(move || plan(&given, &columns));
    let lost = |_| QueryError::Plan("the planner ended without a plan".to_owned());
    let planned = work.map_err(|error| QueryError::Plan(error.to_string()))?.join().map_err(lost)??;
    let planned = Arc::new(planned);
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    if plans.len() >= KEPT {
        plans.pop_front();
    }
    plans.push_back(Kept { options: options.clone(), schema: schema.clone(), planned: planned.clone() });
    Ok(planned)
}

fn plan(options: &Options, schema: &Schema) -> Result<Planned, QueryError> {
    let names: Vec<String> = schema.columns.iter().map(|column| column.name.clone()).collect();
    let records = arrow_schema(schema);
    let (root, read) = engine::plan(options, &names, records.clone())?;
    let schema = root.schema();
    let Some(columns) = read else {
        return Ok(Planned { chunk: None, whole: Some(root), parts: PartsOrder::OneByOne, schema });
    };
    let input = Arc::new(records.project(&columns).map_err(|error| QueryError::Plan(error.to_string()))?);
    let chunk = |plan: Arc<dyn ExecutionPlan>| Some(ChunkPlan { plan, columns, input });
    Ok(match exchange(&root) {
        Some((below, parts)) => Planned { chunk: chunk(below), whole: Some(root), parts, schema },
        None => Planned { chunk: chunk(root), whole: None, parts: PartsOrder::OneByOne, schema },
    })
}

/// Finds the exchange: the plan below it, and how it reads the partitions.
fn exchange(plan: &Arc<dyn ExecutionPlan>) -> Option<(Arc<dyn ExecutionPlan>, PartsOrder)> {
    let children = plan.children();
    let [child] = children[..] else { return None };
    match order(plan) {
        Some(order) => Some((child.clone(), order)),
        None => exchange(child),
    }
}

fn order(plan: &Arc<dyn ExecutionPlan>) -> Option<PartsOrder> {
    if plan.is::<CoalescePartitionsExec>() {
        Some(PartsOrder::OneByOne)
    } else if plan.is::<SortPreservingMergeExec>() {
        Some(PartsOrder::Merged)
    } else {
        None
    }
}

/// The whole plan over other input below its exchange.
///
/// # Errors
///
/// Those of the engine, where the input has other columns.
pub(crate) fn over(plan: Arc<dyn ExecutionPlan>, input: Arc<dyn ExecutionPlan>) -> PlanResult<Arc<dyn ExecutionPlan>> {
    let child = match &plan.children()[..] {
        [_] if order(&plan).is_some() => input,
        [child] => over(Arc::clone(child), input)?,
        _ => return Ok(plan),
    };
    plan.replace_children(vec![child], ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
}

/// Tells whether a plan has one partition, and no exchange is needed above it.
pub(crate) fn is_single(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.output_partitioning().partition_count() == 1
}
