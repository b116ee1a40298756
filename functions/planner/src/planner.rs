use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use fanout_core::message::{
    Dataset, DatasetRef, Job, Location, MAX_PAYLOAD, MessageError, ObjectVersion, Plan, VERSION, from_json, manifest,
    to_json,
};
use fanout_core::{
    Compression, Header, HeaderError, INLINE_CHUNKS, MAX_OBJECT, PlanError, ScanRange, chunk_size_for, chunks,
    estimate, is_run_id, read_header, text_bytes, validate_chunk_size,
};
use fanout_outputs::{DEFAULT, find};
use fanout_store::{Read, Store, StoreError, get, text_of_prefix};
use futures::StreamExt;

use crate::{Config, PlannerError};

/// Bytes of the first read, which carries the object's size and ETag besides its header.
const PREFIX: u64 = 64 << 10;

/// Plans runs: over the store of the objects and that of the datasets and results.
#[derive(Clone, Copy)]
pub struct Planner<'s> {
    /// Where objects are read.
    pub source: &'s dyn Store,
    /// Where datasets are.
    pub results: &'s dyn Store,
    /// What the stack, or the command line, sets.
    pub config: &'s Config,
}

fn invalid(reason: String) -> PlannerError {
    PlannerError::Message(MessageError { what: "job".to_owned(), reason })
}

