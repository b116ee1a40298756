//! Queries over records in chunks give what they give over all records at once; states of all kinds, refusals, errors.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::{ColumnRule, OutputOptions, QueryReport};
use fanout_core::{
    Coded, ColumnType, Decoder, Dialect, Encoding, Format, Location, Scanner, Schema, SchemaColumn, Start,
};
use fanout_outputs::{
    ChunkContext, Finished, OutputError, OutputKind, PartStore, PartWriter, RunContext, RunStore, Section,
};
use fanout_sql::Sql;
use serde_json::json;

/// A store of parts in memory.
#[derive(Default)]
struct Memory {
    parts: Mutex<HashMap<String, Vec<u8>>>,
}

struct Writing {
    store: Arc<Memory>,
    key: String,
    bytes: Vec<u8>,
}

struct Shared(Arc<Memory>);

#[async_trait]
impl PartStore for Shared {
    async fn create(&self, key: &str) -> Result<Box<dyn PartWriter>, OutputError> {
        Ok(Box::new(Writing { store: self.0.clone(), key: key.to_owned(), bytes: Vec::new() }))
    }
}

#[async_trait]
impl RunStore for Shared {
    async fn read(&self, key: &str) -> Result<Bytes, OutputError> {
        Ok(self.0.parts.lock().unwrap()[key].clone().into())
    }
}

#[async_trait]
impl PartWriter for Writing {
    async fn write(&mut self, bytes: Bytes) -> Result<(), OutputError> {
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), OutputError> {
        self.store.parts.lock().unwrap().insert(self.key, self.bytes);
        Ok(())
    }
}

fn schema() -> Schema {
    let column = |name: &str, column_type| SchemaColumn::declared(name, ColumnRule::of(column_type));
    Schema {
        columns: vec![
            column("id", ColumnType::Int64),
            column("Word", ColumnType::String),
            column("pay", ColumnType::Decimal { precision: 10, scale: 2 }),
            column("n", ColumnType::Int64),
            column("day", ColumnType::Date),
        ],
    }
}

fn options(query: &str) -> OutputOptions {
    let all = json!({"query": query, "format": "jsonl", "single": true});
    all.as_object().unwrap().clone()
}

/// The result of one chunk.
async fn chunk(store: &Arc<Memory>, index: u64, text: &str, query: &str) -> Result<Finished, OutputError> {
    let context = ChunkContext {
        schema: Arc::new(schema()),
        format: Format::Csv,
        encoding: Encoding::UTF_8,
        options: options(query),
        run_id: "run".to_owned(),
        index,
        parts: Arc::new(Shared(store.clone())),
    };
    let mut output = Sql.start(&context)?;
    let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, 1000);
    scanner.push(text.as_bytes());
    scanner.finish();
    let mut decoder = Decoder::new(schema());
    while let Some(batch) = scanner.next_batch() {
        decoder.decode(&batch);
        assert_eq!(decoder.refused(), []);
        output.write(&decoder.rows(batch)).await?;
    }
    output.finish().await
}

/// The rows of a query over chunks, as JSON, with the section of the report.
async fn rows(chunks: &[String], query: &str) -> Result<(Vec<String>, QueryReport), OutputError> {
    let store = Arc::new(Memory::default());
    let run = RunContext {
        schema: Arc::new(schema()),
        options: options(query),
        run_id: "run".to_owned(),
        results: Location::new("results", "runs/run/"),
        outputs: vec!["sql".to_owned()],
    };
    let mut merge = Sql.merge(&run);
    for (index, text) in chunks.iter().enumerate() {
        merge.add(&chunk(&store, index as u64, text, query).await?.partial)?;
    }
    let Section { section, files, .. } = merge.finish_in(Arc::new(Shared(store.clone()))).await?;
    let found = store.parts.lock().unwrap().get("sql/result.jsonl").cloned();
    let bytes = found.unwrap_or_else(|| files.into_iter().map(|(_, bytes)| bytes).next().unwrap_or_default());
    let lines = String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect();
    Ok((lines, serde_json::from_value(section.unwrap()).unwrap()))
}

fn run(chunks: &[String], query: &str) -> Result<(Vec<String>, QueryReport), OutputError> {
    futures::executor::block_on(rows(chunks, query))
}

