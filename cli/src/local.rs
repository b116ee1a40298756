//! A run on this machine. Its steps, repairs and retries are those of the state machine.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use fanout_core::message::{FailedRun, FailedStatus, Job, Plan, ReduceRequest, ReduceResponse, Report, from_json};
use fanout_core::{Coded, Location, Prices, Stack, backoff, error_chain, file_stem};
use fanout_outputs::OutputKinds;
use fanout_planner::{PlanConfig, Planner, RunName, publish};
use fanout_reducer::{record_failure, reduce};
use fanout_store::{LocalStore, Store, StoreError, get};
use jiff::Timestamp;

use crate::interrupted::keep;
use crate::round::{Round, chunks};
use crate::scratch::Scratch;
use crate::{CliError, Interrupted, Progress, Source};

/// Memory in MB that is charged for: none outside Lambda.
pub(crate) const OUTSIDE_LAMBDA: u64 = 0;

/// Tries of one step, as the state machine's Retry has them.
const TRIES: u32 = 4;

/// Failures that are counted before the first one, so that waits begin at up to 0.8 seconds: a chunk's
/// own requests were already tried again.
const EARLIER: u32 = 4;

/// A run on this machine: planner, processors and reducer over a source and a folder for results,
/// in the order and with the repairs and retries of the state machine.
pub struct LocalRun {
    source: Source,
    results: Arc<dyn Store>,
    config: PlanConfig,
    outputs: OutputKinds,
    concurrency: usize,
}

impl LocalRun {
    /// A run of `source` with results under `out`, with as many chunks at once as `concurrency`.
    pub fn new(source: Source, out: &str, concurrency: usize, prices: Prices, outputs: OutputKinds) -> Self {
        // A report has the location of its results, which must hold for readers in any folder.
        let out = std::path::absolute(out).map_or_else(|_| out.to_owned(), |path| path.to_string_lossy().into_owned());
        Self::with_stores(source, Arc::new(LocalStore), &out, concurrency, prices, outputs)
    }

    /// A run of `source` that keeps no parts and no report; the report is returned.
    pub fn without_results(source: Source, concurrency: usize, prices: Prices, outputs: OutputKinds) -> Self {
        Self::with_stores(source, Arc::new(Scratch::default()), "nowhere", concurrency, prices, outputs)
    }

    /// A run of `source` with results in any store; `out` is its bucket.
    pub fn with_stores(
        source: Source,
        results: Arc<dyn Store>,
        out: &str,
        concurrency: usize,
        prices: Prices,
        outputs: OutputKinds,
    ) -> Self {
        let concurrency = concurrency.max(1);
        let config = PlanConfig {
            results: Location::new(out, ""),
            readable: None,
            // Enough chunks that no core waits long for the last one.
            parallelism: 4 * concurrency as u64,
            chunk_seconds: None,
            stack: Stack::default(),
            prices,
        };
        Self { source, results, config, outputs, concurrency }
    }

    /// The plan of a job, without its chunks; writes nothing.
    ///
    /// # Errors
    ///
    /// [`CliError::Plan`] where the job, its dataset or the object cannot be planned, after the last try.
    pub async fn plan(&self, job: &Job) -> Result<Plan, CliError> {
        let run_id = job.run_id.clone().unwrap_or_else(|| new_run_id(&job.key));
        let planner = Planner {
            source: &*self.source.store,
            results: &*self.results,
            outputs: self.outputs,
            account: None,
            config: &self.config,
            now: SystemTime::now(),
        };
        let plan =
            || async { planner.plan(job, planner.dataset(job.dataset.as_ref()).await?, RunName::Given(&run_id)).await };
        Ok(retried(plan).await?)
    }

