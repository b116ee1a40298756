//! The reader `select` against an S3 that does ScanRange as AWS documents it, in both readings of
//! `Start`: its records are those of the reader `range`, or the run says why there are none.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::time::Duration;

use bytes::Bytes;
use fanout_cli::CliError;
use fanout_core::message::{Job, Reader, Report};
use fanout_core::{Code, Coded};
use fanout_s3_server::{Fault, Op, S3Server, StartReading};
use fanout_store::S3Store;
use fanout_tests::s3::{BUCKET, run_job};
use serde_json::{Value, json};

const KEY: &str = "k.csv";

/// Records of two to forty bytes, some with what needs quotes, some blank lines and `#` between.
fn text(end: &str) -> String {
    text_of(40, end)
}

fn text_of(records: usize, end: &str) -> String {
    let mut text = format!("id,name,pay{end}");
    for id in 0..records {
        let name = match id % 5 {
            0 => String::new(),
            1 => "\"a, b\"".to_owned(),
            2 => "\"say \"\"x\"\"\"".to_owned(),
            3 => "é€😀".to_owned(),
            _ => "x".repeat(id),
        };
        text.push_str(&format!("{}{id},{name},{}.5{end}", if id % 7 == 3 { "#" } else { "" }, id * 3));
        if id % 9 == 0 {
            text.push_str(end);
        }
    }
    text
}

struct Case<'a> {
    key: &'a str,
    reader: &'a str,
    chunk_size: u64,
    dataset: Value,
}