impl Planner<'_> {
    /// Plans one run. Reads the object once, unless its header is longer than 64 KiB, and writes
    /// nothing: see [`publish`].
    pub async fn plan(&self, job: &Job, run_id: &str) -> Result<Plan, PlannerError> {
        if !is_run_id(run_id) {
            return Err(invalid(format!("run_id {run_id:?} is not 1 to 80 characters of [0-9A-Za-z_-]")));
        }
        if job.chunk_size == Some(0) {
            return Err(PlanError::ZeroChunkSize.into());
        }
        if !self.config.may_read(&job.bucket) {
            return Err(invalid(format!(
                "bucket {:?} is neither the upload bucket nor a source bucket of the stack",
                job.bucket
            )));
        }
        let (dataset_name, mut dataset) = self.dataset(job.dataset.as_ref()).await?;
        let outputs = job.outputs.clone().or_else(|| dataset.outputs.clone());
        let outputs = outputs.unwrap_or_else(|| DEFAULT.map(str::to_owned).to_vec());
        let planned = self.header(job, &dataset).await?;
        let Planned { object, compression, mut header, prefix } = planned;
        self.check_time(&object, compression)?;
        if object.size > MAX_OBJECT {
            return Err(invalid(format!("the object has {} bytes, at most {MAX_OBJECT} are possible", object.size)));
        }
        check_columns(&object, &dataset, &header)?;
        let reader = self.choose_reader(job, &object, &prefix, &mut header, &mut dataset).await?;
        let schema = dataset.schema(&header.names);
        for (index, name) in outputs.iter().enumerate() {
            find(name)?.validate(&schema)?;
            if outputs[..index].contains(name) {
                return Err(invalid(format!("outputs: {name} is named twice")));
            }
        }
        let (data, chunk_size) = cut(job, &object, &header, compression, self.config.parallelism)?;
        let chunk_count = data.len().div_ceil(chunk_size);
        let Location { bucket, key } = &self.config.results;
        Ok(Plan {
            version: VERSION,
            run_id: run_id.to_owned(),
            object,
            dataset_name,
            dataset,
            reader,
            format: header.format,
            compression,
            outputs,
            header: header.names,
            data_start: header.data_start,
            chunk_size,
            chunk_count,
            parallelism: self.config.parallelism,
            round: 0,
            chunks: None,
            manifest: None,
            results: Location { bucket: bucket.clone(), key: format!("{key}{run_id}/") },
            estimate: estimate(
                &self.config.prices,
                text_bytes(data.len(), compression),
                chunk_count,
                self.config.parallelism,
            ),
        })
    }

    /// Refuses a compressed object, which is one chunk, if a function hasn't the time for it.
    fn check_time(&self, object: &ObjectVersion, compression: Option<Compression>) -> Result<(), PlannerError> {
        let (Some(compression), Some(limit)) = (compression, self.config.chunk_seconds) else { return Ok(()) };
        let seconds = estimate(&self.config.prices, text_bytes(object.size, Some(compression)), 1, 1).seconds;
        if seconds <= limit as f64 {
            return Ok(());
        }
        let object = format!("{}/{}", object.bucket, object.key);
        Err(PlannerError::TooLong { object, compression, seconds, limit })
    }

    /// Refuses a run whose report is there: until the new one was written it would be the old one's,
    /// and a failure would look like success.
    pub async fn check_unused(&self, plan: &Plan) -> Result<(), PlannerError> {
        let at = plan.report_location();
        let read = Read { at: &at, version_id: None, range: Some(ScanRange::new(0, 1)), if_match: None };
        match self.results.read(read).await {
            Ok(_) => Err(invalid(format!(
                "run_id {:?}: that run has ended, its report is {at}; name another, or none",
                plan.run_id
            ))),
            Err(StoreError::NoSuchObject { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The dataset of that name; `None` where there is none.
    pub async fn dataset_if_any(&self, name: &str) -> Result<Option<Dataset>, PlannerError> {
        let at = Location { bucket: self.config.results.bucket.clone(), key: format!("datasets/{name}.json") };
        let what = format!("dataset {at}");
        match get(self.results, &at).await {
            Ok(bytes) => {
                let dataset: Dataset = from_json(&what, &bytes)?;
                dataset.validate(&what)?;
                Ok(Some(dataset))
            }
            Err(StoreError::NoSuchObject { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn dataset(&self, wanted: Option<&DatasetRef>) -> Result<(Option<String>, Dataset), PlannerError> {
        match wanted {
            None => Ok((None, Dataset::default())),
            Some(DatasetRef::Inline(dataset)) => {
                dataset.validate("job: dataset")?;
                Ok((None, Dataset::clone(dataset)))
            }
            Some(DatasetRef::Name(name)) => {
                let missing = || {
                    let bucket = &self.config.results.bucket;
                    invalid(format!("dataset {name:?}: there is no object datasets/{name}.json in {bucket}"))
                };
                Ok((Some(name.clone()), self.dataset_if_any(name).await?.ok_or_else(missing)?))
            }
        }
    }

    /// The object as it is, and its header: one read from its start, which ends where the header does.
    async fn header(&self, job: &Job, dataset: &Dataset) -> Result<Planned, PlannerError> {
        let at = Location { bucket: job.bucket.clone(), key: job.key.clone() };
        let mut prefix = BytesMut::new();
        let mut planned: Option<ObjectVersion> = None;
        let mut end = PREFIX;
        loop {
            let read = Read {
                at: &at,
                version_id: job.version_id.as_deref(),
                range: Some(ScanRange::new(prefix.len() as u64, end)),
                if_match: planned.as_ref().map(|object| object.etag.as_str()),
            };
            let mut reading = match self.source.read(read).await {
                Err(StoreError::OutOfRange { at, .. }) if planned.is_none() => {
                    return Err(PlannerError::Empty { object: at.to_string() });
                }
                reading => reading?,
            };
            let object = planned.get_or_insert_with(|| reading.object.clone());
            while let Some(piece) = reading.body.next().await {
                prefix.extend_from_slice(&piece?);
            }
            let compression = Compression::of(&prefix);
            let text = match compression {
                None => Text { bytes: Cow::Borrowed(&prefix), size: Some(object.size) },
                Some(compression) => {
                    let whole = prefix.len() as u64 >= object.size;
                    let prefix = prefix.clone().freeze();
                    let most = most_text(dataset.max_record());
                    let (text, whole) = text_of_prefix(&at, compression, prefix, whole, most).await?;
                    Text { size: whole.then_some(text.len() as u64), bytes: text.into() }
                }
            };
            let header = read_header(&text.bytes, text.size.unwrap_or(u64::MAX), dataset);
            let refuse = |source| PlannerError::Header { object: at.to_string(), source };
            if let Some(header) = header.map_err(refuse)? {
                let object = object.clone();
                return Ok(Planned { object, compression, header, prefix: prefix.freeze() });
            }
            if compression.is_some() && text.bytes.len() > most_text(dataset.max_record()) {
                return Err(refuse(HeaderError::Missing { size: text.bytes.len() as u64 }));
            }
            end = (end * 4).min(object.size);
        }
    }
}

/// What is known of an object by its first bytes.
struct Planned {
    object: ObjectVersion,
    compression: Option<Compression>,
    header: Header,
    /// They.
    prefix: Bytes,
}

/// The first bytes of an object's text.
struct Text<'p> {
    bytes: Cow<'p, [u8]>,
    /// Bytes of all of it, where that is known.
    size: Option<u64>,
}

/// Bytes of a compressed object's text in which its header must be: few bytes can give very many.
fn most_text(max_record: usize) -> usize {
    max_record.saturating_add(1 << 20)
}

/// The bytes that chunks cut, and those of one chunk.
fn cut(
    job: &Job,
    object: &ObjectVersion,
    header: &Header,
    compression: Option<Compression>,
    parallelism: u64,
) -> Result<(ScanRange, u64), PlanError> {
    if compression.is_some() {
        return Ok((ScanRange::new(0, object.size), object.size));
    }
    let data = ScanRange::new(header.data_start, object.size);
    let chunk_size = job.chunk_size.unwrap_or_else(|| chunk_size_for(data.len(), parallelism));
    validate_chunk_size(chunk_size, data.len())?;
    Ok((data, chunk_size))
}

/// A declared column must be there.
fn check_columns(object: &ObjectVersion, dataset: &Dataset, header: &Header) -> Result<(), PlannerError> {
    let missing: Vec<String> = dataset.columns.keys().filter(|name| !header.names.contains(name)).cloned().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let source = HeaderError::Mismatch { missing, unexpected: Vec::new(), out_of_order: Vec::new() };
    Err(PlannerError::Header { object: format!("{}/{}", object.bucket, object.key), source })
}

/// Adds the chunks to a plan: few of them in the plan, many in a manifest among the results.
pub async fn publish(mut plan: Plan, results: &dyn Store) -> Result<Plan, PlannerError> {
    let all = chunks(plan.data(), plan.chunk_size);
    if plan.chunk_count <= INLINE_CHUNKS {
        plan.chunks = Some(all.collect());
    } else {
        let place = plan.manifest_location();
        results.put(&place, manifest(all)?.into()).await?;
        plan.manifest = Some(place);
    }
    let size = to_json("plan", &plan)?.len();
    if size > MAX_PAYLOAD {
        return Err(invalid(format!(
            "the plan has {size} bytes, at most {MAX_PAYLOAD} are possible: the header has {} columns",
            plan.header.len()
        )));
    }
    Ok(plan)
}
