//! The handler of planner events: uploads, and jobs of the state machine.

use std::sync::Arc;
use std::time::SystemTime;

use fanout_core::message::{Job, Plan, PlanRequest, Reader, Trigger, Upload, VERSION, to_json};
use fanout_log::{caught, failed};
use fanout_outputs::OutputKinds;
use fanout_store::Store;
use serde::Serialize;
use serde_json::Value;
use tracing::Instrument;

use crate::{Account, Config, Executions, Planner, PlannerError, RunName, Started, publish};

/// Everything that a planner is given besides the event.
#[derive(Clone)]
pub struct Context {
    /// The store of objects, datasets and results.
    pub store: Arc<dyn Store>,
    /// The starter of executions.
    pub executions: Arc<dyn Executions>,
    /// The account of the functions.
    pub account: Arc<dyn Account>,
    /// The outputs that a run can name.
    pub outputs: OutputKinds,
    /// The settings of the stack.
    pub config: Config,
}

/// The planner's answer to one event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The plan, for the state machine.
    Plan(Box<Plan>),
    /// The uploads and what became of them. S3 doesn't read this answer; tests do.
    Uploads {
        /// Executions started by this call.
        started: Vec<String>,
        /// Executions that ran or had run already.
        existing: Vec<String>,
        /// Keys that start nothing: empty objects, and those outside the watched prefix.
        skipped: Vec<String>,
    },
}

/// Handles one event: plans uploads and starts their executions, or plans a job.
///
/// # Errors
///
/// [`PlannerError`] where the event is not understood, nothing can be planned, or nothing can be started.
pub async fn handle(event: Value, context: &Context) -> Result<Answer, PlannerError> {
    let span = tracing::error_span!("plan");
    let work = async { caught(answer(event, context)).await.inspect_err(|error| failed(error, error.quotes_data())) };
    work.instrument(span).await
}

async fn answer(event: Value, context: &Context) -> Result<Answer, PlannerError> {
    let Context { store, executions, account, outputs, config } = context;
    let account = (!config.reserved).then_some(&**account);
    let (plans, now) = (&config.plan, SystemTime::now());
    let planner = Planner { source: &**store, results: &**store, outputs, account, config: plans, now };
    match Trigger::from_event(event)? {
        Trigger::Test => Ok(Answer::Uploads { started: Vec::new(), existing: Vec::new(), skipped: Vec::new() }),
        Trigger::Job(request) => {
            let plan = plan_job(*request, &planner).await?;
            Ok(Answer::Plan(Box::new(made(plan, &**store).await?)))
        }
        Trigger::Uploads(uploads) => {
            let (mut started, mut existing, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
            for upload in uploads {
                let path = (upload.bucket == config.uploads.bucket)
                    .then(|| upload.key.strip_prefix(&config.uploads.key).map(str::to_owned))
                    .flatten();
                // Some tools put an empty object first and the real one after it.
                let Some(path) = path.filter(|_| upload.size > 0) else {
                    tracing::info!(bytes = upload.size, "upload skipped");
                    skipped.push(upload.key);
                    continue;
                };
                let plan = made(plan_upload(upload, &path, &planner).await?, &**store).await?;
                let input = to_json("execution input", &serde_json::json!({ "plan": plan }))?;
                let input = String::from_utf8_lossy(&input).into_owned();
                let found = executions.start(&plan.run_id, input).await?;
                tracing::info!(run = plan.run_id, again = found == Started::Before, "execution started");
                match found {
                    Started::Now => started.push(plan.run_id),
                    Started::Before => existing.push(plan.run_id),
                }
            }
            Ok(Answer::Uploads { started, existing, skipped })
        }
    }
}

/// Publishes a plan, and keeps it among the results: a run that fails is known by it.
async fn made(plan: Plan, results: &dyn Store) -> Result<Plan, PlannerError> {
    let plan = publish(plan, results).await?;
    let kept = Plan { chunks: None, ..plan.clone() };
    results.put(&Plan::planned_location(&plan.results), to_json("plan", &kept)?.into()).await?;
    Ok(plan)
}

/// Plans a job of the state machine. The run's id is the execution's unless the job names one.
async fn plan_job(request: PlanRequest, planner: &Planner<'_>) -> Result<Plan, PlannerError> {
    let PlanRequest { job, execution } = request;
    let dataset = planner.dataset(job.dataset.as_ref()).await?;
    let name = RunName::Given(job.run_id.as_deref().unwrap_or(&execution));
    let plan = planner.plan(&job, dataset, name).await?;
    // Step Functions sees to it that no other execution has its name.
    if job.run_id.is_some() {
        planner.check_unused(&plan).await?;
    }
    Ok(plan)
}

/// Plans an upload, whose `path` is its key below the watched prefix. The dataset is that of its first
/// folder, where there is one.
async fn plan_upload(upload: Upload, path: &str, planner: &Planner<'_>) -> Result<Plan, PlannerError> {
    let dataset = match path.split_once('/') {
        Some((folder, _)) => planner.dataset_if_any(folder).await?,
        None => None,
    };
    let dataset = dataset.unwrap_or_default();
    // Nobody else is there to say that the expression is to be applied.
    let reader = if dataset.dataset.expression.is_some() { Reader::Select } else { Reader::Range };
    let job = Job {
        version: VERSION,
        bucket: upload.bucket,
        key: upload.key,
        version_id: upload.version_id,
        dataset: None,
        reader,
        chunk_size: None,
        outputs: None,
        query: None,
        run_id: None,
    };
    planner.plan(&job, dataset, RunName::OfUpload).await
}
