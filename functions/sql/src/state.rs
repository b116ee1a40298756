//! A chunk's part for the plan over all parts: batches as a stream of Arrow IPC. A small one stands in the partial.

use std::io::Cursor;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::error::DataFusionError;
use fanout_core::message::Part;
use fanout_outputs::{OutputError, PartBuffer, PartStore, RunStore};
use serde::{Deserialize, Serialize};

use crate::NAME;
use crate::error::encode;
use crate::view::compacted;

/// Bytes of a part that stand in the partial.
const INLINE: usize = 4 << 10;

/// The place of a chunk's batches.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Here, in Base64.
    Inline(String),
    /// In a part with this key, relative to the run's prefix.
    Part(String),
}

/// The batches of a chunk being written.
pub(crate) struct StateWriter {
    writer: Option<StreamWriter<Vec<u8>>>,
    begun: Vec<u8>,
    part: PartBuffer,
    key: String,
    is_part: bool,
}

impl StateWriter {
    /// A state of the chunk with this number.
    pub(crate) fn new(store: Arc<dyn PartStore>, index: u64) -> Self {
        let key = format!("sql/state/{index:05}.arrow");
        let part = PartBuffer::new(store, NAME, key.clone());
        Self { writer: None, begun: Vec::new(), part, key, is_part: false }
    }

    /// Appends a batch.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where it can't be encoded or written.
    pub(crate) async fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(StreamWriter::try_new(Vec::new(), &batch.schema()).map_err(encode)?),
        };
        writer.write(&compacted(batch).map_err(encode)?).map_err(encode)?;
        let encoded = std::mem::take(writer.get_mut());
        self.append(encoded, batch.num_rows() as u64).await
    }

    async fn append(&mut self, mut encoded: Vec<u8>, rows: u64) -> Result<(), OutputError> {
        if !self.is_part && self.begun.len() + encoded.len() <= INLINE {
            self.begun.append(&mut encoded);
            return Ok(());
        }
        let buffer = self.part.buffer();
        if !self.is_part {
            self.is_part = true;
            buffer.append(&mut self.begun);
        }
        buffer.append(&mut encoded);
        // A part without a record is not written, and this one is.
        self.part.appended(rows.max(1)).await
    }

    /// Ends the state; `None` where no batch was written.
    ///
    /// # Errors
    ///
    /// [`OutputError`] where it can't be written.
    pub(crate) async fn finish(mut self) -> Result<(Option<State>, Option<Part>), OutputError> {
        let Some(mut writer) = self.writer.take() else { return Ok((None, None)) };
        writer.finish().map_err(encode)?;
        let end = std::mem::take(writer.get_mut());
        self.append(end, 0).await?;
        if self.is_part {
            return Ok((Some(State::Part(self.key)), self.part.finish().await?));
        }
        Ok((Some(State::Inline(STANDARD.encode(&self.begun))), None))
    }
}

/// Reads the batches of a chunk, which must have these columns.
///
/// # Errors
///
/// [`DataFusionError::External`] with the [`OutputError`] where they can't be read, and others where they are not of
/// this query.
pub(crate) async fn read(
    state: State,
    store: Arc<dyn RunStore>,
    schema: SchemaRef,
) -> Result<Vec<RecordBatch>, DataFusionError> {
    let external = |error: OutputError| DataFusionError::External(Box::new(error));
    let bytes = match state {
        State::Inline(text) => STANDARD.decode(text).map(Bytes::from).map_err(|error| external(encode(error)))?,
        State::Part(key) => store.read(&key).await.map_err(external)?,
    };
    let reader = StreamReader::try_new(Cursor::new(bytes), None)?;
    let found = reader.schema();
    let types = |schema: &SchemaRef| schema.fields().iter().map(|field| field.data_type().clone()).collect::<Vec<_>>();
    if types(&found) != types(&schema) {
        return Err(DataFusionError::Execution(
            "a chunk left another state than this version of the query reads: start the run again".to_owned(),
        ));
    }
    reader.map(|batch| Ok(batch?.with_schema(schema.clone())?)).collect()
}
