//! Corrected records as a part of a run: each record of the object is accepted once, or refused once.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fanout_cli::{CliError, CorrectError, EndedRun, LocalRun, Source};
use fanout_core::message::{DatasetRef, Job, OutputChoice, Reader, Report, VERSION};
use fanout_core::{Dialect, Prices};
use fanout_outputs::BUILT_IN;
use fanout_tests::said;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

/// The record of this number: as it should be, or as it was sent.
fn good(id: usize) -> String {
    format!("{id},n{id}\n")
}

fn sent(id: usize, fault: u8) -> String {
    match fault {
        1 => format!("{id}\n"),
        2 => format!("{id},n{id},more\n"),
        3 => format!("{id},\"n\"{id}\n"),
        _ => good(id),
    }
}

struct Work {
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

impl Work {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Self { folder: tempfile::tempdir().unwrap(), runtime }
    }

    fn source(&self, name: &str, text: &str) -> Source {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        self.runtime.block_on(Source::open(path.to_str().unwrap())).unwrap()
    }

    /// Runs fanout over a text, and returns the run's folder.
    fn run(&self, text: &str, chunk_size: u64) -> (PathBuf, Report) {
        let source = self.source("sent.csv", text);
        let outputs = ["exact_profile", "rejects", "jsonl"].map(OutputChoice::named).to_vec();
        let job = Job {
            version: VERSION,
            bucket: source.bucket.clone(),
            key: source.key.clone(),
            version_id: None,
            dataset: Some(DatasetRef::Inline(Box::new(said(&Dialect::default(), &["id", "name"])))),
            reader: Reader::Range,
            chunk_size: Some(chunk_size),
            outputs: Some(outputs),
            query: None,
            run_id: Some("run".into()),
        };
        let out = self.folder.path().join("runs");
        let local = LocalRun::new(source, out.to_str().unwrap(), 2, Prices::built_in().unwrap(), BUILT_IN);
        let report = self.runtime.block_on(async { local.run(local.plan(&job).await?, |_| ()).await }).unwrap();
        (out.join("run"), report)
    }

    fn correct(&self, run: &Path, text: &str) -> Result<Option<Report>, CliError> {
        let source = self.source("corrected.csv", text);
        self.runtime.block_on(async { EndedRun::open(run).await?.correct(source, BUILT_IN).await })
    }
}

/// Every file below a folder with its bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(tree(&entry));
        } else {
            found.insert(entry.clone(), fs::read(&entry).unwrap());
        }
    }
    found
}

/// Every record of the parts that stand in `data/`, sorted; and those are the parts that the list has.
fn accepted(run: &Path) -> Vec<String> {
    let list: Value = serde_json::from_slice(&fs::read(run.join("parts.json")).unwrap()).unwrap();
    let listed = |output: &str| -> Vec<PathBuf> {
        let parts = list[output].as_array().into_iter().flatten();
        parts.map(|part| run.join(part["key"].as_str().unwrap())).collect()
    };
    let there: Vec<PathBuf> = tree(run).into_keys().filter(|path| path.parent() == Some(&run.join("data"))).collect();
    assert_eq!(listed("jsonl"), there, "the list has the parts that are there, in their order");
    let text: String = there.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    // Where all records were refused at first, no value showed a type.
    let record = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap();
        format!("{},{}", record["id"], record["name"]).replace('"', "")
    };
    let mut records: Vec<String> = text.lines().map(record).collect();
    records.sort();
    records
}

/// The refused records that the list of parts leads to, as they stand.
fn refused(run: &Path) -> String {
    let list: Value = serde_json::from_slice(&fs::read(run.join("parts.json")).unwrap()).unwrap();
    let keys = list["rejects"].as_array().into_iter().flatten().map(|part| part["key"].as_str().unwrap());
    keys.filter(|key| key.ends_with(".csv")).map(|key| fs::read_to_string(run.join(key)).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_record_is_accepted_once_or_refused_once(
        faults in vec((0u8..4, any::<bool>(), any::<bool>()), 1..40), chunk_size in 4u64..200, with_header: bool,
    ) {
        let work = Work::new();
        let all: String = faults.iter().enumerate().map(|(id, fault)| sent(id, fault.0)).collect();
        let (run, report) = work.run(&all, chunk_size);
        let before = tree(&run);
        let bad: Vec<usize> = (0..faults.len()).filter(|id| faults[*id].0 != 0).collect();
        prop_assert_eq!(report.rejects, bad.len() as u64);
        let file = |is_corrected: &dyn Fn(usize) -> bool| -> String {
            let header = if with_header { "id,name\n" } else { "" };
            let record = |id: &usize| if is_corrected(*id) { good(*id) } else { sent(*id, faults[*id].0) };
            header.to_owned() + &bad.iter().map(record).collect::<String>()
        };
        if bad.is_empty() {
            let error = work.correct(&run, "id,name\n1,n\n").unwrap_err();
            let nothing = matches!(error, CliError::Correct(CorrectError::NothingRefused { .. }));
            prop_assert!(nothing);
            prop_assert_eq!(tree(&run), before);
            return Ok(());
        }
        // Some are corrected, then others, then all: each file replaces the one before.
        let (some, others, every) = (|id: usize| faults[id].1, |id: usize| faults[id].2, |_: usize| true);
        let rounds: [&dyn Fn(usize) -> bool; 4] = [&some, &others, &every, &some];
        let mut last = None;
        for is_corrected in rounds {
            let text = file(is_corrected);
            let done = work.correct(&run, &text).unwrap();
            prop_assert_eq!(done.is_none(), last.as_ref() == Some(&text), "the same file changes nothing");
            let stored: Report = serde_json::from_slice(&fs::read(run.join("report.json")).unwrap()).unwrap();
            if let Some(report) = done {
                prop_assert_eq!(&report, &stored);
            }
            let is_accepted = |id: &usize| faults[*id].0 == 0 || is_corrected(*id);
            let mut expected: Vec<String> = (0..faults.len())
                .filter(is_accepted)
                .map(|id| good(id).trim_end().to_owned())
                .collect();
            expected.sort();
            prop_assert_eq!(&accepted(&run), &expected);
            let left: String = bad.iter().filter(|id| !is_accepted(id)).map(|id| sent(*id, faults[*id].0)).collect();
            prop_assert_eq!(refused(&run), left);
            let corrected = stored.corrected.unwrap();
            prop_assert_eq!((stored.records, stored.records + stored.rejects), (expected.len() as u64, faults.len() as u64));
            prop_assert_eq!(corrected.accepted_at_first + corrected.accepted + corrected.still_refused, faults.len() as u64);
            prop_assert_eq!(stored.columns[0].count, stored.records);
            // What the run itself found stays as it was.
            let kept = |tree: &BTreeMap<PathBuf, Vec<u8>>| -> BTreeMap<PathBuf, Vec<u8>> {
                let own = |path: &&PathBuf| ["results", "rejects"].iter().any(|name| path.starts_with(run.join(name)));
                tree.keys().filter(own).map(|path| (path.clone(), tree[path].clone())).collect()
            };
            prop_assert_eq!(kept(&tree(&run)), kept(&before));
            last = Some(text);
        }
        // One more or one fewer is refused with the numbers, and changes nothing.
        let before = tree(&run);
        let more = file(&every) + &good(99);
        let error = work.correct(&run, &more).unwrap_err();
        let CliError::Correct(CorrectError::OtherNumber { found, refused, .. }) = error else { panic!("{error}") };
        prop_assert_eq!((found, refused), (bad.len() as u64 + 1, bad.len() as u64));
        prop_assert_eq!(tree(&run), before);
    }
}
