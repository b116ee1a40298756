//! The command line as a person meets it: its output and its failures.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

fn fanout(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fanout")).current_dir(folder).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn report(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The parts of a run's jsonl, one after another.
fn lines(folder: &Path, report: &Value) -> Vec<Value> {
    let data = folder.join("runs").join(report["run_id"].as_str().unwrap()).join("data");
    let mut parts: Vec<_> = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()).collect();
    parts.sort();
    let all: String = parts.iter().map(|part| fs::read_to_string(part).unwrap()).collect();
    all.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Columns without their quantiles and histograms, which are close to each other alone.
fn exact(columns: &Value) -> Vec<Value> {
    let mut columns = columns.as_array().unwrap().clone();
    for column in &mut columns {
        let estimates = column["estimates"].as_object_mut().unwrap();
        assert!(estimates.contains_key("distinct"));
        estimates.retain(|name, _| name == "distinct");
    }
    columns
}

#[test]
fn a_sample_runs_to_a_report_in_any_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(fanout(folder, &["sample", "--rows", "5000", "--out", "people.csv"]).status.success());
    let outputs = ["--outputs", "profile,rejects,jsonl"];
    let whole = report(&fanout(folder, &[&["run", "people.csv", "--json"], &outputs[..]].concat()));
    assert_eq!(
        (&whole["status"], &whole["records"], &whole["rejects"]),
        (&json!("succeeded"), &json!(5000), &json!(0))
    );
    assert_eq!(whole["columns"][0]["sum"], json!(5000 * 5001 / 2));
    let types: Vec<_> = whole["columns"].as_array().unwrap().iter().map(|column| column["type"].clone()).collect();
    assert_eq!(types, ["int64", "string", "int64", "float64", "float64", "float64", "boolean"]);
    let all = lines(folder, &whole);
    assert_eq!((all.len(), &all[0]["id"]), (5000, &json!(1)));
    for chunk_size in ["3000", "50000"] {
        let args = ["run", "people.csv", "--json", "--chunk-size", chunk_size];
        let cut = report(&fanout(folder, &[&args, &outputs[..]].concat()));
        assert!(cut["chunks"].as_u64() > Some(2) && cut["coverage"]["verified"] == json!(true));
        assert!(lines(folder, &cut) == all, "chunks of {chunk_size}");
        assert_eq!(exact(&cut["columns"]), exact(&whole["columns"]), "chunks of {chunk_size}");
        let stored = fs::read(folder.join("runs").join(cut["run_id"].as_str().unwrap()).join("report.json")).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&stored).unwrap(), cut, "report.json is what is printed");
    }
}

#[test]
fn declared_types_are_values_and_refuse_what_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let dataset = json!({"columns": {"id": {"type": "int64", "nullable": false}, "pay": "decimal(8,2)", "day": "date",
        "at": "timestamp", "ok": "boolean", "x": "float64", "note": "string"}, "max_reject_ratio": 1});
    fs::write(folder.join("d.json"), dataset.to_string()).unwrap();
    let csv = "id,pay,day,at,ok,x,note,free\n\
        1,10.50,2024-02-29,2024-01-01T00:00:00+01:00,yes,1e2,\"\",\n\
        2,,,,,,,7\n\
        three,1.00,2024-01-01,2024-01-01 00:00:00,true,0.5,n,\n\
        ,1.00,2024-01-01,2024-01-01 00:00:00,true,0.5,n,\n\
        5,1.005,2024-01-01,2024-01-01 00:00:00,true,0.5,n,\n";
    fs::write(folder.join("t.csv"), csv).unwrap();
    let outputs = "jsonl,rejects,profile";
    let report = report(&fanout(folder, &["run", "t.csv", "--dataset", "d.json", "--json", "--outputs", outputs]));
    assert_eq!(
        (&report["status"], &report["records"], &report["rejects"]),
        (&json!("succeeded_with_rejects"), &json!(2), &json!(3))
    );
    assert_eq!(
        lines(folder, &report),
        [
            json!({"id": 1, "pay": 10.5, "day": "2024-02-29", "at": "2023-12-31T23:00:00Z", "ok": true, "x": 100.0, "note": "", "free": null}),
            json!({"id": 2, "pay": null, "day": null, "at": null, "ok": null, "x": null, "note": null, "free": 7}),
        ]
    );
    let columns = report["columns"].as_array().unwrap();
    let of = |name: &str| columns.iter().find(|column| column["name"] == name).unwrap();
    assert_eq!((&of("id")["count"], &of("id")["invalid"], &of("pay")["invalid"]), (&json!(2), &json!(2), &json!(1)));
    assert_eq!(
        (&of("pay")["sum"], &of("day")["max"], &of("free")["type"]),
        (&json!("10.50"), &json!("2024-02-29"), &json!("int64"))
    );
    let run = folder.join("runs").join(report["run_id"].as_str().unwrap());
    let refused = fs::read_to_string(run.join("rejects/part-00000.csv")).unwrap();
    assert_eq!(refused, csv.split_inclusive('\n').skip(3).collect::<String>(), "byte for byte");
    let reasons = fs::read_to_string(run.join("rejects/part-00000.jsonl")).unwrap();
    let first: Value = serde_json::from_str(reasons.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["offset"], &first["column"], &first["reason"], &first["expected"], &first["found"]),
        (&json!(csv.find("three")), &json!("id"), &json!("invalid_value"), &json!("int64"), &json!("three"))
    );
}

