use std::collections::BTreeMap;

use async_trait::async_trait;
use fanout_core::{Format, Reason, Record, Rows, Schema};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use crate::{ChunkContext, Finished, Merge, Output, OutputError, OutputKind, PartBuffer, Section, partial};

const NAME: &str = "rejects";

/// Characters of a refused record that are shown with the reason.
const SHOWN: usize = 1000;

/// Every refused record twice: its bytes as they stand, terminator included, one after another in
/// `rejects/part-NNNNN.csv` (no header; of JSON lines `.ndjson`), and in the same order a line of JSON in
/// `rejects/part-NNNNN.jsonl` that says where it was and why it was refused.
pub(crate) struct Rejects;

impl OutputKind for Rejects {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, chunk: &ChunkContext) -> Result<Box<dyn Output>, OutputError> {
        let part = |extension: &str| {
            let key = format!("rejects/part-{:05}.{extension}", chunk.index);
            PartBuffer::new(chunk.parts.clone(), NAME, key)
        };
        Ok(Box::new(Refusals {
            schema: chunk.schema.clone(),
            bytes: part(match chunk.format {
                Format::Csv => "csv",
                Format::JsonLines => "ndjson",
            }),
            reasons: part("jsonl"),
            counts: Counts::default(),
        }))
    }

    fn merge(&self, _schema: &Schema) -> Box<dyn Merge> {
        Box::new(Counts::default())
    }
}

/// Refused records by reason.
#[derive(Default, Serialize, Deserialize)]
struct Counts {
    reasons: BTreeMap<String, u64>,
}

struct Refusals {
    schema: std::sync::Arc<Schema>,
    bytes: PartBuffer,
    reasons: PartBuffer,
    counts: Counts,
}

/// A line of the reasons.
#[derive(Serialize)]
struct Refusal<'r> {
    /// Offset in the object, in bytes.
    offset: u64,
    /// Bytes, terminator included.
    length: usize,
    reason: &'static str,
    column: Option<&'r str>,
    expected: String,
    found: String,
    /// The record as text, shortened.
    record: String,
}

#[async_trait]
impl Output for Refusals {
    async fn write(&mut self, _rows: &Rows<'_>) -> Result<(), OutputError> {
        Ok(())
    }

    async fn reject(&mut self, record: &Record<'_>, reason: &Reason) -> Result<(), OutputError> {
        let raw = record.raw_with_terminator();
        self.bytes.buffer().extend_from_slice(raw);
        self.bytes.appended(1).await?;
        let refusal = Refusal {
            offset: record.offset(),
            length: raw.len(),
            reason: reason.name(),
            column: reason.column_name(&self.schema),
            expected: reason.expected(),
            found: reason.found(),
            record: String::from_utf8_lossy(record.raw()).chars().take(SHOWN).collect(),
        };
        let line = self.reasons.buffer();
        serde_json::to_writer(&mut *line, &refusal).map_err(|source| OutputError::Partial { output: NAME, source })?;
        line.push(b'\n');
        *self.counts.reasons.entry(reason.name().to_owned()).or_default() += 1;
        self.reasons.appended(1).await
    }

    async fn finish(self: Box<Self>) -> Result<Finished, OutputError> {
        let parts = [self.bytes.finish().await?, self.reasons.finish().await?];
        Ok(Finished { partial: partial(NAME, &self.counts)?, parts: parts.into_iter().flatten().collect() })
    }
}

impl Merge for Counts {
    fn add(&mut self, partial: &RawValue) -> Result<(), OutputError> {
        let counts: Counts =
            serde_json::from_str(partial.get()).map_err(|source| OutputError::Partial { output: NAME, source })?;
        for (reason, count) in counts.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Section {
        let section = (!self.reasons.is_empty()).then(|| json!({ "reasons": self.reasons }));
        Section { records: self.reasons.values().sum(), section, ..Section::default() }
    }
}
