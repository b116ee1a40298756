//! Habits of the command line: several inputs, standard input, sizes, files that are there, exit codes, errors as JSON.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fanout"));
    command.current_dir(folder).args(args);
    command
}

fn fanout(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}: {}", text(bytes)))
}

fn files(folder: &Path) {
    fs::write(folder.join("good.csv"), "a,b\n1,2\n3,4\n").unwrap();
    fs::write(folder.join("ragged.csv"), "a,b\n1,2\n3\n5,6\n").unwrap();
    fs::write(folder.join("empty.csv"), "").unwrap();
    fs::create_dir(folder.join("folder.csv")).unwrap();
}

#[test]
fn exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    files(folder);
    let table: [(&str, &[&str], i32); 15] = [
        ("success", &["run", "good.csv", "--strict"], 0),
        ("with rejects", &["run", "ragged.csv"], 0),
        ("with rejects, strict", &["run", "ragged.csv", "--strict"], 3),
        ("check, strict", &["check", "ragged.csv", "--strict"], 3),
        ("check", &["check", "ragged.csv"], 0),
        ("too many rejects", &["run", "ragged.csv", "--max-reject-ratio", "0.1"], 1),
        ("no record", &["run", "empty.csv"], 1),
        ("an unknown flag", &["run", "good.csv", "--colour"], 2),
        ("an unknown output", &["run", "good.csv", "--outputs", "xml"], 2),
        ("no chunk at once", &["run", "good.csv", "--concurrency", "0"], 2),
        ("no input", &["run"], 2),
        ("several, all good", &["run", "good.csv", "good.csv", "--strict"], 0),
        ("several, one with rejects", &["run", "good.csv", "ragged.csv", "--strict"], 3),
        ("several, one failed", &["run", "empty.csv", "ragged.csv", "--strict"], 1),
        ("several, one a folder", &["run", "ragged.csv", "folder.csv", "--strict"], 2),
    ];
    for (case, args, code) in table {
        let output = fanout(folder, args);
        assert_eq!(output.status.code(), Some(code), "{case}: {}", text(&output.stderr));
    }
    let help = text(&fanout(folder, &["run", "--help"]).stdout);
    assert!(help.contains("Exit codes: 0 success; 1 failed; 2 "), "{help}");
}

#[test]
fn a_program_gets_errors_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    files(folder);
    let table: [(&[&str], &str, &str); 4] = [
        (&["run", "gone.csv", "--json"], "NoSuchObject", "/gone.csv: no such file"),
        (&["check", "empty.csv", "--json"], "EmptyObject", "/empty.csv: it is empty"),
        (&["plan", "good.csv", "--json", "--chunk-size", "0"], "InvalidJob", "job: chunk_size is 0"),
        (&["run", "good.csv", "--json", "--colour"], "InvalidJob", "unexpected argument '--colour' found"),
    ];
    for (args, code, message) in table {
        let output = fanout(folder, args);
        let error = json_of(&output.stderr);
        assert_eq!(error["error"]["code"], json!(code), "{args:?}");
        assert!(error["error"]["message"].as_str().unwrap().contains(message), "{args:?}: {error}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn events_are_told_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    files(folder);
    let told = |word: &[&str]| {
        let output = fanout(folder, &[word, &["run", "good.csv", "--json"]].concat());
        assert_eq!(json_of(&output.stdout)["records"], json!(2), "standard output has the report alone");
        text(&output.stderr)
    };
    let table: [(&[&str], [bool; 3]); 3] = [(&[], [false; 3]), (&["-v"], [true, true, false]), (&["-vv"], [true; 3])];
    for (word, expected) in table {
        let events = told(word);
        let found = [" INFO planned run=", " chunk processed first_record=", " part written part="];
        assert_eq!(found.map(|event| events.contains(event)), expected, "{word:?}: {events}");
    }
}

#[test]
fn several_inputs_are_a_run_each() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    files(folder);
    let told = fanout(folder, &["run", "*.csv"]);
    let (out, errors) = (text(&told.stdout), text(&told.stderr));
    assert!(out.contains("good.csv: 2 records, 0 rejects, 1 chunk, "), "{out}");
    assert!(out.ends_with("3 runs: 2 succeeded, 1 failed; 4 records, 1 reject\n"), "{out}");
    assert!(errors.contains("error: EmptyObject: ") && !errors.contains("folder.csv"), "{errors}");
    assert_eq!(fs::read_dir(folder.join("runs")).unwrap().count(), 2);

    let output = fanout(folder, &["run", "good.csv", "empty.csv", "--json"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), String::new()));
    let runs = json_of(&output.stdout);
    assert_eq!((&runs["succeeded"], &runs["failed"]), (&json!(1), &json!(1)));
    let [good, empty] = runs["runs"].as_array().unwrap().as_slice() else { panic!("{runs}") };
    assert_eq!((&good["input"], &good["report"]["records"]), (&json!("good.csv"), &json!(2)));
    assert_eq!((&empty["input"], &empty["error"]["code"]), (&json!("empty.csv"), &json!("EmptyObject")));

    let none = fanout(folder, &["run", "*.gz"]);
    assert!(text(&none.stderr).contains("no file matches the pattern"), "{}", text(&none.stderr));
}