#[test]
fn ragged_records_are_rejected_with_offset_expected_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("r.csv"), b"a,b\n1,2\n3\n4,5,6\n7,\xff\n8,\x00\n9,10\n").unwrap();
    let strict = fanout(folder, &["run", "r.csv", "--encoding", "utf-8"]);
    let error = text(&strict.stderr);
    assert!(error.contains("error: TooManyRejects: ") && error.contains("4 of 6 records of the samples"), "{error}");
    assert!(!folder.join("runs").exists(), "nothing fans out");
    let all = ["run", "r.csv", "--json", "--encoding", "utf-8", "--max-reject-ratio", "1"];
    let report = report(&fanout(folder, &all));
    assert_eq!((&report["records"], &report["rejects"]), (&json!(2), &json!(4)));
    let run = folder.join("runs").join(report["run_id"].as_str().unwrap());
    assert_eq!(fs::read(run.join("rejects/part-00000.csv")).unwrap(), b"3\n4,5,6\n7,\xff\n8,\x00\n");
    let reasons = fs::read_to_string(run.join("rejects/part-00000.jsonl")).unwrap();
    let found: Vec<(u64, String, String)> = reasons
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| {
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            (line["offset"].as_u64().unwrap(), text("expected"), text("found"))
        })
        .collect();
    let row = |offset, expected: &str, found: &str| (offset, expected.to_owned(), found.to_owned());
    let expected = [
        row(8, "2 fields", "1 field"),
        row(10, "2 fields", "3 fields"),
        row(16, "UTF-8", "an invalid byte at 18"),
        row(20, "no NUL byte", "a NUL byte at 22"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn bad_input_is_told_and_nothing_looks_like_a_result() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let long = format!("a,{}\n1,2\n", "b".repeat(200));
    let files: [(&str, &[u8]); 13] = [
        ("open.json", b"{\"header\": {}, \"dialect\": {\"quote\": \"\\\"\"}}"),
        ("ok.csv", b"a,b\n1,2\n"),
        ("empty.csv", b""),
        ("utf32.csv", b"\xff\xfe\0\0a\0\0\0"),
        ("array.json", b"[{\"a\": 1},\n{\"a\": 2}]\n"),
        ("pretty.json", b"{\n  \"a\": 1\n}\n"),
        ("cut.gz", b"\x1f\x8b\x08\0\0\0\0\0"),
        ("open.csv", b"a,\"b\n1,2\n"),
        ("long.csv", long.as_bytes()),
        ("a_file", b"x"),
        ("field.json", b"{\"columns\": {}, \"colour\": 1}"),
        ("header.json", b"{\"header\": {\"expect\": [\"b\", \"a\", \"c\"], \"match\": \"any_order\"}}"),
        ("short.json", b"{\"max_record\": 100}"),
    ];
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let table: [(&str, &[&str], &str); 17] = [
        ("no file", &["gone.csv"], "error: NoSuchObject: "),
        ("no folder", &["gone/x.csv"], "error: NoSuchObject: "),
        ("a folder", &["."], "error: InvalidJob: object \".\": it is a folder: name its files, as in './*.csv'"),
        ("empty", &["empty.csv"], "error: EmptyObject: "),
        ("UTF-32", &["utf32.csv"], "error: UnsupportedEncoding: "),
        ("JSON array", &["array.json"], "error: UnsupportedEncoding: "),
        ("JSON over several lines", &["pretty.json"], "error: HeaderMismatch: "),
        ("cut gzip", &["cut.gz"], "error: CorruptObject: "),
        ("open quote in the header", &["open.csv", "--dataset", "open.json"], "error: UnterminatedQuote: "),
        ("long header", &["long.csv", "--dataset", "short.json"], "error: RecordTooLarge: "),
        (
            "chunk size 0",
            &["ok.csv", "--chunk-size", "0"],
            "error: InvalidJob: job: chunk_size is 0, expected at least 1 byte",
        ),
        (
            "field",
            &["ok.csv", "--dataset", "field.json"],
            "error: InvalidJob: dataset field.json: unknown field `colour`",
        ),
        ("no dataset", &["ok.csv", "--dataset", "gone.json"], "error: NoSuchObject: gone.json: cannot be read: "),
        ("header", &["ok.csv", "--dataset", "header.json"], "error: HeaderMismatch: "),
        (
            "output",
            &["ok.csv", "--outputs", "xml"],
            "error: InvalidJob: outputs: unknown output \"xml\", expected one of profile, ",
        ),
        (
            "option of an output",
            &["ok.csv", "--outputs", r#"["rejects", {"name": "parquet", "compression": "brotli"}]"#],
            "error: InvalidJob: output parquet: ",
        ),
        ("out", &["ok.csv", "--out", "a_file"], "error: ResultsUnwritable: "),
    ];
    for (case, args, expected) in table {
        let output = fanout(folder, &[&["run"], args].concat());
        let error = text(&output.stderr);
        let code = if expected.starts_with("error: InvalidJob: ") { 2 } else { 1 };
        assert_eq!(output.status.code(), Some(code), "{case}: {error}");
        let told: Vec<&str> = error.lines().filter(|line| !line.starts_with("detected: ")).collect();
        assert!(told.len() == 1 && told[0].starts_with(expected), "{case}: {error}");
        assert!(output.stdout.is_empty(), "{case}: {}", text(&output.stdout));
    }
    let reports = fs::read_dir(folder.join("runs")).into_iter().flatten().flatten();
    assert!(reports.into_iter().all(|run| !run.path().join("report.json").exists()));
}

#[test]
fn a_plan_is_shown_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("x.csv"), "a,b\n1,2\n3,4\n").unwrap();
    let plan = report(&fanout(folder, &["plan", "x.csv", "--chunk-size", "5", "--json"]));
    assert_eq!(
        (&plan["header"], &plan["data_start"], &plan["chunk_count"]),
        (&json!(["a", "b"]), &json!(4), &json!(2))
    );
    let chunks = json!([{"index": 0, "start": 4, "end": 9}, {"index": 1, "start": 9, "end": 12}]);
    assert_eq!(plan["chunks"], chunks);
    let shown = text(&fanout(folder, &["plan", "x.csv"]).stdout);
    assert!(
        shown.contains("2 columns: a int64, b int64") && shown.contains("bytes 4 to 12") && !shown.contains("ETag"),
        "{shown}"
    );
    assert!(!folder.join("runs").exists());
}

