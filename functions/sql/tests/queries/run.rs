//! A run of a query over chunks, in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::{ColumnRule, OutputOptions, QueryReport};
use fanout_core::{ColumnType, Decoder, Dialect, Encoding, Format, Location, Scanner, Schema, SchemaColumn, Start};
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
    // Friday, 13 October 2017, 16:02:11.123 in UTC.
    let all = json!({"query": query, "format": "jsonl", "single": true, "now": 1_507_910_531_123_000_i64});
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
        cores: 1,
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

/// Runs a query, as [`rows`].
pub(super) fn run(chunks: &[String], query: &str) -> Result<(Vec<String>, QueryReport), OutputError> {
    futures::executor::block_on(rows(chunks, query))
}

/// So many records.
pub(super) fn records(number: usize) -> Vec<String> {
    let record = |n: usize| match n % 7 {
        3 => format!("{n},,,,\n"),
        _ => format!("{n},w{},{}.{:02},{},2024-01-{:02}\n", n % 5, n % 11, n % 100, n % 3, n % 28 + 1),
    };
    (0..number).map(record).collect()
}

/// So many records a chunk.
pub(super) fn cut(records: &[String], each: usize) -> Vec<String> {
    records.chunks(each.max(1)).map(|records| records.concat()).collect()
}
