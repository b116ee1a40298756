//! Runs that are interrupted after every number of chunks, and taken up again: the results are those of a run that
//! was not interrupted.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};

use fanout_cli::{CliError, Interrupted, LocalRun, Progress, Source};
use fanout_core::message::{Job, Plan, Report};
use fanout_core::{Code, Coded, Prices};
use fanout_outputs::BUILT_IN;
use futures::FutureExt;
use serde_json::{Value, json};

/// Records of which some are refused, with line breaks in quotes.
fn text() -> String {
    let mut text = "id,note\n".to_owned();
    for id in 0..60 {
        text += &match id % 7 {
            3 => format!("{id}\n"),
            5 => format!("{id},\"a\nb {id}\"\n"),
            _ => format!("{id},note {id}\n"),
        };
    }
    text
}

/// The same for a wrong guess: a quoted text of lines that look like records.
fn trap() -> String {
    let lines: String =
        (0..2_000).map(|line| format!("{line},fake,{line}{}\n", if line % 9 == 0 { ",more" } else { "" })).collect();
    format!("a,b,c\n1,\"{lines}\",z\nragged\n2,x,y\n")
}

fn job(folder: &Path, chunk_size: u64) -> Job {
    let outputs = json!(["profile", "jsonl", "parquet", "rejects"]);
    let dataset = json!({"dialect": {"delimiter": ",", "quote": "\""}, "header": {}});
    let job = json!({"bucket": folder.canonicalize().unwrap(), "key": "x.csv", "chunk_size": chunk_size, "outputs": outputs,
        "dataset": dataset});
    serde_json::from_value(job).unwrap()
}

async fn local(folder: &Path) -> LocalRun {
    let source = Source::open(folder.join("x.csv").to_str().unwrap()).await.unwrap();
    LocalRun::new(source, folder.join("runs").to_str().unwrap(), 1, Prices::built_in().unwrap(), BUILT_IN)
}

async fn planned(folder: &Path, chunk_size: u64) -> (LocalRun, Plan) {
    let local = local(folder).await;
    let plan = local.claim(local.plan(&job(folder, chunk_size)).await.unwrap()).unwrap();
    (local, plan)
}

fn folder_of(plan: &Plan) -> PathBuf {
    Path::new(&plan.results.bucket).join(&plan.results.key)
}

async fn resume(folder: &Path, run: &Path) -> Result<Report, CliError> {
    let interrupted = Interrupted::open(run).await?;
    local(folder).await.resume(interrupted, |_| ()).await
}

/// Runs until so many chunks are finished, then stops as a process that is killed: nothing is cleaned up.
async fn run_until(local: &LocalRun, plan: Plan, chunks: u64) {
    let finished = Cell::new(0);
    let watch = |progress| {
        if let Progress::Chunk { .. } = progress {
            finished.set(finished.get() + 1);
        }
        if finished.get() == chunks {
            resume_unwind(Box::new(()));
        }
    };
    assert!(AssertUnwindSafe(local.run(plan, watch)).catch_unwind().await.is_err(), "it ended before");
}

/// The files of a run by their names, without those that tell of times.
fn files(run: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![run.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(run).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else {
                let told = name.starts_with("results/") || name.starts_with("report.") || name == "plan.json";
                let bytes = if told { Vec::new() } else { fs::read(path).unwrap() };
                // A text may name its run.
                let id = run.file_name().unwrap().to_str().unwrap();
                let text = std::str::from_utf8(&bytes).map(|text| text.replace(id, "RUN").into_bytes());
                found.insert(name, text.unwrap_or(bytes));
            }
        }
    }
    found
}

/// A report without what differs from run to run.
fn same(report: &Report) -> Value {
    let mut value = serde_json::to_value(report).unwrap();
    for name in ["results", "started_at", "elapsed_ms", "timeline", "evidence"] {
        value.as_object_mut().unwrap().remove(name);
    }
    serde_json::from_str(&value.to_string().replace(&report.run_id, "RUN")).unwrap()
}

