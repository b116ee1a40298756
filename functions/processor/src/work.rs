use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use fanout_core::message::{Chunk, DataBytes, Failure, Part, Plan, Reader, SelectStats};
use fanout_core::{Alignment, Batch, Decoder, JsonLines, LOOK_BACK, Reason, ScanError, Scanner, Schema, Start, align};
use fanout_outputs::{ChunkContext, Finished, Output, find};
use fanout_store::{Store, StoreError};
use serde_json::value::RawValue;

use crate::error::Cause;
use crate::parts::RunParts;
use crate::reader::ChunkReader;
use crate::select::select_into;
use crate::text::Text;

/// Bytes after a chunk's start by which its alignment is first judged, and the most that are
/// looked at where they don't show a record's end.
const WINDOW: usize = 64 << 10;
const MAX_WINDOW: usize = 4 << 20;

/// What became of a chunk.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) first_record: Option<u64>,
    pub(crate) next_record: Option<u64>,
    pub(crate) records: u64,
    pub(crate) rejects: u64,
    pub(crate) bytes: DataBytes,
    pub(crate) bytes_read: u64,
    pub(crate) read_time: Duration,
    pub(crate) select: Option<SelectStats>,
    pub(crate) failure: Option<Failure>,
    pub(crate) parts: Vec<Part>,
    pub(crate) partial: BTreeMap<String, Box<RawValue>>,
}

/// Reads, aligns and scans one chunk, and feeds its records to the plan's outputs. Where it fails,
/// nothing is left of the parts that weren't finished.
pub(crate) async fn work(
    plan: &Plan,
    chunk: &Chunk,
    source: &dyn Store,
    results: Arc<dyn Store>,
) -> Result<Work, Cause> {
    let parts = Arc::new(RunParts::new(results, plan.results.clone()));
    let done = match plan.reader {
        Reader::Select => select_into(plan, chunk, source, parts.clone()).await,
        Reader::Range | Reader::Auto => read_into(plan, chunk, source, parts.clone()).await,
    };
    match (done, parts.abort().await) {
        (Ok(_), Err(error)) => Err(error.into()),
        // The first error is the one to tell; the bucket's lifecycle rule removes what is left.
        (done, _) => done,
    }
}

async fn read_into(plan: &Plan, chunk: &Chunk, source: &dyn Store, parts: Arc<RunParts>) -> Result<Work, Cause> {
    let schema = Arc::new(plan.schema());
    let mut outputs = Outputs::start(plan, chunk, schema.clone(), parts)?;
    let Begin { mut text, first_record, bytes } = begin(plan, chunk, &schema, source).await.map_err(Cause::Object)?;
    let mut work = Work { first_record, ..Work::default() };
    if let Some(place) = first_record {
        // The text of a compressed object ends where it ends.
        let end = if plan.compression.is_some() { u64::MAX } else { chunk.end };
        let mut scanner = Scanner::new(&plan.dialect(), Start::Place, place, end, plan.dataset.max_record());
        let mut reading = Reading::new(plan);
        scanner.push(&bytes);
        loop {
            match reading.drain(&mut scanner, &mut outputs, &mut work).await? {
                Some(error) => {
                    // Outputs are dropped unfinished: what they wrote is discarded with them.
                    work.failure = Some(Failure::of(&error));
                    (work.bytes_read, work.read_time) = (text.bytes_read(), text.read_time());
                    return Ok(work);
                }
                None if scanner.is_done() => break,
                None => match text.next().await.map_err(Cause::Object)? {
                    Some(bytes) => scanner.push(&bytes),
                    None => scanner.finish(),
                },
            }
        }
        work.next_record = scanner.next_place();
        work.bytes.skipped = scanner.skipped();
    }
    (work.bytes_read, work.read_time) = (text.bytes_read(), text.read_time());
    outputs.finish(&mut work).await?;
    Ok(work)
}

/// Where a chunk begins, and the bytes from there on that were read to find out.
struct Begin<'s> {
    text: Text<'s>,
    first_record: Option<u64>,
    bytes: Bytes,
}

async fn begin<'s>(
    plan: &'s Plan,
    chunk: &Chunk,
    schema: &Schema,
    source: &'s dyn Store,
) -> Result<Begin<'s>, StoreError> {
    if let Some(compression) = plan.compression {
        let mut text = Text::compressed(source, plan, compression);
        let bytes = text.skip(plan.data_start).await?;
        return Ok(Begin { text, first_record: Some(plan.data_start), bytes });
    }
    let known = chunk.first_record.or((chunk.start == plan.data_start).then_some(chunk.start));
    let Some(place) = known else { return guess(plan, chunk, schema, source).await };
    let reader = if place >= chunk.end {
        ChunkReader::new(source, &plan.object, plan.object.size, plan.object.size)
    } else {
        ChunkReader::new(source, &plan.object, place, chunk.end)
    };
    Ok(Begin { text: Text::Plain(reader), first_record: Some(place), bytes: Bytes::new() })
}