/// Runs a job and removes its results, so that runs of the same id can follow.
async fn run(server: &S3Server, case: &Case<'_>) -> Result<(Report, Vec<u8>), CliError> {
    let store = S3Store::new(&server.config()).with_idle_timeout(Duration::from_millis(100));
    static RUNS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let run_id = format!("run-{}", RUNS.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
    let job = json!({"bucket": BUCKET, "key": case.key, "chunk_size": case.chunk_size, "run_id": run_id,
        "reader": case.reader, "dataset": case.dataset, "outputs": ["exact_profile", "rejects", "jsonl"]});
    let job: Job = serde_json::from_value(job).unwrap();
    let report = run_job(store, job).await;
    let keys = server.keys("out").into_iter().filter(|key| key.starts_with(&format!("{run_id}/data/")));
    let lines = keys.flat_map(|key| server.object("out", &key).unwrap()).collect();
    if report.is_err() {
        assert!(!server.keys("out").contains(&format!("{run_id}/report.json")));
    }
    Ok((report?, lines))
}

#[tokio::test]
async fn at_every_chunk_size_its_records_are_those_of_the_range_reader() {
    let server = S3Server::start().await;
    let no_header = json!({"header": {"match": "none", "expect": ["id", "name", "pay"]}});
    let every: Vec<u64> = (1..30).chain([47, 100, 1 << 20]).collect();
    let some = vec![7, 31, 64, 333, 1 << 20];
    let objects = [
        ("LF", text_of(8, "\n"), json!({}), every),
        ("CRLF", text("\r\n"), json!({}), some.clone()),
        ("CR", text("\r"), json!({"dialect": {"terminator": "cr"}}), some.clone()),
        ("no last terminator", text("\n").trim_end().to_owned(), json!({}), some.clone()),
        ("a mark", format!("\u{feff}{}", text("\n")), json!({}), some.clone()),
        ("no header", text("\n"), no_header, some.clone()),
        ("semicolons", text("\n").replace(',', ";"), json!({"dialect": {"delimiter": ";", "comment": "#"}}), some),
    ];
    for (case, text, dataset, sizes) in objects {
        server.insert(BUCKET, KEY, text.clone());
        let range = Case { key: KEY, reader: "range", chunk_size: 1 << 20, dataset: dataset.clone() };
        let (range, expected) = run(&server, &range).await.unwrap();
        assert!(range.records >= 8 && range.select.is_none() && range.coverage.verified, "{case}");
        for chunk_size in sizes {
            for reading in [StartReading::At, StartReading::After] {
                server.read_start(reading);
                server.cut_events(1 + chunk_size as usize % 23);
                let select = Case { key: KEY, reader: "select", chunk_size, dataset: dataset.clone() };
                let (report, lines) = run(&server, &select).await.unwrap();
                let context = format!("{case}, chunks of {chunk_size} bytes, {reading:?}");
                assert_eq!(lines, expected, "{context}");
                assert_eq!((report.records, &report.columns), (range.records, &range.columns), "{context}");
                assert_eq!((report.reader, report.coverage.verified), (Reader::Select, false), "{context}");
                let stats = report.select.unwrap();
                assert!(stats.bytes_scanned > 0 && stats.bytes_returned == report.bytes_read, "{context}: {stats:?}");
            }
        }
    }
}

#[tokio::test]
async fn json_lines_are_read_and_projected_as_well() {
    let server = S3Server::start().await;
    let line = |id: usize| match id % 4 {
        0 => format!("{{\"id\":{id},\"name\":\"line\\nbreak €\"}}\n"),
        1 => format!("{{\"id\":{id},\"tags\":[{{\"x\":{id}}},\"}}\"]}}\r\n"),
        2 => format!("{{\"id\":{id},\"name\":null}}\n\n"),
        _ => format!("{{\"id\":{id}}}\n"),
    };
    server.insert(BUCKET, KEY, (0..30).map(line).collect::<String>());
    let range = Case { key: KEY, reader: "range", chunk_size: 1 << 20, dataset: json!({}) };
    let (range, expected) = run(&server, &range).await.unwrap();
    assert_eq!((range.records, range.rejects), (30, 0));
    for chunk_size in (1..30).chain([64, 333, 1 << 20]) {
        for reading in [StartReading::At, StartReading::After] {
            server.read_start(reading);
            server.cut_events(1 + chunk_size as usize % 11);
            let select = Case { key: KEY, reader: "auto", chunk_size, dataset: json!({}) };
            let (report, lines) = run(&server, &select).await.unwrap();
            let context = format!("chunks of {chunk_size} bytes, {reading:?}");
            assert_eq!((lines, report.reader), (expected.clone(), Reader::Select), "{context}");
            assert_eq!((report.records, &report.columns), (range.records, &range.columns), "{context}");
        }
    }
    let dataset = json!({"expression": "SELECT s.name, s.id FROM S3Object s WHERE CAST(s.id AS INT) > 25"});
    let select = Case { key: KEY, reader: "select", chunk_size: 50, dataset };
    let (report, lines) = run(&server, &select).await.unwrap();
    let expected = [
        "{\"name\":null,\"id\":26}",
        "{\"name\":null,\"id\":27}",
        "{\"name\":\"line\\nbreak €\",\"id\":28}",
        "{\"name\":null,\"id\":29}",
        "",
    ]
    .join("\n");
    assert_eq!((report.records, String::from_utf8(lines).unwrap()), (4, expected));
    server.insert(BUCKET, KEY, "{\"id\":1}\nnone\n");
    let select = Case { key: KEY, reader: "select", chunk_size: 50, dataset: json!({}) };
    let error = run(&server, &select).await.unwrap_err();
    assert!(error.code() == Code::InvalidJob && error.to_string().contains("JSONParsingError"), "{error}");
}

#[tokio::test]
async fn a_record_that_starts_on_a_boundary_is_read_once() {
    let server = S3Server::start().await;
    server.insert(BUCKET, KEY, "id\n0\n1\n2\n3\n4\n5\n6\n7\n");
    for reading in [StartReading::At, StartReading::After] {
        server.read_start(reading);
        for chunk_size in [2, 4, 6] {
            let case = Case { key: KEY, reader: "select", chunk_size, dataset: json!({}) };
            let (report, lines) = run(&server, &case).await.unwrap();
            assert_eq!(report.records, 8, "{reading:?}, chunks of {chunk_size} bytes");
            let ids: String = (0..8).map(|id| format!("{{\"id\":{id}}}\n")).collect();
            assert_eq!(String::from_utf8(lines).unwrap(), ids, "{reading:?}");
        }
    }
}

#[tokio::test]
async fn expressions_project_and_filter() {
    let server = S3Server::start().await;
    server.insert(BUCKET, KEY, text("\n"));
    let expression = "SELECT s.pay, s.name AS label FROM S3Object s WHERE CAST(s.pay AS FLOAT) >= 60 AND s.name <> ''";
    let dataset = json!({"expression": expression, "columns": {"pay": "decimal(6,1)"}});
    for reader in ["select", "auto"] {
        let (report, lines) =
            run(&server, &Case { key: KEY, reader, chunk_size: 100, dataset: dataset.clone() }).await.unwrap();
        // 0 to 39 without every fifth, from 20 on.
        assert_eq!((report.records, report.rejects, report.reader), (16, 0, Reader::Select));
        let first = String::from_utf8(lines).unwrap().lines().next().unwrap().to_owned();
        assert_eq!(first, "{\"pay\":63.5,\"label\":\"a, b\"}");
        let names: Vec<_> = report.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["pay", "label"]);
    }
    let ranged = Case { key: KEY, reader: "range", chunk_size: 100, dataset };
    let error = run(&server, &ranged).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidJob, "{error}");
    assert!(error.to_string().contains("only the reader select applies it"), "{error}");
}

