//! The parts of outputs: where they are stored, and a buffer in front of one.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::message::Part;

use crate::OutputError;

/// Bytes that are collected before they are handed on.
const BUFFER: usize = 1 << 20;

/// The store of one run's parts.
#[async_trait]
pub trait PartStore: Send + Sync {
    /// Begins an object; `key` is relative to the run's prefix. Nobody sees it before it is finished.
    ///
    /// # Errors
    ///
    /// [`OutputError::Part`] where the store refuses it.
    async fn create(&self, key: &str) -> Result<Box<dyn PartWriter>, OutputError>;
}

/// The store of one run's parts, where a merge reads those of chunks.
#[async_trait]
pub trait RunStore: PartStore {
    /// Reads an object whole; `key` is relative to the run's prefix.
    ///
    /// # Errors
    ///
    /// [`OutputError::Part`] where the store can't read it.
    async fn read(&self, key: &str) -> Result<Bytes, OutputError>;
}

/// An object being written. Dropped before it is finished, it leaves nothing.
#[async_trait]
pub trait PartWriter: Send {
    /// Appends bytes.
    ///
    /// # Errors
    ///
    /// [`OutputError::Part`] where the store cannot write them.
    async fn write(&mut self, bytes: Bytes) -> Result<(), OutputError>;

    /// Makes the object visible, in place of one that has its key.
    ///
    /// # Errors
    ///
    /// [`OutputError::Part`] where the store cannot finish it.
    async fn finish(self: Box<Self>) -> Result<(), OutputError>;
}

/// A part of an output: buffered, and not begun before it has a record.
pub struct PartBuffer {
    store: Arc<dyn PartStore>,
    writer: Option<Box<dyn PartWriter>>,
    buffer: Vec<u8>,
    part: Part,
}

impl PartBuffer {
    /// A part of `output` at `key`, relative to the run's prefix.
    pub fn new(store: Arc<dyn PartStore>, output: &str, key: String) -> Self {
        let part = Part { output: output.to_owned(), key, records: 0, bytes: 0 };
        Self { store, writer: None, buffer: Vec::new(), part }
    }

    /// The buffer to append records to; call [`PartBuffer::appended`] after them.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Counts `records` records that were appended. Hands the buffer on when it is large.
    ///
    /// # Errors
    ///
    /// [`OutputError::Part`] where the store cannot begin the part or write to it.
    pub async fn appended(&mut self, records: u64) -> Result<(), OutputError> {
        self.part.records += records;
        if self.buffer.len() >= BUFFER { self.flush().await } else { Ok(()) }
    }

    /// Finishes the part; `None` where no record was appended: then nothing is written.
    ///
    /// # Errors
    ///
    /// [`OutputError::Part`] where the store cannot write or finish the part.
    pub async fn finish(mut self) -> Result<Option<Part>, OutputError> {
        if self.part.records == 0 {
            return Ok(None);
        }
        self.flush().await?;
        if let Some(writer) = self.writer {
            writer.finish().await?;
        }
        Ok(Some(self.part))
    }

    async fn flush(&mut self) -> Result<(), OutputError> {
        let bytes = Bytes::from(std::mem::take(&mut self.buffer));
        self.part.bytes += bytes.len() as u64;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(self.store.create(&self.part.key).await?),
        };
        writer.write(bytes.clone()).await?;
        self.buffer = memory_of(bytes);
        Ok(())
    }
}

/// The memory behind some bytes, as an empty buffer; where others hold them still, a new one.
pub(crate) fn memory_of(mut bytes: Bytes) -> Vec<u8> {
    // A copy of one byte at most.
    bytes.truncate(1);
    let mut memory = Vec::from(bytes);
    memory.clear();
    memory
}
