//! Runs whose results are old, and their removal.

use std::collections::{BTreeMap, BTreeSet};

use fanout_core::Location;
use fanout_store::Listed;
use serde::Serialize;

use super::Deployment;
use crate::CliError;

/// The name of a report in a run's folder.
const REPORT: &str = "report.json";

/// A run with its results.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OldRun {
    /// The name.
    pub name: String,
    /// Objects that it left.
    pub objects: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The time of the newest one, in seconds since 1970-01-01T00:00:00Z.
    pub modified: i64,
    /// Tells whether there is a report: without one the run failed or was stopped.
    pub report: bool,
}

impl Deployment {
    /// Returns the runs whose newest result is from before a time, in seconds since 1970-01-01T00:00:00Z. Those that
    /// are running are left out.
    ///
    /// # Errors
    ///
    /// [`DeployedError`](super::DeployedError) and [`StoreError`](fanout_store::StoreError) where AWS cannot be asked.
    pub async fn old_runs(&self, before: i64) -> Result<Vec<OldRun>, CliError> {
        let folder = self.runs_folder()?;
        let mut runs = Runs::default();
        self.store.list(&folder, |object| runs.add(&folder.key, &object)).await?;
        let running = self.states().executions(&self.machine.to_string(), Some("RUNNING"), u64::MAX).await?;
        let running = running.into_iter().map(|item| item.name).collect();
        Ok(runs.old(before, &running))
    }

    /// Removes all results of a run.
    ///
    /// # Errors
    ///
    /// [`StoreError`](fanout_store::StoreError) where something of it stays.
    pub async fn remove_run(&self, run: &str) -> Result<(), CliError> {
        let folder = self.runs_folder()?.join(&format!("{run}/"));
        let mut keys = Vec::new();
        self.store.list(&folder, |object| keys.push(object.key)).await?;
        // The report says that a run is whole: it goes first.
        keys.sort_by_key(|key| !key.ends_with(REPORT));
        Ok(self.store.remove(&folder.bucket, &keys).await?)
    }

    fn runs_folder(&self) -> Result<Location, CliError> {
        Ok(self.results("the results bucket")?.join("runs/"))
    }
}

/// Runs by their names.
#[derive(Default)]
struct Runs(BTreeMap<String, OldRun>);

impl Runs {
    /// Counts an object under the folder of all runs.
    fn add(&mut self, folder: &str, object: &Listed) {
        let Some((run, name)) = object.key.strip_prefix(folder).and_then(|rest| rest.split_once('/')) else { return };
        let found =
            self.0.entry(run.to_owned()).or_insert_with(|| OldRun { name: run.to_owned(), ..OldRun::default() });
        found.objects += 1;
        found.bytes += object.size;
        found.modified = found.modified.max(object.modified);
        found.report |= name == REPORT;
    }

    /// Returns those whose newest object is from before a time and that are not running, the oldest first.
    fn old(self, before: i64, running: &BTreeSet<String>) -> Vec<OldRun> {
        let is_old = |run: &OldRun| run.modified < before && !running.contains(&run.name);
        let mut runs: Vec<OldRun> = self.0.into_values().filter(is_old).collect();
        runs.sort_by_key(|run| run.modified);
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_as_old_as_its_newest_object() {
        let mut runs = Runs::default();
        for (key, modified) in [
            ("p/runs/a/report.json", 50),
            ("p/runs/a/data/report.json", 40),
            ("p/runs/b/results/1", 10),
            ("p/runs/b/results/2", 90),
            ("p/runs/c/results/1", 20),
            ("p/runs/d/report.json", 30),
            ("p/runs/stray", 1),
            ("datasets/a/b", 1),
        ] {
            runs.add("p/runs/", &Listed { key: key.into(), size: 5, modified });
        }
        let old = runs.old(60, &BTreeSet::from(["d".to_owned()]));
        let found: Vec<_> = old.iter().map(|run| (run.name.as_str(), run.objects, run.bytes, run.report)).collect();
        assert_eq!(found, [("c", 1, 5, false), ("a", 2, 10, true)]);
    }
}
