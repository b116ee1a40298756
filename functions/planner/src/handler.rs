use fanout_core::message::{DatasetRef, Job, Location, Plan, PlanRequest, Reader, Trigger, Upload, VERSION, to_json};
use fanout_core::run_id;
use fanout_store::Store;
use serde::Serialize;
use serde_json::Value;

use crate::{Config, Executions, Planner, PlannerError, Started, publish};

/// What the planner answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To the state machine: the plan.
    Plan(Box<Plan>),
    /// To S3, which doesn't read it; it is there for the log and for tests.
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
pub async fn handle(
    event: Value,
    store: &dyn Store,
    executions: &dyn Executions,
    config: &Config,
) -> Result<Answer, PlannerError> {
    let planner = Planner { source: store, results: store, config };
    match Trigger::from_event(event)? {
        Trigger::Test => Ok(Answer::Uploads { started: Vec::new(), existing: Vec::new(), skipped: Vec::new() }),
        Trigger::Job(request) => {
            let plan = plan_job(*request, &planner).await?;
            Ok(Answer::Plan(Box::new(publish(plan, store).await?)))
        }
        Trigger::Uploads(uploads) => {
            let (mut started, mut existing, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
            for upload in uploads {
                // Some tools put an empty object first and the real one after it.
                if upload.size == 0 || !watched(&upload, config) {
                    skipped.push(upload.key);
                    continue;
                }
                let plan = publish(plan_upload(upload, &planner).await?, store).await?;
                let input = to_json("execution input", &serde_json::json!({ "plan": plan }))?;
                let input = String::from_utf8_lossy(&input).into_owned();
                match executions.start(&plan.run_id, input).await? {
                    Started::Now => started.push(plan.run_id),
                    Started::Before => existing.push(plan.run_id),
                }
            }
            Ok(Answer::Uploads { started, existing, skipped })
        }
    }
}

fn watched(upload: &Upload, config: &Config) -> bool {
    upload.bucket == config.uploads.bucket && upload.key.starts_with(&config.uploads.key)
}

/// A job of the state machine: its run is the execution's unless it names one.
async fn plan_job(request: PlanRequest, planner: &Planner<'_>) -> Result<Plan, PlannerError> {
    let PlanRequest { job, execution } = request;
    let run_id = job.run_id.as_deref().unwrap_or(&execution);
    let plan = planner.plan(&job, run_id).await?;
    // Step Functions sees to it that no other execution has its name.
    if job.run_id.is_some() {
        planner.check_unused(&plan).await?;
    }
    Ok(plan)
}

/// An upload: the dataset is that of its folder, where there is one; the run's id derives from the
/// object as it is.
async fn plan_upload(upload: Upload, planner: &Planner<'_>) -> Result<Plan, PlannerError> {
    let folder = upload.key[planner.config.uploads.key.len()..].split_once('/').map(|(folder, _)| folder.to_owned());
    let (mut dataset, mut reader) = (None, Reader::Range);
    if let Some(name) = folder
        && let Some(found) = planner.dataset_if_any(&name).await?
    {
        dataset = Some(DatasetRef::Name(name));
        // Nobody else is there to say that the expression is to be applied.
        reader = if found.expression.is_some() { Reader::Select } else { Reader::Range };
    }
    let job = Job {
        version: VERSION,
        bucket: upload.bucket,
        key: upload.key,
        version_id: upload.version_id,
        dataset,
        reader,
        chunk_size: None,
        outputs: None,
        run_id: None,
    };
    let mut plan = planner.plan(&job, "upload").await?;
    let version = plan.object.version_id.as_ref().unwrap_or(&plan.object.etag);
    let dataset = to_json("dataset", &plan.dataset)?;
    plan.run_id = run_id(&plan.object.bucket, &plan.object.key, version, &String::from_utf8_lossy(&dataset));
    let Location { bucket, key } = &planner.config.results;
    plan.results = Location { bucket: bucket.clone(), key: format!("{key}{}/", plan.run_id) };
    Ok(plan)
}
