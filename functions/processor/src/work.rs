use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use fanout_core::message::{Chunk, Failure, Part, Plan};
use fanout_core::{Alignment, Batch, Decoder, LOOK_BACK, Reason, ScanError, Scanner, Schema, Start, align};
use fanout_outputs::{ChunkContext, Finished, Output, find};
use fanout_store::{Store, StoreError};
use serde_json::value::RawValue;

use crate::error::Cause;
use crate::parts::RunParts;
use crate::reader::ChunkReader;

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
    pub(crate) bytes_read: u64,
    pub(crate) failure: Option<Failure>,
    pub(crate) parts: Vec<Part>,
    pub(crate) partial: BTreeMap<String, Box<RawValue>>,
}

/// Reads, aligns and scans one chunk, and feeds its records to the plan's outputs.
pub(crate) async fn work(
    plan: &Plan,
    chunk: &Chunk,
    source: &dyn Store,
    results: Arc<dyn Store>,
) -> Result<Work, Cause> {
    let schema = Arc::new(plan.schema());
    let parts = Arc::new(RunParts { store: results, results: plan.results.clone() });
    let mut outputs = Outputs::start(plan, chunk, schema.clone(), parts)?;
    let known = chunk.first_record.or((chunk.start == plan.data_start).then_some(chunk.start));
    let Begin { mut reader, first_record, bytes } = match known {
        Some(place) if place >= chunk.end => Begin {
            reader: ChunkReader::new(source, &plan.object, plan.object.size, plan.object.size),
            first_record: Some(place),
            bytes: Bytes::new(),
        },
        Some(place) => Begin {
            reader: ChunkReader::new(source, &plan.object, place, chunk.end),
            first_record: Some(place),
            bytes: Bytes::new(),
        },
        None => begin(plan, chunk, &schema, source).await.map_err(Cause::Object)?,
    };
    let mut work = Work { first_record, ..Work::default() };
    if let Some(place) = first_record {
        let dataset = &plan.dataset;
        let mut scanner = Scanner::new(&dataset.dialect, Start::Place, place, chunk.end, dataset.max_record());
        let mut decoder = Decoder::new(Schema::clone(&schema));
        scanner.push(&bytes);
        loop {
            match drain(&mut scanner, &mut decoder, &mut outputs, &mut work).await? {
                Some(error) => {
                    // Outputs are dropped unfinished: what they wrote is discarded with them.
                    work.failure = Some(Failure::of(&error));
                    work.bytes_read = reader.bytes_read();
                    return Ok(work);
                }
                None if scanner.is_done() => break,
                None => match reader.next().await.map_err(Cause::Object)? {
                    Some(bytes) => scanner.push(&bytes),
                    None => scanner.finish(),
                },
            }
        }
        work.next_record = scanner.next_place();
    }
    work.bytes_read = reader.bytes_read();
    outputs.finish(&mut work).await?;
    Ok(work)
}

/// Where a chunk begins, and the bytes from there on that were read to find out.
struct Begin<'s> {
    reader: ChunkReader<'s>,
    first_record: Option<u64>,
    bytes: Bytes,
}

/// Finds the first place of a chunk whose start nobody has proven.
async fn begin<'s>(
    plan: &'s Plan,
    chunk: &Chunk,
    schema: &Schema,
    source: &'s dyn Store,
) -> Result<Begin<'s>, StoreError> {
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
        let dialect = &plan.dataset.dialect;
        match align(&window, back, chunk.start, ends, dialect, schema.columns.len()) {
            Alignment::Place(place) => {
                let bytes = window.freeze().slice((place - from) as usize..);
                return Ok(Begin { reader, first_record: Some(place), bytes });
            }
            Alignment::Unseen if more && wanted < MAX_WINDOW => wanted *= 4,
            Alignment::Unseen => return Ok(Begin { reader, first_record: None, bytes: Bytes::new() }),
        }
    }
}

/// Feeds every record that is complete to the outputs; returns what is wrong with the next one.
async fn drain(
    scanner: &mut Scanner,
    decoder: &mut Decoder,
    outputs: &mut Outputs,
    work: &mut Work,
) -> Result<Option<ScanError>, Cause> {
    loop {
        match scanner.next_batch() {
            Ok(Some(batch)) => {
                decoder.decode(&batch);
                outputs.write(decoder, &batch).await?;
                let rejects = decoder.refused().len();
                work.rejects += rejects as u64;
                work.records += (batch.len() - rejects) as u64;
            }
            Ok(None) => return Ok(None),
            Err(error) => return Ok(Some(error)),
        }
    }
}

/// The outputs of one chunk, with their names.
struct Outputs(Vec<(String, Box<dyn Output>)>);

impl Outputs {
    fn start(plan: &Plan, chunk: &Chunk, schema: Arc<Schema>, parts: Arc<RunParts>) -> Result<Self, Cause> {
        let context = ChunkContext { schema, index: chunk.index, parts };
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

    async fn finish(self, work: &mut Work) -> Result<(), Cause> {
        for (name, output) in self.0 {
            let Finished { partial, parts } = output.finish().await?;
            work.parts.extend(parts);
            work.partial.insert(name, partial);
        }
        Ok(())
    }
}
