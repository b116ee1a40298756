//! The plan of one run: object, dataset, header, limits and chunk size. Nothing is written here.

use std::time::SystemTime;

use fanout_core::message::{
    Concurrency, CostEstimate, Dataset, Job, MessageError, OutputChoice, Plan, Reader, VERSION, to_json,
};
use fanout_core::{
    Header, HeaderError, Location, MAX_COLUMNS, MAX_NAME, MAX_OBJECT, ObjectVersion, PlanError, Resolved, Samples,
    ScanRange, Schema, check_samples, is_run_id, lines_before, resolve, run_id,
};
use fanout_object::read_samples;
use fanout_outputs::{OutputKinds, find};
use fanout_store::{Read, Store, StoreError};

use crate::outputs::chosen;
use crate::size::{set_estimate, set_size};
use crate::tell::tell_plan;
use crate::{Account, NamedDataset, PlanConfig, PlannerError};

/// Plans runs: over the store of the objects and that of the datasets and results.
#[derive(Clone, Copy)]
pub struct Planner<'s> {
    /// The store of the objects.
    pub source: &'s dyn Store,
    /// The store of datasets and results.
    pub results: &'s dyn Store,
    /// The outputs that a run can name.
    pub outputs: OutputKinds,
    /// The account whose concurrency processors share; `None` where they have their own, or do not run in Lambda.
    pub account: Option<&'s dyn Account>,
    /// The settings of the stack, or of the command line.
    pub config: &'s PlanConfig,
    /// The time of the plan, which `now()` of a query means.
    pub now: SystemTime,
}

/// The source of a run's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunName<'n> {
    /// An id: the one that a job names, or that of its execution.
    Given(&'n str),
    /// The object as it is and its dataset: the same upload has the same id, however often it is notified.
    OfUpload,
}

pub(crate) fn invalid(reason: String) -> PlannerError {
    PlannerError::Message(MessageError { what: "job".to_owned(), reason })
}