#[test]
fn a_person_sees_a_table_and_a_program_only_json() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("x.csv"), "a,\"b\x1b[2J\"\n1,2\n").unwrap();
    let shown = fanout(folder, &["run", "x.csv"]);
    let table = text(&shown.stdout);
    assert!(table.contains("coverage verified") && table.contains("1 record, 0 rejects, 1 chunk, "), "{table}");
    assert!(!table.contains('\x1b'), "no control characters from data: {table:?}");
    assert!(table.contains("\nreport:  runs/x-") && table.ends_with("/report.html\n"), "{table}");
    let quiet = text(&fanout(folder, &["run", "x.csv", "--quiet"]).stdout);
    assert!(folder.join(quiet.trim_end()).join("report.json").exists(), "the folder and nothing else: {quiet:?}");
    let help = text(&fanout(folder, &["--help"]).stdout);
    assert!(["run", "plan", "infer", "check", "sample"].iter().all(|command| help.contains(command)), "{help}");
}

#[test]
fn an_inferred_dataset_takes_its_file_and_checks_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("a.csv"), "id;pay;day\n1;1.50;2024-01-01\n2;;2024-01-02\n").unwrap();
    let first = fanout(folder, &["infer", "a.csv", "--out", "d.json"]);
    let told = text(&first.stderr);
    assert!(
        first.status.success() && told.contains("detected delimiter: semicolon (3 fields in 3 of 3 records"),
        "{told}"
    );
    assert!(told.ends_with("dataset written to d.json\n"), "{told}");
    let dataset: Value = serde_json::from_slice(&fs::read(folder.join("d.json")).unwrap()).unwrap();
    let columns = json!({"id": "int64", "pay": "float64", "day": "date"});
    assert_eq!((&dataset["columns"], &dataset["dialect"]["delimiter"]), (&columns, &json!(";")));
    let written = fs::read_to_string(folder.join("d.json")).unwrap();
    assert!(written.find("\"pay\": ") < written.find("\"day\": "), "the order of the file: {written}");
    assert_eq!(text(&fanout(folder, &["infer", "a.csv"]).stdout), fs::read_to_string(folder.join("d.json")).unwrap());
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&fs::read(folder.join("a.csv")).unwrap()).unwrap();
    fs::write(folder.join("a.csv.gz"), packed.finish().unwrap()).unwrap();
    let of_gzip = fanout(folder, &["infer", "a.csv.gz"]);
    assert_eq!(text(&of_gzip.stdout), fs::read_to_string(folder.join("d.json")).unwrap(), "{}", text(&of_gzip.stderr));
    let again = text(&fanout(folder, &["infer", "a.csv", "--out", "d.json"]).stderr);
    assert!(again.contains("\nerror: ResultsUnwritable: d.json: "), "nothing is overwritten: {again}");
    let good = fanout(folder, &["check", "a.csv", "--dataset", "d.json"]);
    assert_eq!(text(&good.stdout), "2 records would be accepted, 0 refused\n", "{}", text(&good.stderr));

    fs::write(folder.join("b.csv"), "id;pay;day\n1;1.5;2024-01-01\nx;1;2024-01-02\n2;2\n").unwrap();
    let all = ["check", "b.csv", "--dataset", "d.json", "--max-reject-ratio", "1"];
    let found = text(&fanout(folder, &all).stdout);
    let expected = "1 record would be accepted, 2 refused, 66.7 %\n\
        \x20 invalid_value in id: 1, 33.3 %\n    line 3, record 2, byte 28: expected int64, found x\n\
        \x20 field_count: 1, 33.3 %\n    line 4, record 3, byte 43: expected 3 fields, found 2 fields\n\
        \x20   to read records of other widths: --ragged pad\n";
    assert_eq!(found, expected);
    let mut strict = dataset;
    strict["max_reject_ratio"] = json!(0.5);
    fs::write(folder.join("d.json"), strict.to_string()).unwrap();
    let output = fanout(folder, &["check", "b.csv", "--dataset", "d.json"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), found));
    let error = "error: TooManyRejects: 2 of 3 records would be refused, at most 0.5 of them may be\n";
    assert!(text(&output.stderr).ends_with(error), "{}", text(&output.stderr));
    assert!(!folder.join("runs").exists() && !folder.join("nowhere").exists(), "nothing is written");
}