#[tokio::test]
async fn faults_are_tried_again_and_leave_no_trace() {
    let server = S3Server::start().await;
    server.insert(BUCKET, KEY, text("\n"));
    server.cut_events(10);
    let case = Case { key: KEY, reader: "select", chunk_size: 400, dataset: json!({}) };
    let (clean, expected) = run(&server, &case).await.unwrap();
    let faults = [
        Fault::Error("SlowDown"),
        Fault::Error("InternalError"),
        Fault::BreakAfter(0),
        Fault::BreakAfter(77),
        Fault::ShortAfter(0),
        Fault::ShortAfter(100),
        // All records, and no End.
        Fault::ShortAfter(1 << 20),
        Fault::StallAfter(0),
        Fault::StallAfter(55),
        Fault::ErrorAfter(0, "InternalError"),
        Fault::ErrorAfter(120, "SlowDown"),
        Fault::ErrorAfter(120, "ServiceUnavailable"),
    ];
    let mut cases = Vec::new();
    for fault in faults {
        // Of the request at planning, and of one of a chunk.
        cases.push(vec![fault.clone()]);
        cases.push(vec![Fault::None, Fault::None, fault]);
    }
    let runs = cases.into_iter().map(|faults| {
        let (server, case, clean, expected) = (&server, &case, &clean, &expected);
        async move {
            // One object each, as they wait before they try again: all at once.
            let key = format!("{faults:?}");
            server.insert(BUCKET, &key, text("\n"));
            server.fail(Op::Select, &key, faults);
            let case = Case { key: &key, reader: case.reader, chunk_size: case.chunk_size, dataset: json!({}) };
            let (report, lines) = run(server, &case).await.unwrap();
            assert_eq!((report.records, report.bytes_read), (clean.records, clean.bytes_read), "{key}");
            assert_eq!(&lines, expected, "{key}");
        }
    });
    futures::future::join_all(runs).await;
}

#[tokio::test]
async fn what_does_not_pass_is_a_clear_error() {
    let server = S3Server::start().await;
    let case = Case { key: KEY, reader: "select", chunk_size: 400, dataset: json!({}) };
    let at_chunk = |fault: Fault| vec![Fault::None, Fault::None, fault];
    let table = [
        ("no select", vec![Fault::Error("MethodNotAllowed")], Code::InvalidJob, "use the reader range"),
        ("denied", vec![Fault::Error("AccessDenied")], Code::AccessDenied, "refused: AccessDenied"),
        ("expression", vec![Fault::Error("ParseUnexpectedToken")], Code::InvalidJob, "ParseUnexpectedToken"),
        ("in a chunk", at_chunk(Fault::ErrorAfter(9, "CSVParsingError")), Code::InvalidJob, "CSVParsingError"),
        ("too long", at_chunk(Fault::ErrorAfter(9, "OverMaxRecordSize")), Code::RecordTooLarge, "use the reader range"),
        (
            "overwritten",
            at_chunk(Fault::OverwriteAfter(0, Bytes::from_static(b"id\n1\n"))),
            Code::ObjectChanged,
            "changed",
        ),
        ("no end, ever", vec![Fault::ShortAfter(9); 99], Code::StoreUnavailable, "without its End event"),
    ];
    for (name, faults, code, said) in table {
        server.insert(BUCKET, KEY, text("\n"));
        server.fail(Op::Select, KEY, faults);
        let error = run(&server, &case).await.unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.to_string().contains(said), "{name}: {error}");
        server.heal();
    }
}

#[tokio::test]
async fn what_select_cannot_read_is_refused_or_left_to_the_range_reader() {
    let server = S3Server::start().await;
    let long = format!("id,name\n1,{}\n", "x".repeat(1 << 20));
    let table = [
        ("line break", "id,name\n1,\"a\nb\"\n".to_owned(), json!({}), "a line break in quotes"),
        ("escape", "id,name\n1,a\n".to_owned(), json!({"dialect": {"escape": "\\"}}), "an escape"),
        ("over 1 MB", long, json!({}), "1 MB"),
    ];
    for (name, text, dataset, reason) in table {
        server.insert(BUCKET, KEY, text);
        let case = |reader| Case { key: KEY, reader, chunk_size: 1 << 30, dataset: dataset.clone() };
        let error = run(&server, &case("select")).await.unwrap_err();
        assert!(error.to_string().contains(reason), "{name}: {error}");
        assert!(error.to_string().contains("use the reader range"), "{name}: {error}");
        let (report, _) = run(&server, &case("auto")).await.unwrap();
        assert_eq!((report.reader, report.records, report.coverage.verified), (Reader::Range, 1, true), "{name}");
    }
    server.insert(BUCKET, KEY, text("\n"));
    let auto = |dataset| Case { key: KEY, reader: "auto", chunk_size: 300, dataset };
    assert_eq!(run(&server, &auto(json!({}))).await.unwrap().0.reader, Reader::Select);
    server.fail_always(Op::Select, Fault::Error("MethodNotAllowed"));
    assert_eq!(run(&server, &auto(json!({}))).await.unwrap().0.reader, Reader::Range);
    // There would be other records.
    let expression = json!({"expression": "SELECT * FROM S3Object WHERE _1 = '1'"});
    let error = run(&server, &auto(expression)).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidJob, "{error}");
}