fn records(number: usize) -> Vec<String> {
    let record = |n: usize| match n % 7 {
        3 => format!("{n},,,,\n"),
        _ => format!("{n},w{},{}.{:02},{},2024-01-{:02}\n", n % 5, n % 11, n % 100, n % 3, n % 28 + 1),
    };
    (0..number).map(record).collect()
}

/// So many records a chunk.
fn cut(records: &[String], each: usize) -> Vec<String> {
    records.chunks(each.max(1)).map(|records| records.concat()).collect()
}

#[test]
fn the_report_has_the_result() {
    let (lines, report) =
        run(&cut(&records(100), 9), "SELECT word, sum(n) AS n FROM records GROUP BY 1 ORDER BY 1").unwrap();
    assert_eq!(lines[0], r#"{"Word":"w0","n":17}"#);
    let columns: Vec<(&str, &str)> =
        report.columns.iter().map(|column| (column.name.as_str(), column.column_type.as_str())).collect();
    assert_eq!(columns, [("Word", "string"), ("n", "int64")]);
    assert_eq!((report.rows_in, report.rows_out), (100, 6));
    assert_eq!(report.rows[0], [Some("w0".to_owned()), Some("17".to_owned())]);
    assert_eq!(report.rows[5], [None, None]);
}

#[test]
fn a_state_too_large_for_a_partial_is_a_part() {
    let records = records(5000);
    let query = "SELECT id, count(*) AS n FROM records GROUP BY id ORDER BY id DESC LIMIT 3";
    let (lines, report) = run(&cut(&records, 2500), query).unwrap();
    assert_eq!(lines[0], r#"{"id":4999,"n":1}"#);
    assert_eq!((report.rows_in, report.rows_out), (5000, 3));
}

#[test]
fn a_limit_takes_the_first_rows() {
    for each in [1, 2, 7, 100] {
        let (lines, _) = run(&cut(&records(50), each), "SELECT id FROM records LIMIT 3 OFFSET 2").unwrap();
        assert_eq!(lines, [r#"{"id":2}"#, r#"{"id":3}"#, r#"{"id":4}"#], "{each}");
    }
}

#[test]
fn errors_say_what_and_where() {
    let maximum = i64::MAX;
    let text = format!("1,a,1.00,1,2024-01-01\n2,b,1.00,0,2024-01-01\n{maximum},c,1.00,{maximum},2024-01-01\n");
    let table = [
        ("SELECT id / n FROM records", "QueryFailed", "the record at byte 22: division by zero"),
        ("SELECT id + n FROM records", "QueryFailed", "the record at byte 44: a number overflows"),
        ("SELECT id * 2 AS x FROM records WHERE id > 1", "QueryFailed", "the record at byte 44: a number overflows"),
        ("SELECT sum(id) FROM records", "QueryFailed", "Int64"),
        ("SELECT CAST(word AS INT) FROM records", "QueryFailed", "the record at byte 0: Cannot cast string 'a'"),
        ("SELECT wrod FROM records", "InvalidQuery", "there is no column \"wrod\", did you mean \"Word\"?"),
        ("SELECT id FROM", "InvalidQuery", "Expected"),
        ("SELECT id FROM records WHERE\n id = = 2", "InvalidQuery", "Line: 2"),
        ("SELECT sum(word) FROM records", "InvalidQuery", "sum"),
        ("SELECT now(), id FROM records", "InvalidQuery", "now() gives another value"),
        ("SELECT random(), id FROM records", "InvalidQuery", "random() gives another value"),
        ("SELECT nothing(id) FROM records", "InvalidQuery", "nothing"),
        ("SELECT id FROM records GROUP BY word", "InvalidQuery", "GROUP BY"),
    ];
    for (query, code, expected) in table {
        let error = run(std::slice::from_ref(&text), query).unwrap_err();
        assert_eq!(error.code().as_str(), code, "{query}: {error}");
        assert!(error.to_string().contains(expected), "{query}: {error}");
    }
}

#[test]
fn the_dialect_of_s3_select() {
    let text = "1,Anna,1.50,10,2024-02-29\n2,Bob,,20,2024-03-01\n3,,7.00,,2023-01-01\n".to_owned();
    let table = [
        ("SELECT * FROM S3Object LIMIT 1", r#"{"id":1,"Word":"Anna","pay":1.50,"n":10,"day":"2024-02-29"}"#),
        ("SELECT s._2 FROM S3Object s WHERE s.id = 2", r#"{"Word":"Bob"}"#),
        (
            "SELECT s.\"Word\" AS w FROM s3object[*] s WHERE CAST(s._1 AS INT) > 1 AND s.word LIKE 'B%'",
            r#"{"w":"Bob"}"#,
        ),
        ("SELECT COUNT(*) AS c FROM S3Object s WHERE s.pay IS NOT NULL", r#"{"c":2}"#),
        (
            "SELECT CHAR_LENGTH(s.word) AS l, SUBSTRING(s.word FROM 2 FOR 2) AS t FROM S3Object s WHERE s.id = 1",
            r#"{"l":4,"t":"nn"}"#,
        ),
        (
            "SELECT COALESCE(s.word, 'x') AS w, NULLIF(s.id, 3) AS i FROM S3Object s WHERE s.id = 3",
            r#"{"w":"x","i":null}"#,
        ),
        ("SELECT EXTRACT(YEAR FROM s.day) AS y FROM S3Object s WHERE s.id = 3", r#"{"y":2023}"#),
        (
            "SELECT id FROM S3Object s WHERE s.day > CAST(`2024-02T` AS DATE) AND s.day < CAST(`2024-03-01T` AS DATE)",
            r#"{"id":1}"#,
        ),
        (
            "SELECT DATE_ADD(day, 1, CAST(s.day AS TIMESTAMP)) AS d FROM S3Object s WHERE s.id = 1",
            r#"{"d":"2024-03-01T00:00:00"}"#,
        ),
        (
            "SELECT DATE_DIFF(day, CAST(s.day AS TIMESTAMP), CAST('2024-03-02' AS TIMESTAMP)) AS d FROM S3Object s WHERE s.id = 1",
            r#"{"d":2}"#,
        ),
    ];
    for (query, expected) in table {
        let (lines, _) = run(std::slice::from_ref(&text), query).unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(lines, [expected], "{query}");
    }
}

/// A random query of parts that all fit together.
fn random_query(random: &mut fastrand::Rng) -> String {
    const VALUES: [&str; 6] = ["id", "n", "pay", "id % 4", "n + 1", "length(word)"];
    const FILTERS: [&str; 4] = ["id", "n", "coalesce(n, 1)", "id % 5"];
    const COMPARED: [&str; 5] = ["<", ">", "=", "<>", "IS NULL OR 3 >"];
    const KEYS: [&str; 4] = ["word", "n", "day", "id % 3"];
    const AGGREGATES: [&str; 6] = ["sum(", "min(", "max(", "count(", "median(", "count(DISTINCT "];
    const ENDS: [&str; 3] = ["", "LIMIT 5", "LIMIT 3 OFFSET 2"];
    let keys: Vec<&str> = KEYS.into_iter().filter(|_| random.u8(..3) == 0).collect();
    let mut items: Vec<String> = keys.iter().enumerate().map(|(place, key)| format!("{key} AS k{place}")).collect();
    for place in 0..random.usize(1..4) {
        items.push(format!("{}{}) AS a{place}", AGGREGATES[random.usize(..6)], VALUES[random.usize(..6)]));
    }
    let (left, compared, right) = (FILTERS[random.usize(..4)], COMPARED[random.usize(..5)], random.u8(..40));
    let grouped = if keys.is_empty() { String::new() } else { format!("GROUP BY {}", keys.join(", ")) };
    let order: Vec<String> = (1..=items.len()).map(|place| place.to_string()).collect();
    format!(
        "SELECT {} FROM records WHERE {left} {compared} {right} {grouped} ORDER BY {} {}",
        items.join(", "),
        order.join(", "),
        ENDS[random.usize(..3)]
    )
}

#[test]
fn chunks_give_what_all_records_give() {
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let query = random_query(&mut random);
        let records = records(random.usize(..120));
        let told = |found: Result<(Vec<String>, QueryReport), OutputError>| {
            found.map(|(lines, _)| lines).map_err(|error| error.to_string())
        };
        let whole = told(run(&[records.concat()], &query));
        let chunked = told(run(&cut(&records, random.usize(1..60)), &query));
        assert_eq!(whole, chunked, "{seed}: {query}");
    }
}
