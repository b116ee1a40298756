//! A run, followed to its end: asked for once a second, as AWS counts Map Runs no faster.

use std::time::Duration;

use fanout_core::message::Concurrency;
use fanout_core::{Coded, Prices};
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::aws::{Execution, MapRun};
use super::chunk_facts::ChunksDone;
use super::failure::ChunkFailure;
use super::given::{Given, PlanFacts};
use super::history::Course;
use super::progress::{Followed, Phase};
use super::{DeployedError, Deployment, Ended};
use crate::CliError;

/// Time between two looks (AWS: DescribeMapRun, 1 call a second).
const PAUSE: Duration = Duration::from_secs(1);

/// Looks that fail one after another before that is the end.
const TROUBLES: u32 = 30;

/// Chunks that failed of which is told.
const TOLD: usize = 5;

/// A piece of news of a run that is followed.
#[derive(Debug)]
pub enum News {
    /// The counts as of now.
    Progress(Followed),
    /// The run was planned in an account of this concurrency.
    Planned(Concurrency),
    /// A chunk failed, or an attempt at it.
    Chunk(ChunkFailure),
    /// The run could not be asked about; it is asked again.
    Trouble(DeployedError),
}

/// A run that is followed.
pub struct Follow<'d> {
    deployment: &'d Deployment,
    execution: Execution,
    plan: Option<PlanFacts>,
    map_run: Option<MapRun>,
    chunks: ChunksDone,
    prices: Option<Prices>,
    told: usize,
}

impl<'d> Follow<'d> {
    /// Finds the run to follow, by its name or the ARN of its execution.
    ///
    /// # Errors
    ///
    /// [`DeployedError`] where it is not there, or AWS cannot be asked.
    pub async fn find(deployment: &'d Deployment, run: &str) -> Result<Self, DeployedError> {
        let execution = deployment.execution(run).await?;
        let (plan, map_run, prices) = (None, None, deployment.prices());
        Ok(Follow { deployment, execution, plan, map_run, chunks: ChunksDone::default(), prices, told: 0 })
    }

    /// The name of the run's execution.
    pub fn run(&self) -> &str {
        &self.execution.name
    }

    /// The ARN of the run's execution.
    pub fn arn(&self) -> &str {
        &self.execution.execution_arn
    }

    /// The key of the object, or the run's name where the input has none.
    pub fn key(&self) -> String {
        let given = self.execution.input.as_deref().and_then(Given::of_input);
        given.map_or_else(|| self.execution.name.clone(), |given| given.object.key)
    }

    /// Follows the run to its end, and tells what happens.
    ///
    /// # Errors
    ///
    /// [`DeployedError::Failed`] where the run failed, and other errors where AWS cannot be asked for long.
    pub async fn to_end(&mut self, mut tell: impl FnMut(News)) -> Result<Ended, CliError> {
        let mut troubles = 0;
        loop {
            let next = Instant::now() + PAUSE;
            match self.look(&mut tell).await {
                Ok(true) => return self.deployment.end(&self.execution).await,
                Ok(false) => troubles = 0,
                Err(error) if error.code().is_transient() && troubles < TROUBLES => {
                    troubles += 1;
                    tell(News::Trouble(error));
                }
                Err(error) => return Err(error.into()),
            }
            sleep_until(next).await;
        }
    }

    /// Looks once, and tells whether the run has ended.
    async fn look(&mut self, tell: &mut impl FnMut(News)) -> Result<bool, DeployedError> {
        let states = self.deployment.states();
        self.execution = states.execution(&self.execution.execution_arn).await?;
        let ended = !matches!(self.execution.status.as_str(), "RUNNING" | "PENDING_REDRIVE");
        if self.execution.status == "SUCCEEDED" {
            return Ok(ended);
        }
        let course = Course::of(&states.history(&self.execution.execution_arn).await?);
        if course.phase == Phase::Chunks || ended {
            self.look_at_chunks(&course, tell).await?;
        } else {
            tell(News::Progress(Followed { phase: course.phase, ..Followed::default() }));
        }
        Ok(ended)
    }