/// Finds the first place of a chunk whose start nobody has proven.
async fn guess<'s>(
    plan: &'s Plan,
    chunk: &Chunk,
    schema: &Schema,
    source: &'s dyn Store,
) -> Result<Begin<'s>, StoreError> {
    let dialect = plan.dialect();
    let back = LOOK_BACK.min(chunk.start - plan.data_start);
    let from = chunk.start - back;
    let mut reader = ChunkReader::new(source, &plan.object, from, chunk.end);
    let mut window = BytesMut::new();
    let mut wanted = WINDOW;
    loop {
        let mut more = true;
        while more && window.len() < wanted {
            match reader.next_of_range().await? {
                Some(piece) => window.extend_from_slice(&piece),
                None => more = false,
            }
        }
        let ends = !more && reader.ends_object();
        match align(&window, back, chunk.start, ends, &dialect, schema.columns.len()) {
            Alignment::Place(place) => {
                let bytes = window.freeze().slice((place - from) as usize..);
                return Ok(Begin { text: Text::Plain(reader), first_record: Some(place), bytes });
            }
            Alignment::Unseen if more && wanted < MAX_WINDOW => wanted *= 4,
            Alignment::Unseen => {
                return Ok(Begin { text: Text::Plain(reader), first_record: None, bytes: Bytes::new() });
            }
        }
    }
}

/// What makes rows of the scanner's records.
pub(crate) struct Reading {
    json: Option<JsonLines>,
    decoder: Decoder,
}

impl Reading {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { json: plan.json_lines(), decoder: Decoder::new(plan.schema()) }
    }

    /// Feeds every record that is complete to the outputs; returns what is wrong with the next one.
    pub(crate) async fn drain(
        &mut self,
        scanner: &mut Scanner,
        outputs: &mut Outputs,
        work: &mut Work,
    ) -> Result<Option<ScanError>, Cause> {
        loop {
            let batch = match scanner.next_batch() {
                Ok(Some(batch)) => batch,
                Ok(None) => return Ok(None),
                Err(error) => return Ok(Some(error)),
            };
            let batch = match &mut self.json {
                Some(json) => json.read(batch),
                None => batch,
            };
            self.decoder.decode(&batch);
            outputs.write(&mut self.decoder, &batch).await?;
            let refused = self.decoder.refused();
            let bytes: usize = refused.iter().map(|one| batch.record(one.record).raw_with_terminator().len()).sum();
            work.rejects += refused.len() as u64;
            work.records += (batch.len() - refused.len()) as u64;
            work.bytes.rejected += bytes as u64;
            work.bytes.accepted += batch.record_bytes() - bytes as u64;
        }
    }
}

/// The outputs of one chunk, with their names.
pub(crate) struct Outputs(Vec<(String, Box<dyn Output>)>);

impl Outputs {
    pub(crate) fn start(plan: &Plan, chunk: &Chunk, schema: Arc<Schema>, parts: Arc<RunParts>) -> Result<Self, Cause> {
        let context = ChunkContext { schema, format: plan.format, index: chunk.index, parts };
        let start = |name: &String| Ok((name.clone(), find(name)?.start(&context)?));
        plan.outputs.iter().map(start).collect::<Result<_, Cause>>().map(Outputs)
    }

    async fn write(&mut self, decoder: &mut Decoder, batch: &Batch<'_>) -> Result<(), Cause> {
        for (_, output) in &mut self.0 {
            let refused: Vec<(usize, Reason)> = output.refuse(&decoder.rows(*batch));
            decoder.refuse(refused);
        }
        let rows = decoder.rows(*batch);
        for (_, output) in &mut self.0 {
            if !rows.is_empty() {
                output.write(&rows).await?;
            }
            for refused in decoder.refused() {
                output.reject(&batch.record(refused.record), &refused.reason).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn finish(self, work: &mut Work) -> Result<(), Cause> {
        for (name, output) in self.0 {
            let Finished { partial, parts } = output.finish().await?;
            work.parts.extend(parts);
            work.partial.insert(name, partial);
        }
        Ok(())
    }
}
