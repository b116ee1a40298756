//! `fanout diff` over runs of the binary.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn fanout(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fanout")).current_dir(folder).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs fanout over a file, and returns the run's id.
fn run(folder: &Path, file: &str, args: &[&str]) -> String {
    let done = fanout(folder, &[&["run", file, "--json"], args].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    report["run_id"].as_str().unwrap().to_owned()
}

/// The first records of a run.
fn sample(folder: &Path, run: &str) -> Value {
    let report = fs::read(folder.join("runs").join(run).join("report.json")).unwrap();
    let mut report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["sample"].as_array().unwrap().len(), 10);
    assert_eq!(report["sample"][9][0], "10");
    report["sample"].take()
}

#[test]
fn runs_of_one_file_are_equal_in_any_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(fanout(folder, &["sample", "--rows", "5000", "--out", "people.csv"]).status.success());
    let whole = run(folder, "people.csv", &[]);
    for chunk_size in ["300", "3000", "70000"] {
        let cut = run(folder, "people.csv", &["--chunk-size", chunk_size]);
        let done = fanout(folder, &["diff", &whole, &format!("runs/{cut}/report.json")]);
        assert_eq!(done.status.code(), Some(0), "{chunk_size}: {}", text(&done.stdout));
        assert!(text(&done.stdout).ends_with("equal: no figure of the records or the columns differs\n"));
        assert_eq!(sample(folder, &cut), sample(folder, &whole), "chunks of {chunk_size}");
    }
    let people = fs::read_to_string(folder.join("people.csv")).unwrap();
    let line = people.lines().nth(99).unwrap();
    let (rest, _) = line.rsplit_once(',').unwrap();
    fs::write(folder.join("other.csv"), people.replace(line, &format!("{rest},"))).unwrap();
    let other = run(folder, "other.csv", &[]);
    let done = fanout(folder, &["diff", &whole, &other, "--json"]);
    assert_eq!(done.status.code(), Some(3), "{}", text(&done.stderr));
    let found: Value = serde_json::from_slice(&done.stdout).unwrap();
    let changed = found["changed"].as_array().unwrap();
    assert_eq!((changed.len(), &changed[0]["name"]), (1, &Value::from("experienced")));
}

#[test]
fn a_page_is_not_overwritten_and_a_run_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("a.csv"), "a,<b>\n1,x\n2,y\n").unwrap();
    fs::write(folder.join("b.csv"), "a,<i>\n1,x\n2,y\n").unwrap();
    let (a, b) = (run(folder, "a.csv", &[]), run(folder, "b.csv", &[]));
    let done = fanout(folder, &["diff", &a, &b, "--html", "d.html"]);
    assert_eq!(done.status.code(), Some(3), "{}", text(&done.stderr));
    let page = fs::read_to_string(folder.join("d.html")).unwrap();
    assert!(page.contains("Added columns") && page.contains("&lt;i&gt;") && !page.contains("<i>"), "{page}");
    let again = fanout(folder, &["diff", &a, &b, "--html", "d.html"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("ResultsUnwritable"), "{}", text(&again.stderr));
    let none = fanout(folder, &["diff", &a, "c"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none.stderr).contains("NoSuchObject") && text(&none.stderr).contains("c/report.json"));
}
