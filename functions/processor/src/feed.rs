//! The way of a chunk's records from a scanner to the outputs. All outputs get the same records.

use std::collections::BTreeMap;
use std::sync::Arc;

use fanout_core::message::{Chunk, DataBytes, LateKey, Part, Plan, SeenTypes, SeenUtf8};
use fanout_core::{Batch, Decoder, Format, JsonLines, Reason, RecordLayout, Scanner, Transcoder, gives_up};
use fanout_outputs::{ChunkContext, Finished, Output, OutputKinds, find};
use serde_json::value::RawValue;

use crate::error::Cause;
use crate::parts::RunParts;

/// The records of one chunk on their way to the plan's outputs, whichever reader they come from.
pub(crate) struct Feed {
    /// Records from lines of JSON; CSV has a layout instead.
    form: Form,
    decoder: Decoder,
    outputs: Vec<(String, Box<dyn Output>)>,
    /// Tells whether a chunk of this plan gives up with this many accepted and refused records.
    gives_up: Box<dyn Fn(u64, u64) -> bool + Send + Sync>,
    fed: Fed,
}

/// The step from scanned text to records of the header's width, in UTF-8.
enum Form {
    Csv(Transcoder, RecordLayout),
    Json(JsonLines),
}

impl Form {
    /// Tells whether keys came that are no columns yet.
    fn has_late_keys(&self) -> bool {
        matches!(self, Form::Json(lines) if !lines.late_keys().is_empty())
    }
}

/// Records and bytes that were fed so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fed {
    pub(crate) records: u64,
    pub(crate) rejects: u64,
    /// The refused lines among them that are no records.
    pub(crate) no_records: u64,
    /// Bytes of the records, and of lines of blanks; other skipped bytes are not seen here.
    pub(crate) bytes: DataBytes,
    /// The bytes beyond ASCII.
    pub(crate) seen: SeenUtf8,
    /// Byte-order marks at the start of records, which were dropped.
    pub(crate) marks: u64,
    /// The types that the values fit, where they are not those of the plan.
    pub(crate) types: Vec<SeenTypes>,
    /// The keys that are no columns yet.
    pub(crate) late_keys: Vec<LateKey>,
    /// Tells that a value was not of the type that was inferred for its column, or that there are such keys.
    pub(crate) unfit: bool,
    /// Tells that so many records were refused that outputs see no more of them.
    pub(crate) gave_up: bool,
}

/// The outputs' own results of one chunk.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) parts: Vec<Part>,
    pub(crate) partial: BTreeMap<String, Box<RawValue>>,
}

impl Feed {
    /// Starts the plan's outputs for one chunk.
    pub(crate) fn start(
        plan: &Plan,
        chunk: &Chunk,
        outputs: OutputKinds,
        parts: Arc<RunParts>,
        cores: usize,
    ) -> Result<Self, Cause> {
        let schema = Arc::new(plan.schema());
        let form = match plan.format {
            Format::Csv => {
                let layout = RecordLayout::new(&plan.header, &plan.dataset, plan.footer_start);
                Form::Csv(Transcoder::new(plan.encoding), layout)
            }
            Format::JsonLines => Form::Json(JsonLines::new(&plan.header, plan.other_keys()).in_encoding(plan.encoding)),
        };
        let mut started = Vec::new();
        for choice in &plan.outputs {
            let context = ChunkContext {
                schema: schema.clone(),
                format: plan.format,
                encoding: plan.encoding,
                options: choice.options.clone(),
                run_id: plan.run_id.clone(),
                index: chunk.index,
                parts: parts.clone(),
                cores,
            };
            started.push((choice.name.clone(), find(outputs, &choice.name)?.start(&context)?));
        }
        let decoder = Decoder::new(plan.schema()).in_encoding(plan.encoding);
        let (all, allowed) = (plan.all_rejects, plan.dataset.max_reject_ratio);
        let gives_up = Box::new(move |records, rejects| !all && gives_up(allowed, records, rejects));
        Ok(Self { form, decoder, outputs: started, gives_up, fed: Fed::default() })
    }

    /// Feeds every record that is complete to the outputs.
    pub(crate) async fn drain(&mut self, scanner: &mut Scanner) -> Result<(), Cause> {
        while let Some(batch) = scanner.next_batch() {
            if self.form.has_late_keys() {
                self.outputs.clear();
            }
            let batch = match &mut self.form {
                Form::Csv(transcoder, layout) => layout.arrange(transcoder.read(batch)),
                Form::Json(lines) => lines.read(batch),
            };
            self.decoder.decode(&batch);
            if !self.decoder.types_hold() {
                // The chunk is processed again with other types: of this pass only what it sees counts.
                self.outputs.clear();
            }
            if !self.fed.gave_up {
                write(&mut self.outputs, &mut self.decoder, &batch).await?;
            }
            let refused = self.decoder.refused();
            let bytes: u64 = refused.iter().map(|one| batch.record(one.record).bytes()).sum();
            self.fed.rejects += refused.len() as u64;
            self.fed.no_records += refused.iter().filter(|one| !one.reason.is_of_record()).count() as u64;
            self.fed.records += (batch.len() - refused.len()) as u64;
            self.fed.bytes.rejected += bytes;
            self.fed.bytes.accepted += batch.record_bytes() - bytes;
            self.fed.gave_up |= (self.gives_up)(self.fed.records, self.fed.rejects - self.fed.no_records);
        }
        Ok(())
    }

    /// Returns the counts so far.
    pub(crate) fn fed(&self) -> Fed {
        let (marks, skipped, seen, late_keys) = match &self.form {
            Form::Csv(transcoder, _) => (transcoder.marks(), 0, self.decoder.seen(), Vec::new()),
            Form::Json(lines) => (lines.marks(), lines.skipped(), lines.seen(), lines.late_keys().to_vec()),
        };
        Fed {
            marks,
            seen,
            bytes: DataBytes { skipped, ..self.fed.bytes },
            types: self.decoder.seen_types(),
            unfit: !self.decoder.types_hold() || !late_keys.is_empty(),
            late_keys,
            ..self.fed
        }
    }

    /// Ends every output. Not called where the chunk fails: then what was written is dropped with the outputs.
    pub(crate) async fn finish(self) -> Result<Made, Cause> {
        let mut made = Made::default();
        if self.form.has_late_keys() {
            return Ok(made);
        }
        for (name, output) in self.outputs {
            let Finished { partial, parts } = output.finish().await?;
            made.parts.extend(parts);
            made.partial.insert(name, partial);
        }
        Ok(made)
    }
}

/// Asks every output what it refuses, and shows the decoded batch to all of them.
async fn write(
    outputs: &mut [(String, Box<dyn Output>)],
    decoder: &mut Decoder,
    batch: &Batch<'_>,
) -> Result<(), Cause> {
    for (_, output) in &mut *outputs {
        let refused: Vec<(usize, Reason)> = output.refuse(&decoder.rows(*batch));
        decoder.refuse(refused);
    }
    let rows = decoder.rows(*batch);
    for (_, output) in outputs {
        if !rows.is_empty() {
            output.write(&rows).await?;
        }
        for refused in decoder.refused() {
            output.reject(&batch.record(refused.record), &refused.reason).await?;
        }
    }
    Ok(())
}