/// Interrupts a run after every so many chunks of all its rounds, and takes it up again. Returns the chunks of the
/// plan, and those that were repaired.
async fn interrupted_after(text: &str, chunk_size: u64, every: usize) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("x.csv"), text).unwrap();
    let (whole, plan) = planned(folder, chunk_size).await;
    let (chunks, place) = (plan.chunk_count, folder_of(&plan));
    let processed = Cell::new(0);
    let watch = |progress| processed.set(processed.get() + u64::from(matches!(progress, Progress::Chunk { .. })));
    let expected = whole.run(plan, watch).await.unwrap();
    assert!(expected.rejects > 0);
    let expected_files = files(&place);
    for finished in (0..=processed.get()).step_by(every) {
        let case = format!("after {finished} chunks of {}", processed.get());
        let (local, plan) = planned(folder, chunk_size).await;
        let run = folder_of(&plan);
        run_until(&local, plan, finished).await;
        assert!(!run.join("report.json").exists());
        let report = resume(folder, &run).await.unwrap();
        assert_eq!(same(&report), same(&expected), "{case}");
        assert!(files(&run) == expected_files, "{case}");
        let told = report.evidence.iter().find(|one| one.what == "resumed").unwrap();
        if finished < chunks {
            // The one after them may have been stored as well.
            let of = |number: u64| format!(": {number} of {chunks} chunks were finished before");
            assert!(told.sentence.ends_with(&of(finished)) || told.sentence.ends_with(&of(finished + 1)), "{told:?}");
        }
        if finished > chunks {
            assert!(told.sentence.starts_with("the run was interrupted in repair "), "{told:?}");
        }
        let again = resume(folder, &run).await.unwrap_err();
        assert!(again.code() == Code::InvalidJob && again.to_string().contains("that run has ended"), "{again}");
    }
    (chunks, expected.coverage.repaired)
}

#[tokio::test]
async fn a_run_goes_on_from_every_number_of_finished_chunks() {
    assert!(interrupted_after(&text(), 100, 1).await.0 > 5);
}

#[tokio::test]
async fn a_run_with_a_manifest_goes_on() {
    assert!(interrupted_after(&text(), 10, 13).await.0 > 40);
}

#[tokio::test]
async fn a_run_goes_on_within_a_repair() {
    let (chunks, repaired) = interrupted_after(&trap(), 4 << 10, 1).await;
    assert!(chunks > 5 && repaired > 2, "{chunks} chunks, {repaired} repaired");
}

#[tokio::test]
async fn what_is_not_whole_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("x.csv"), text()).unwrap();
    let (whole, plan) = planned(folder, 100).await;
    let chunks = plan.chunk_count;
    let expected = whole.run(plan, |_| ()).await.unwrap();
    let damages: [(&str, fn(&Path)); 4] = [
        ("a part is gone", |run| fs::remove_file(run.join("data/part-00001.parquet")).unwrap()),
        ("a part is cut", |run| fs::write(run.join("data/part-00001.jsonl"), "{").unwrap()),
        ("a result is cut", |run| fs::write(run.join("results/00001.json"), "").unwrap()),
        ("a result is of another run", |run| {
            let path = run.join("results/00001.json");
            let mut result: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            result["run_id"] = json!("another");
            fs::write(path, result.to_string()).unwrap();
        }),
    ];
    for (case, damage) in damages {
        let (local, plan) = planned(folder, 100).await;
        let run = folder_of(&plan);
        run_until(&local, plan, chunks).await;
        damage(&run);
        let report = resume(folder, &run).await.unwrap();
        assert_eq!(same(&report), same(&expected), "{case}");
        let told = report.evidence.iter().find(|one| one.what == "resumed").unwrap();
        assert!(told.value == format!("{} of {chunks} chunks", chunks - 1), "{case}: {}", told.value);
    }
}

#[tokio::test]
async fn another_object_or_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("x.csv"), text()).unwrap();
    let (local, plan) = planned(folder, 100).await;
    let run = folder_of(&plan);
    run_until(&local, plan, 2).await;
    let moved = folder.join("moved");
    fs::create_dir(&moved).unwrap();
    fs::copy(run.join("plan.json"), moved.join("plan.json")).unwrap();
    let table = [
        (moved, "the run was moved: it began in "),
        (folder.join("gone"), "there is no such folder"),
        (folder.join("runs"), "it has no plan.json"),
    ];
    for (place, reason) in table {
        let error = resume(folder, &place).await.unwrap_err();
        assert!(error.code() == Code::InvalidJob && error.to_string().contains(reason), "{error}");
    }
    fs::write(folder.join("x.csv"), text() + "61,x\n").unwrap();
    let error = resume(folder, &run).await.unwrap_err();
    assert_eq!(error.code(), Code::ObjectChanged);
    assert!(error.to_string().contains("the file changed after it was planned"), "{error}");
    assert!(!run.join("report.json").exists());
}
