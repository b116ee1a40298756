//! The engine, Apache DataFusion, as it is set up here: one table, no files, sums that do not wrap.

use std::sync::{Arc, OnceLock};

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::temporal_conversions::timestamp_us_to_datetime;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::execution::config::SessionConfig;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{GreedyMemoryPool, MemoryPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::execution::{SessionStateDefaults, TaskContext};
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};
use datafusion::optimizer::AnalyzerRule;
use datafusion::optimizer::analyzer::resolve_grouping_function::ResolveGroupingFunction;
use datafusion::optimizer::analyzer::type_coercion::TypeCoercion;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use futures::FutureExt;

use crate::checked::{CheckedArithmetic, CheckedSum};
use crate::compared::ComparedWithText;
use crate::error::QueryError;
use crate::options::Options;
use crate::select::json_field;
use crate::source::{Queue, RecordsTable};
use crate::statement::{TABLES, parse};

/// Bytes that the plan of a chunk may hold. Groups beyond go to the part before the chunk ends.
pub(crate) const CHUNK_MEMORY: usize = 192 << 20;

/// Bytes that the plan over all parts may hold. Groups beyond go to the disk.
pub(crate) const WHOLE_MEMORY: usize = 256 << 20;

/// Makes the plan of a query over records of this schema, with the columns that it reads; `None` where it reads no
/// record.
///
/// # Errors
///
/// [`QueryError`] where it can't be planned.
pub(crate) fn plan(
    options: &Options,
    names: &[String],
    schema: SchemaRef,
) -> Result<(Arc<dyn ExecutionPlan>, Option<Vec<usize>>), QueryError> {
    let statement = parse(&options.query, names)?;
    let table = RecordsTable::new(schema);
    let read: Arc<OnceLock<Vec<usize>>> = table.read();
    let table = Arc::new(table);
    let context = SessionContext::new_with_state(state());
    for name in TABLES {
        context.register_table(name, table.clone())?;
    }
    let mut state = context.state();
    let now = timestamp_us_to_datetime(options.now)
        .ok_or_else(|| QueryError::Plan(format!("now: {} microseconds are beyond any year", options.now)))?;
    *state.execution_props_mut() = ExecutionProps::new().with_query_execution_start_time(now.and_utc());
    // Nothing is waited for: the table is in memory.
    let waits = || DataFusionError::Internal("the planner waits".to_owned());
    let planned = state.statement_to_plan(Statement::Statement(Box::new(statement))).now_or_never();
    let plan = planned.ok_or_else(waits)??;
    check(&plan)?;
    let plan = state.create_physical_plan(&plan).now_or_never().ok_or_else(waits)??;
    Ok((plan, read.get().cloned()))
}

fn state() -> SessionState {
    let mut config = SessionConfig::new().with_target_partitions(1).with_information_schema(false);
    // Filters that change while a plan runs help readers of files alone.
    let options = config.options_mut();
    options.optimizer.enable_topk_dynamic_filter_pushdown = false;
    options.optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    let rules: Vec<Arc<dyn AnalyzerRule + Send + Sync>> = vec![
        Arc::new(ResolveGroupingFunction::new()),
        Arc::new(CheckedSum),
        Arc::new(ComparedWithText),
        Arc::new(TypeCoercion::new()),
        Arc::new(CheckedArithmetic),
    ];
    let mut functions = SessionStateDefaults::default_scalar_functions();
    functions.push(json_field());
    SessionStateBuilder::new()
        .with_config(config)
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(functions)
        .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
        .with_analyzer_rules(rules)
        .build()
}

/// Refuses what would not be the same in each chunk, and at each try.
fn check(plan: &LogicalPlan) -> Result<(), QueryError> {
    let mut refused = None;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Expr::ScalarFunction(function) = expr
                    && function.func.signature().volatility == Volatility::Volatile
                {
                    refused = Some(function.func.name().to_owned());
                    return Ok(TreeNodeRecursion::Stop);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    match refused {
        None => Ok(()),
        Some(name) => Err(QueryError::Refused(format!("{name}() gives another value in each chunk and at each try"))),
    }
}

/// The context in which the plan of a chunk runs over the batches of a queue. It writes nothing to a disk.
///
/// # Errors
///
/// Those of the engine.
pub(crate) fn chunk_context(queue: Arc<Queue>) -> datafusion::common::Result<Arc<TaskContext>> {
    context(SessionConfig::new().with_extension(queue), CHUNK_MEMORY, DiskManagerMode::Disabled)
}

/// The context in which the plan over all parts runs.
///
/// # Errors
///
/// Those of the engine.
pub(crate) fn whole_context() -> datafusion::common::Result<Arc<TaskContext>> {
    context(SessionConfig::new(), WHOLE_MEMORY, DiskManagerMode::OsTmpDirectory)
}

fn context(
    config: SessionConfig,
    memory: usize,
    disk: DiskManagerMode,
) -> datafusion::common::Result<Arc<TaskContext>> {
    let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(memory));
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(pool)
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(disk))
        .build_arc()?;
    let config = config.with_target_partitions(1);
    Ok(Arc::new(TaskContext::default().with_session_config(config).with_runtime(runtime)))
}
