//! The output that writes items. A chunk that is processed again replaces its own items.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};
use fanout_core::message::OutputOptions;
use fanout_core::{Rows, Schema};
use fanout_outputs::{
    ChunkContext, Finished, Merge, Output, OutputError, OutputKind, RecordCount, RunContext, read_options,
};
use serde::Deserialize;

use crate::Table;
use crate::item::{Item, PARTITION, SORT, item, partition, sort};
use crate::table::BATCH;

pub(crate) const NAME: &str = "table";

/// Every accepted record as an item of a table.
///
/// A record's key is made of the run, the chunk and the record's number within the chunk. So a chunk
/// that is processed again replaces its items. Items that only an earlier attempt wrote are deleted.
pub struct TableOutput {
    table: Option<Table>,
}

/// The options: none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {}

impl TableOutput {
    /// The output of the planner and the reducer, which write no records.
    pub const WITHOUT_TABLE: TableOutput = TableOutput { table: None };

    /// The output of the processor.
    pub fn new(table: Table) -> Self {
        Self { table: Some(table) }
    }
}

impl OutputKind for TableOutput {
    fn name(&self) -> &'static str {
        NAME
    }

    fn validate(&self, schema: &Schema, options: &OutputOptions) -> Result<(), OutputError> {
        read_options::<Options>(NAME, options)?;
        match schema.columns.iter().find(|column| [PARTITION, SORT].contains(&column.name.as_str())) {
            Some(column) => {
                let reason = format!("column {:?} has the name of a key of the table", column.name);
                Err(OutputError::Unusable { output: NAME, reason })
            }
            None => Ok(()),
        }
    }

    fn start(&self, chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        let none = || OutputError::Failed { output: NAME, source: "this function has no table".into() };
        let table = self.table.clone().ok_or_else(none)?;
        let partition = partition(&chunk.run_id, chunk.index);
        Ok(Box::new(Chunk { table, partition, records: 0, waiting: Vec::with_capacity(BATCH) }))
    }

    fn merge(&self, _run: &RunContext) -> Box<dyn Merge> {
        Box::new(RecordCount::new(NAME))
    }
}

/// The output at work on one chunk.
struct Chunk {
    table: Table,
    partition: String,
    /// Records so far, those that wait included.
    records: u64,
    /// Requests that wait until they are a batch.
    waiting: Vec<WriteRequest>,
}

impl Chunk {
    async fn request(&mut self, request: WriteRequest) -> Result<(), OutputError> {
        self.waiting.push(request);
        if self.waiting.len() == BATCH { self.send().await } else { Ok(()) }
    }

    async fn send(&mut self) -> Result<(), OutputError> {
        self.table.write(std::mem::take(&mut self.waiting)).await
    }
}

#[async_trait]
impl Output for Chunk {
    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), OutputError> {
        for row in 0..rows.len() {
            let item = item(&self.partition, self.records, rows, row);
            self.records += 1;
            self.request(put(item)?).await?;
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<Finished, OutputError> {
        self.send().await?;
        // An attempt that wrote fewer records than one before leaves none of those behind.
        let mut from = None;
        loop {
            let (keys, next) = self.table.keys(&self.partition, &sort(self.records), from).await?;
            for key in keys {
                self.request(delete(key)?).await?;
            }
            from = next;
            if from.is_none() {
                break;
            }
        }
        self.send().await?;
        Ok(Finished { partial: RecordCount::partial(NAME, self.records)?, parts: Vec::new() })
    }
}

fn put(item: Item) -> Result<WriteRequest, OutputError> {
    let request = PutRequest::builder().set_item(Some(item)).build();
    request.map(|put| WriteRequest::builder().put_request(put).build()).map_err(encode)
}

fn delete(key: Item) -> Result<WriteRequest, OutputError> {
    let request = DeleteRequest::builder().set_key(Some(key)).build();
    request.map(|delete| WriteRequest::builder().delete_request(delete).build()).map_err(encode)
}

fn encode(error: aws_sdk_dynamodb::error::BuildError) -> OutputError {
    OutputError::Encode { output: NAME, source: Box::new(error) }
}