#[test]
fn refused_records_are_corrected_and_run_again_as_the_documentation_says() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/formats.md")).unwrap();
    let section = page.split("## Correct what was refused").nth(1).unwrap();
    let commands = section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let dataset = json!({"columns": {"id": {"type": "int64", "nullable": false}, "pay": "decimal(8,2)"},
        "max_reject_ratio": 1});
    fs::write(folder.join("orders.json"), dataset.to_string()).unwrap();
    fs::write(folder.join("orders.csv"), "id,pay,note\r\n1,1.00,a\r\n2,two,\"b\r\nc\"\r\n,3.00,d\r\n4,4.00").unwrap();
    // An editor that knows what was meant.
    let editor = folder.join("editor");
    let edit =
        "#!/bin/sh\nsed -e 's/^2,two/2,2.00/' -e 's/^,3/3,3/' -e 's/^4,4.00/&,e/' \"$1\" > new && mv new \"$1\"\n";
    fs::write(&editor, edit).unwrap();
    fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", Path::new(env!("CARGO_BIN_EXE_fanout")).parent().unwrap().display(), env!("PATH"));
    let mut shell = Command::new("bash");
    shell.args(["-euc", commands]).current_dir(folder).env("PATH", path).env("EDITOR", editor);
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut reports: Vec<Value> = fs::read_dir(folder.join("runs"))
        .unwrap()
        .map(|run| serde_json::from_slice(&fs::read(run.unwrap().path().join("report.json")).unwrap()).unwrap())
        .collect();
    reports.sort_by_key(|report| report["object"]["key"].as_str().unwrap().to_owned());
    let counts: Vec<_> = reports.iter().map(|report| (report["records"].clone(), report["rejects"].clone())).collect();
    assert_eq!(counts, [(json!(4), json!(0))], "one run");
    let sums: Vec<_> = reports.iter().map(|report| report["columns"][1]["sum"].clone()).collect();
    assert_eq!(sums, [json!("10.00")]);
}

#[test]
fn a_type_that_later_values_disprove_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let row = |n: u32| if n == 292_000 { "292000,unknown\n".to_owned() } else { format!("{n},{n}\n") };
    let csv: String = std::iter::once("id,n\n".to_owned()).chain((0..300_000).map(row)).collect();
    fs::write(folder.join("late.csv"), &csv).unwrap();
    let output = fanout(folder, &["run", "late.csv", "--outputs", "exact_profile"]);
    let place = csv.find("292000,unknown").unwrap();
    let place = format!("{},{:03},{:03}", place / 1_000_000, place / 1000 % 1000, place % 1000);
    let told = format!(
        "n is string, not int64 as in the samples, by 1 value, the first \"unknown\" in the record at byte {place}"
    );
    let shown = text(&output.stdout).replace("\n  ", " ");
    assert!(output.status.success() && shown.contains(&told), "{shown}");
}
