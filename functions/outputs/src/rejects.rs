//! The output `rejects`: refused records as they stand, each with its offset and reason.

use std::collections::BTreeMap;

use async_trait::async_trait;
use fanout_core::{Encoding, Format, LineCursor, Reason, Record, Rows, Schema};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use crate::{
    BeforeChunk, ChunkContext, Finished, Merge, Output, OutputError, OutputKind, PartBuffer, RunContext, Section,
    partial, read_partial,
};

const NAME: &str = "rejects";

/// Characters of a refused record that are shown with the reason.
const EXAMPLE_CHARACTERS: usize = 1000;

/// Examples of each reason and column in the report, and characters of their records.
const EXAMPLES: usize = 3;
const SHORT: usize = 200;

/// Reasons and columns that have examples.
const WITH_EXAMPLES: usize = 50;

/// Every refused record twice: its bytes as they stand, terminator included, one after another in
/// `rejects/part-NNNNN.csv` (no header; of JSON lines `.ndjson`), and in the same order a line of JSON in
/// `rejects/part-NNNNN.jsonl` that says where it was and why it was refused.
///
/// The report counts them by reason, and by reason and column with the first examples of each.
///
/// A chunk knows its own lines and records alone, and so do the lines about its refused records. The run knows how many
/// stand before each chunk: they are added in the examples of the report, and listed in
/// `merged/rejects/chunks.jsonl` for the chunks that refused records.
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
            encoding: chunk.encoding,
            bytes: part(match chunk.format {
                Format::Csv => "csv",
                Format::JsonLines => "ndjson",
            }),
            reasons: part("jsonl"),
            counts: Counts::default(),
            lines: LineCursor::default(),
        }))
    }

    fn merge(&self, _run: &RunContext) -> Box<dyn Merge> {
        Box::new(Counts::default())
    }
}

/// The list of what stands before the chunks that refused records, among the run's results.
const CHUNKS: &str = "merged/rejects/chunks.jsonl";

/// Refused records by reason and column: the partial of a chunk, or a part of the run's report.
#[derive(Default, Serialize, Deserialize)]
struct Counts {
    groups: Vec<Group>,
    /// Lines of [`CHUNKS`]; of a run alone.
    #[serde(skip)]
    chunks: Vec<u8>,
}

/// A line of [`CHUNKS`].
#[derive(Serialize)]
struct Before {
    chunk: u64,
    /// Records before the chunk.
    records: u64,
    /// Lines before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<u64>,
}

/// Records that were refused for one reason in one column.
#[derive(Serialize, Deserialize)]
struct Group {
    reason: String,
    column: Option<String>,
    count: u64,
    /// The first records.
    examples: Vec<Example>,
}

#[derive(Serialize, Deserialize)]
struct Example {
    offset: u64,
    /// The number of the record, from 1: in its chunk, or in the report in the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    /// The number of the line in which it begins, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    expected: String,
    found: String,
    record: String,
}

impl Counts {
    /// Counts records of one kind; examples are made only where there is room for them.
    fn add(&mut self, reason: &str, column: Option<&str>, count: u64, examples: impl Iterator<Item = Example>) {
        let groups = &mut self.groups;
        let known = groups.iter().position(|group| group.reason == reason && group.column.as_deref() == column);
        let index = known.unwrap_or_else(|| {
            let (reason, column) = (reason.to_owned(), column.map(str::to_owned));
            groups.push(Group { reason, column, count: 0, examples: Vec::new() });
            groups.len() - 1
        });
        let group = &mut groups[index];
        group.count += count;
        let room = if index < WITH_EXAMPLES { EXAMPLES - group.examples.len() } else { 0 };
        if room > 0 {
            group.examples.extend(examples.take(room));
        }
    }
}

struct Refusals {
    schema: std::sync::Arc<Schema>,
    encoding: Encoding,
    bytes: PartBuffer,
    reasons: PartBuffer,
    counts: Counts,
    lines: LineCursor,
}