    async fn look_at_chunks(&mut self, course: &Course, tell: &mut impl FnMut(News)) -> Result<(), DeployedError> {
        if self.plan.is_none() {
            self.plan = self.deployment.plan(&self.execution).await?;
            let concurrency = self.plan.as_ref().and_then(|plan| plan.concurrency.clone());
            concurrency.into_iter().for_each(|concurrency| tell(News::Planned(concurrency)));
        }
        let since = course.since.unwrap_or_default();
        let states = self.deployment.states();
        self.map_run = match &self.map_run {
            _ if !course.distributed => None,
            // A Map Run of an earlier round is of no use any more.
            Some(run) if run.start_date >= since.floor() => Some(states.counts(&run.map_run_arn).await?),
            _ => states.map_run(&self.execution.execution_arn).await?.filter(|run| run.start_date >= since.floor()),
        };
        let mut followed = counts(course, self.map_run.as_ref(), self.plan.as_ref());
        let now = Timestamp::now().as_millisecond();
        followed.elapsed_ms = u64::try_from(now - (since * 1e3) as i64).unwrap_or(0);
        if let Some(plan) = &self.plan {
            let all = plan.chunk_count;
            let done = if course.round == 0 { followed.done } else { all };
            self.chunks.read(&self.deployment.store, &plan.results, done, all).await;
            followed.records = self.chunks.records(done);
            followed.usd = self.prices.as_ref().and_then(|prices| self.chunks.usd(prices, done, all, course.round));
        }
        self.tell_failures(course, &followed, tell).await?;
        tell(News::Progress(followed));
        Ok(())
    }

    /// Tells of the first chunks that failed, with what the log says about them.
    async fn tell_failures(
        &mut self,
        course: &Course,
        followed: &Followed,
        tell: &mut impl FnMut(News),
    ) -> Result<(), DeployedError> {
        let failures = match &self.map_run {
            Some(run) if followed.failed > 0 && self.told == 0 => self.deployment.failed_chunks(run).await?,
            Some(_) => return Ok(()),
            None => course.faults.iter().map(|(error, cause)| ChunkFailure::of(error, cause)).collect(),
        };
        for mut failure in failures.into_iter().take(TOLD).skip(self.told) {
            self.told += 1;
            failure.log = self.deployment.excerpt(&self.execution, failure.chunk).await;
            tell(News::Chunk(failure));
        }
        Ok(())
    }
}

/// The counts of a round: of its Map Run, or of the history where its chunks are no children of one.
fn counts(course: &Course, run: Option<&MapRun>, plan: Option<&PlanFacts>) -> Followed {
    let of_plan = plan.map(|plan| plan.chunk_count).filter(|_| course.round == 0);
    let mut followed = Followed { phase: Phase::Chunks, round: course.round, ..Followed::default() };
    match run {
        Some(MapRun { item_counts: counts, .. }) => {
            followed.done = counts.succeeded;
            followed.running = counts.running;
            followed.failed = counts.failed + counts.timed_out + counts.aborted;
            followed.not_redrivable = counts.failures_not_redrivable;
            // It is counted while the list is read.
            followed.all = of_plan.or(Some(counts.total).filter(|total| *total > 0));
        }
        None => {
            followed.done = course.done;
            followed.running = course.running;
            followed.attempts = course.faults.len() as u64;
            followed.all = course.all.or(of_plan);
        }
    }
    if let (Some(plan), Some(all)) = (plan, followed.all) {
        let bytes = if course.round == 0 { plan.bytes() } else { plan.bytes().min(all * plan.chunk_size) };
        let done = if followed.done >= all { bytes } else { bytes.min(followed.done * plan.chunk_size) };
        followed.bytes = (done, bytes);
    }
    followed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployed::aws::ItemCounts;

    #[test]
    fn counts_of_rounds() {
        let plan = r#"{"plan":{"run_id":"r","object":{"bucket":"b","key":"k","size":1010},"results":{"bucket":"r","key":"p/"},
            "chunk_size":100,"chunk_count":10,"data_start":60}}"#;
        let plan = PlanFacts::of_output(plan).unwrap();
        let counted = |succeeded, failed, aborted, total| MapRun {
            item_counts: ItemCounts { succeeded, failed, aborted, total, running: 2, ..ItemCounts::default() },
            ..MapRun::default()
        };
        let (inline, children) = (Course::default(), Course { distributed: true, ..Course::default() });
        let table = [
            (Course { done: 3, ..inline.clone() }, None, (3, 0, Some(10), (300, 950))),
            (Course { done: 10, ..inline.clone() }, None, (10, 0, Some(10), (950, 950))),
            (Course { done: 1, round: 1, ..inline.clone() }, None, (1, 0, None, (0, 0))),
            (Course { done: 1, round: 1, all: Some(2), ..inline }, None, (1, 0, Some(2), (100, 200))),
            (children.clone(), Some(counted(4, 1, 2, 0)), (4, 3, Some(10), (400, 950))),
            (Course { round: 2, ..children }, Some(counted(1, 0, 0, 3)), (1, 0, Some(3), (100, 300))),
        ];
        for (course, run, expected) in table {
            let found = counts(&course, run.as_ref(), Some(&plan));
            assert_eq!((found.done, found.failed, found.all, found.bytes), expected, "{course:?}");
        }
    }
}