impl Planner<'_> {
    /// Plans one run of a job with the dataset that it means; what the dataset leaves unsaid is detected.
    /// Reads the object's first MiB and up to 16 pieces of 64 KiB side by side, more only where its header is
    /// longer. Asks for the account's concurrency, but does without it. Writes nothing: see [`publish`](crate::publish).
    ///
    /// # Errors
    ///
    /// [`PlannerError`] where the job, the dataset, the object or its header cannot be used.
    pub async fn plan(&self, job: &Job, dataset: NamedDataset, name: RunName<'_>) -> Result<Plan, PlannerError> {
        self.check_job(job, name)?;
        let NamedDataset { name: dataset_name, dataset: said } = dataset;
        let outputs = chosen(job, &said, self.outputs, self.now)?;
        let at = Location::new(&job.bucket, &job.key);
        let find = |samples: &Samples<'_>, size: u64| resolve(samples, size, &said);
        let (samples, resolved) =
            read_samples(self.source, at, job.version_id.as_deref(), said.max_record(), find).await?;
        let start = samples.start();
        let (object, compression) = (start.object().clone(), start.compression());
        if object.size > MAX_OBJECT {
            return Err(invalid(format!("the object has {} bytes, at most {MAX_OBJECT} are possible", object.size)));
        }
        check_columns(&object, &resolved.dataset, &resolved.header)?;
        // The records of S3 Select are others.
        if job.reader == Reader::Range {
            check_samples(&resolved)
                .map_err(|source| PlannerError::Samples { object: object.location(), source: Box::new(source) })?;
        }
        let Resolved { mut dataset, mut header, encoding, footer_start, evidence, sampled } = resolved;
        let reader = self.choose_reader(job, &object, start.prefix(), &mut header, &mut dataset).await?;
        let run_id = match name {
            RunName::Given(id) => id.to_owned(),
            RunName::OfUpload => id_of_upload(&object, &said)?,
        };
        // An expression may make other columns of those of the object: these are text.
        let own_columns = dataset.expression.is_none();
        let inferred = if own_columns { sampled.inferred() } else { Vec::new() };
        let mut plan = Plan {
            version: VERSION,
            results: self.config.results.join(&format!("{run_id}/")),
            run_id,
            object,
            dataset_name,
            dataset,
            reader,
            format: header.format,
            compression,
            outputs,
            header: header.names,
            data_start: header.data_start,
            encoding: encoding.encoding,
            encoding_assumed: encoding.ascii,
            inferred,
            sampled: if own_columns { sampled.mixed() } else { Vec::new() },
            widened: Vec::new(),
            typed_round: 0,
            all_rejects: false,
            lines_before: None,
            footer_start,
            evidence,
            chunk_size: 0,
            chunk_count: 0,
            parallelism: self.config.parallelism,
            concurrency: None,
            round: 0,
            chunks: None,
            manifest: None,
            body: None,
            estimate: CostEstimate::default(),
        };
        let work = set_size(&mut plan, job, sampled.record_bytes(), self.config)?;
        plan.concurrency = self.concurrency(&plan).await;
        set_estimate(&mut plan, job, &work, self.config);
        self.check_outputs(&plan.outputs, &plan.schema())?;
        // S3 Select does not say where its records are.
        if plan.reader == Reader::Range {
            let terminator = plan.dialect().terminator;
            plan.lines_before = lines_before(start.text(), plan.data_start, plan.encoding, terminator);
        }
        tell_plan(&plan);
        Ok(plan)
    }

    /// Asks for the concurrency of the account, where the run needs more than one invocation at once.
    async fn concurrency(&self, plan: &Plan) -> Option<Concurrency> {
        let wanted = plan.chunk_count.min(plan.parallelism);
        let account = self.account.filter(|_| wanted > 1)?;
        Some(match account.concurrency().await {
            Ok(available) => Concurrency { wanted, available: Some(available), unknown: None },
            Err(unknown) => Concurrency { wanted, available: None, unknown: Some(unknown.to_string()) },
        })
    }

    /// Refuses what can be refused before the object is read.
    fn check_job(&self, job: &Job, name: RunName<'_>) -> Result<(), PlannerError> {
        if let RunName::Given(id) = name
            && !is_run_id(id)
        {
            return Err(invalid(format!("run_id {id:?} is not 1 to 80 characters of [0-9A-Za-z_-]")));
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
        Ok(())
    }

    /// Refuses outputs that are unknown, named twice, or cannot work on these columns.
    fn check_outputs(&self, outputs: &[OutputChoice], schema: &Schema) -> Result<(), PlannerError> {
        for (index, output) in outputs.iter().enumerate() {
            find(self.outputs, &output.name)?.validate(schema, &output.options)?;
            if outputs[..index].iter().any(|other| other.name == output.name) {
                return Err(invalid(format!("outputs: {} is named twice", output.name)));
            }
        }
        Ok(())
    }

    /// Refuses a run whose report is there already. Until the new report was written the old one would
    /// stand for it, and a failure would look like success.
    ///
    /// # Errors
    ///
    /// [`PlannerError`] where the report is there, or the store cannot tell.
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
}

fn id_of_upload(object: &ObjectVersion, dataset: &Dataset) -> Result<String, PlannerError> {
    let version = object.version_id.as_ref().unwrap_or(&object.etag);
    let dataset = to_json("dataset", dataset)?;
    Ok(run_id(&object.bucket, &object.key, version, &String::from_utf8_lossy(&dataset)))
}

/// Refuses an object that lacks a declared column, has more columns than a run keeps, or a name that is none.
fn check_columns(object: &ObjectVersion, dataset: &Dataset, header: &Header) -> Result<(), PlannerError> {
    let columns = header.names.len();
    if columns > MAX_COLUMNS {
        return Err(PlannerError::TooManyColumns { object: object.location(), columns });
    }
    if let Some(index) = header.names.iter().position(|name| name.len() > MAX_NAME) {
        let bytes = header.names[index].len();
        return Err(PlannerError::LongName { object: object.location(), column: index + 1, bytes });
    }
    let missing: Vec<String> = dataset.columns.keys().filter(|name| !header.names.contains(name)).cloned().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let source = HeaderError::Mismatch { missing, unexpected: Vec::new(), out_of_order: Vec::new() };
    Err(fanout_object::HeaderReadError::Header { at: object.location(), source: Box::new(source) }.into())
}