/// A line of the reasons.
#[derive(Serialize)]
struct Refusal<'r> {
    /// Offset in the object, in bytes.
    offset: u64,
    /// Bytes, terminator included.
    length: usize,
    /// The number of the record among those of its chunk, from 1, and that of its line.
    chunk_record: u64,
    chunk_line: u64,
    reason: &'static str,
    column: Option<&'r str>,
    expected: String,
    found: String,
    /// The record as text, shortened.
    record: String,
}

impl Refusal<'_> {
    fn example(&self) -> Example {
        Example {
            offset: self.offset,
            number: Some(self.chunk_record),
            line: Some(self.chunk_line),
            expected: self.expected.clone(),
            found: self.found.clone(),
            record: self.record.chars().take(SHORT).collect(),
        }
    }
}

#[async_trait]
impl Output for Refusals {
    async fn write(&mut self, _rows: &Rows<'_>) -> Result<(), OutputError> {
        Ok(())
    }

    async fn reject(&mut self, record: &Record<'_>, reason: &Reason) -> Result<(), OutputError> {
        let raw = self.encoding.unscanned(record.raw_with_terminator());
        self.bytes.buffer().extend_from_slice(&raw);
        self.bytes.appended(1).await?;
        let refusal = Refusal {
            offset: record.offset(),
            length: raw.len(),
            chunk_record: record.number() + 1,
            chunk_line: self.lines.before(record) + 1,
            reason: reason.name(),
            column: reason.column_name(&self.schema),
            expected: reason.expected(),
            found: reason.found(),
            record: self.encoding.decode_lossy(record.raw()).chars().take(EXAMPLE_CHARACTERS).collect(),
        };
        let line = self.reasons.buffer();
        serde_json::to_writer(&mut *line, &refusal).map_err(|source| OutputError::Partial { output: NAME, source })?;
        line.push(b'\n');
        self.counts.add(refusal.reason, refusal.column, 1, std::iter::once_with(|| refusal.example()));
        self.reasons.appended(1).await
    }

    async fn finish(self: Box<Self>) -> Result<Finished, OutputError> {
        let parts = [self.bytes.finish().await?, self.reasons.finish().await?];
        Ok(Finished { partial: partial(NAME, &self.counts)?, parts: parts.into_iter().flatten().collect() })
    }
}

impl Example {
    /// The example with its places in the object.
    fn after(self, before: &BeforeChunk) -> Self {
        let number = self.number.map(|number| before.records + number);
        let line = self.line.and_then(|line| Some(before.lines? + line));
        Self { number, line, ..self }
    }
}

impl Merge for Counts {
    fn add(&mut self, partial: &RawValue) -> Result<(), OutputError> {
        let counts: Counts = read_partial(NAME, partial)?;
        for Group { reason, column, count, examples } in counts.groups {
            self.add(&reason, column.as_deref(), count, examples.into_iter());
        }
        Ok(())
    }

    fn add_after(&mut self, before: &BeforeChunk, partial: &RawValue) -> Result<(), OutputError> {
        let counts: Counts = read_partial(NAME, partial)?;
        if !counts.groups.is_empty() {
            let line = Before { chunk: before.index, records: before.records, lines: before.lines };
            serde_json::to_writer(&mut self.chunks, &line)
                .map_err(|source| OutputError::Partial { output: NAME, source })?;
            self.chunks.push(b'\n');
        }
        for Group { reason, column, count, examples } in counts.groups {
            self.add(&reason, column.as_deref(), count, examples.into_iter().map(|example| example.after(before)));
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Section, OutputError> {
        let mut reasons = BTreeMap::<&str, u64>::new();
        for group in &self.groups {
            *reasons.entry(&group.reason).or_default() += group.count;
        }
        let records = reasons.values().sum();
        let section = (records > 0).then(|| json!({ "reasons": reasons, "groups": self.groups }));
        let files = if self.chunks.is_empty() { Vec::new() } else { vec![(CHUNKS.to_owned(), self.chunks)] };
        Ok(Section { records, section, files, ..Section::default() })
    }
}