    /// Creates the folder of the plan's run, and returns the plan with it: where another run has taken the name in
    /// the same moment, a number is added to it. Results of two runs are never mixed, and a folder that can't
    /// be written is found out before the work.
    ///
    /// # Errors
    ///
    /// [`CliError::Store`] where the folder cannot be created.
    pub fn claim(&self, mut plan: Plan) -> Result<Plan, CliError> {
        let out = &self.config.results.bucket;
        let name = plan.run_id.clone();
        let fail =
            |plan: &Plan, error: io::Error| StoreError::Unwritable { at: plan.results.clone(), reason: error.into() };
        std::fs::create_dir_all(out).map_err(|error| fail(&plan, error))?;
        for number in 2.. {
            match std::fs::create_dir(Path::new(out).join(&plan.run_id)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    plan.run_id = format!("{name}-{number}");
                    plan.results = self.config.results.join(&format!("{}/", plan.run_id));
                }
                done => {
                    done.map_err(|error| fail(&plan, error))?;
                    break;
                }
            }
        }
        Ok(plan)
    }

    /// Runs a plan to its report.
    ///
    /// # Errors
    ///
    /// [`CliError::Process`] where a chunk fails for good, [`CliError::Reduce`] where coverage is not
    /// proven or the results are refused, and [`CliError::Store`] where the report cannot be read.
    pub async fn run(&self, plan: Plan, progress: impl Fn(Progress)) -> Result<Report, CliError> {
        let plan = publish(plan, &*self.results).await?;
        let done = self.rounds(plan.clone(), Timestamp::now(), &HashSet::new(), &progress).await;
        self.recorded(&plan, done).await
    }

    /// Takes up a run that was interrupted: its finished chunks count, the others are processed. The report says so.
    ///
    /// # Errors
    ///
    /// As [`LocalRun::run`], and [`CliError::Store`] where the object is not the planned one any more.
    pub async fn resume(&self, run: Interrupted, progress: impl Fn(Progress)) -> Result<Report, CliError> {
        let run = run.take_up(&*self.source.store, &*self.results).await?;
        let done = self.rounds(run.plan.clone(), run.started_at, &run.finished, &progress).await;
        self.recorded(&run.plan, done).await
    }

    /// Leaves a record of a run that failed beside its results, as the deployed reducer does.
    async fn recorded(&self, plan: &Plan, done: Result<Report, CliError>) -> Result<Report, CliError> {
        let Err(error) = &done else { return done };
        let run = FailedRun {
            status: FailedStatus::Failed,
            run_id: plan.run_id.clone(),
            code: error.code().as_str().to_owned(),
            message: error.to_string(),
            object: None,
            execution: None,
            time: Timestamp::now().to_string(),
        };
        // Where that fails as well, the error of the run is the one to tell.
        if let Err(lost) = record_failure(run, Some(plan), &plan.results, &*self.results).await {
            tracing::warn!(error = error_chain(&lost), "failure not recorded");
        }
        done
    }

    /// Works through round after round, without the chunks that are finished of the first one.
    async fn rounds(
        &self,
        mut plan: Plan,
        started_at: Timestamp,
        finished: &HashSet<u64>,
        progress: &impl Fn(Progress),
    ) -> Result<Report, CliError> {
        let reducer = fanout_reducer::Context {
            results: self.results.clone(),
            outputs: self.outputs,
            prices: self.config.prices.clone(),
            memory_mb: OUTSIDE_LAMBDA,
        };
        let first = plan.round;
        loop {
            keep(&plan, &*self.results).await?;
            let mut chunks = chunks(&mut plan, &*self.results).await?;
            if plan.round == first {
                chunks.retain(|chunk| !finished.contains(&chunk.index));
            }
            let round = Round {
                plan: Arc::new(plan.clone()),
                source: &self.source.store,
                results: &self.results,
                outputs: self.outputs,
                concurrency: self.concurrency,
            };
            round.process(chunks, progress).await?;
            progress(Progress::Merge);
            let request = ReduceRequest { plan, started_at: started_at.to_string() };
            match retried(|| reduce(&request, &reducer)).await? {
                ReduceResponse::Repair { plan: next } => plan = *next,
                ReduceResponse::Done { report } => {
                    let bytes = get(&*self.results, &report.report).await?;
                    return Ok(from_json(&report.report.to_string(), &bytes)?);
                }
            }
        }
    }
}

/// Repeats work that may succeed later, each time after a longer wait, drawn at random.
pub(crate) async fn retried<T, E: Coded, F: Future<Output = Result<T, E>>>(work: impl Fn() -> F) -> Result<T, E> {
    for failures in 1..TRIES {
        match work().await {
            Err(error) if error.code().is_transient() => {
                tokio::time::sleep(backoff(EARLIER + failures, fastrand::f64())).await;
            }
            done => return done,
        }
    }
    work().await
}

/// An id of its own for every run: the file's name and the time.
pub fn new_run_id(key: &str) -> String {
    let now = Timestamp::now();
    let time = now.strftime("%Y%m%dT%H%M%S");
    format!("{}-{time}-{:03}", file_stem(key), now.subsec_millisecond())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use fanout_core::Code;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn transient_errors_are_tried_again_and_others_are_not() {
        let at = Location { bucket: "b".into(), key: "k".into() };
        let throttled = || StoreError::Throttled { at: at.clone(), reason: "r".into() };
        let calls = Cell::new(0);
        let call = |fails: u32, error: &dyn Fn() -> StoreError| {
            calls.set(calls.get() + 1);
            let result = if calls.get() <= fails { Err(error()) } else { Ok(()) };
            async { result }
        };
        assert!(retried(|| call(3, &throttled)).await.is_ok());
        assert_eq!(calls.replace(0), 4);
        assert_eq!(retried(|| call(9, &throttled)).await.unwrap_err().code(), Code::StoreThrottled);
        assert_eq!(calls.replace(0), 4);
        let denied = || StoreError::AccessDenied { at: at.clone(), reason: "r".into() };
        assert!(retried(|| call(9, &denied)).await.is_err());
        assert_eq!(calls.get(), 1);
    }
}