#[test]
fn two_runs_of_one_file_never_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    files(folder);
    let start = || command(folder, &["run", "good.csv", "--quiet"]).stdout(Stdio::piped()).spawn().unwrap();
    let started: Vec<_> = (0..8).map(|_| start()).collect();
    let mut folders: Vec<String> =
        started.into_iter().map(|run| text(&run.wait_with_output().unwrap().stdout)).collect();
    folders.sort();
    folders.dedup();
    assert_eq!(folders.len(), 8, "{folders:?}");
}

#[test]
fn standard_input_is_stored_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let spools = folder.join("spools");
    fs::create_dir(&spools).unwrap();
    for args in [&["run", "-"][..], &["check", "-"], &["infer", "-"], &["plan", "-"]] {
        let mut command = command(folder, args);
        command.env("TMPDIR", &spools).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut run = command.spawn().unwrap();
        run.stdin.take().unwrap().write_all(b"a,b\n1,2\n3,4\n").unwrap();
        let output = run.wait_with_output().unwrap();
        let errors = text(&output.stderr);
        assert!(output.status.success(), "{args:?}: {errors}");
        assert!(
            errors.contains("standard input: 12 B stored in ") && errors.contains(", removed at the end"),
            "{errors}"
        );
        assert_eq!(fs::read_dir(&spools).unwrap().count(), 0, "{args:?}");
    }
}

#[test]
fn nothing_is_overwritten_unless_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("mine.csv"), "a\n1\n").unwrap();
    fs::write(folder.join("mine.json"), "{}").unwrap();
    let table: [(&[&str], &str, &str); 2] = [
        (&["sample", "--rows", "1k", "--out", "mine.csv"], "mine.csv", "a\n1\n"),
        (&["infer", "mine.csv", "--out", "mine.json"], "mine.json", "{}"),
    ];
    for (args, name, before) in table {
        let output = fanout(folder, args);
        assert_eq!(output.status.code(), Some(1), "{name}");
        let error = text(&output.stderr);
        assert!(error.ends_with(&format!("{name}: it is there already; --force replaces it\n")), "{error}");
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), before);
    }
    for (args, name, before) in table.into_iter().rev() {
        let output = fanout(folder, &[args, &["--force"]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_ne!(fs::read_to_string(folder.join(name)).unwrap(), before, "{name}");
    }
    let lines = fs::read_to_string(folder.join("mine.csv")).unwrap();
    assert!(lines.starts_with("id,name,age") && lines.contains("\n1000,"), "1k records");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 2, "nothing else is left");
    let stream = fanout(folder, &["sample", "--rows", "1k", "--out", "-"]);
    assert_eq!(text(&stream.stdout), lines);
}

#[cfg(not(feature = "sql"))]
#[test]
fn a_query_without_sql() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("x.csv"), "a\n1\n").unwrap();
    let output = fanout(folder, &["query", "x.csv", "SELECT a FROM records"]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(2), ""));
    assert!(text(&output.stderr).contains("--features sql"), "{}", text(&output.stderr));
}

#[test]
fn sizes_have_units() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("x.csv"), format!("a\n{}", "1234567\n".repeat(1000))).unwrap();
    for (size, bytes) in [("2kB", 2000), ("2KiB", 2048), ("2000", 2000), ("0.002MB", 2000)] {
        let plan = json_of(&fanout(folder, &["plan", "x.csv", "--json", "--chunk-size", size]).stdout);
        assert_eq!(plan["chunk_size"], json!(bytes), "{size}");
    }
    let wrong = fanout(folder, &["plan", "x.csv", "--chunk-size", "2XB"]);
    assert!(text(&wrong.stderr).contains("is no size in bytes, as 64MB, 64MiB or 1000000"), "{}", text(&wrong.stderr));
}

#[test]
fn a_package_has_completions_and_manual_pages() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = text(&fanout(folder, &["completions", shell]).stdout);
        assert!(script.contains("max-reject-ratio"), "{shell}: {script}");
    }
    assert!(fanout(folder, &["man", "--out", "man"]).status.success());
    let mut pages: Vec<_> = fs::read_dir(folder.join("man"))
        .unwrap()
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    let commands = "check clean completions correct datasets-list datasets-push datasets diff infer list logs man plan \
                    query redrive report run sample start tune watch";
    let expected = commands.split_whitespace().map(|command| format!("fanout-{command}.1"));
    assert_eq!(pages, expected.chain(["fanout.1".to_owned()]).collect::<Vec<_>>());
    let page = fs::read_to_string(folder.join("man/fanout-run.1")).unwrap();
    assert!(page.contains("fanout\\-run") && page.contains("\\-\\-resume") && page.contains("Exit codes"), "{page}");
    let version = text(&fanout(folder, &["--version"]).stdout);
    assert_eq!(version, format!("fanout {}\n", option_env!("FANOUT_VERSION").unwrap_or(env!("CARGO_PKG_VERSION"))));
}
