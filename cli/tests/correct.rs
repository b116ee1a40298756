//! `fanout correct` over a run of the binary with the default outputs.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn fanout(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fanout")).current_dir(folder).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A run of a file with four records that are refused, and its folder.
fn refusing(folder: &Path) -> (String, PathBuf) {
    let people =
        "id,born,pay\n1,31/01/1990,1.5\n2,01/02/1991\n3,28/02/1992,2.5\n4,01/03/1993,3,5\n5,a\n6,07/07/1990,\n";
    fs::write(folder.join("people.csv"), format!("{people}{}8\n", "7,31/12/2000,9.25\n".repeat(2000))).unwrap();
    let done = fanout(
        folder,
        &["run", "people.csv", "--json", "--chunk-size", "9000", "--outputs", "profile,parquet,jsonl,rejects"],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((&report["rejects"], &report["columns"][1]["type"]), (&json!(4), &json!("date")));
    let id = report["run_id"].as_str().unwrap().to_owned();
    let run = folder.join("runs").join(&id);
    (id, run)
}

#[test]
fn corrected_records_are_of_the_types_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (id, run) = refusing(folder);
    // One is corrected, one is not of the column's type, one stays as it was, one is corrected.
    fs::write(folder.join("fixed.csv"), "id,born,pay\n2,01/02/1991,\n4,1993-03-01,3.5\n5,a\n8,02/01/2001,7.75\n")
        .unwrap();
    let done = fanout(folder, &["correct", &id, "--with", "fixed.csv"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let printed = text(&done.stdout);
    assert!(
        printed.contains("2 of 4 refused records are accepted as corrected in fixed.csv, 2 are still refused"),
        "{printed}"
    );
    assert!(printed.contains("2,003 accepted at first + 2 corrected + 2 still refused = 2,007 records"), "{printed}");
    let page = printed.lines().last().unwrap().strip_prefix("report:").unwrap().trim();
    assert!(folder.join(page).is_file(), "{printed}");
    let report: Value = serde_json::from_slice(&fs::read(run.join("report.json")).unwrap()).unwrap();
    assert_eq!((&report["records"], &report["rejects"]), (&json!(2005), &json!(2)));
    let types: Vec<&Value> = report["columns"].as_array().unwrap().iter().map(|column| &column["type"]).collect();
    assert_eq!(types, ["int64", "date", "float64"]);
    assert_eq!(
        (&report["columns"][1]["max"], &report["columns"][1]["origin"]),
        (&json!("2001-01-02"), &json!("inferred"))
    );
    let parts: Value = serde_json::from_slice(&fs::read(run.join("parts.json")).unwrap()).unwrap();
    for output in ["parquet", "jsonl"] {
        let parts = parts[output].as_array().unwrap();
        let records: u64 = parts.iter().map(|part| part["records"].as_u64().unwrap()).sum();
        assert_eq!(records, 2005, "{output}");
        assert!(parts.iter().all(|part| run.join(part["key"].as_str().unwrap()).is_file()), "{output}");
    }
    let last = parts["jsonl"].as_array().unwrap().last().unwrap()["key"].as_str().unwrap();
    let added = fs::read_to_string(run.join(last)).unwrap();
    assert_eq!(
        added,
        "{\"id\":2,\"born\":\"1991-02-01\",\"pay\":null}\n{\"id\":8,\"born\":\"2001-01-02\",\"pay\":7.75}\n"
    );
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(page.contains("= 2,007 records.") && page.contains("corrected/rejects/part-"), "{page}");
    let again = fanout(folder, &["mend", run.to_str().unwrap(), "--with", "fixed.csv"]);
    assert!(
        text(&again.stdout).starts_with("nothing to do: this file is a part of the run already\n2 of 4"),
        "{}",
        text(&again.stdout)
    );
}

#[test]
fn what_cannot_become_a_part_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (id, run) = refusing(folder);
    let before = fs::read(run.join("report.json")).unwrap();
    fs::write(folder.join("fewer.csv"), "id,born,pay\n2,01/02/1991,\n").unwrap();
    fs::write(folder.join("none.csv"), "id,born,pay\n").unwrap();
    fs::write(folder.join("clean.csv"), "a,b\n1,2\n3,4\n").unwrap();
    let table: [(&[&str], u8, &str); 5] = [
        (&[&id, "--with", "fewer.csv"], 2, "its number of records is 1, but the run refused 4"),
        (&[&id, "--with", "none.csv"], 2, "its number of records is 0, but the run refused 4"),
        (&[&id, "--with", "nowhere.csv"], 1, "NoSuchObject: "),
        (&[&id, "--with", "s3://bucket/key"], 2, "expected a file on this machine"),
        (&["nowhere", "--with", "fewer.csv"], 2, "there is no such folder"),
    ];
    for (args, code, expected) in table {
        let done = fanout(folder, &[&["correct"], args].concat());
        assert_eq!(done.status.code(), Some(code.into()), "{args:?}");
        assert!(text(&done.stderr).contains(expected), "{args:?}: {}", text(&done.stderr));
    }
    assert_eq!(fs::read(run.join("report.json")).unwrap(), before);
    assert!(!run.join("correcting").exists() && !run.join("corrected").exists());
    let done = fanout(folder, &["run", "clean.csv", "--json"]);
    let clean: Value = serde_json::from_slice(&done.stdout).unwrap();
    let done = fanout(folder, &["correct", clean["run_id"].as_str().unwrap(), "--with", "fewer.csv"]);
    assert!(text(&done.stderr).contains("refused no record: there is nothing to correct"), "{}", text(&done.stderr));
}
