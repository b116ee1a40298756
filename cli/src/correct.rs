//! Corrected records of a run on this machine, processed as a part of its results.
//!
//! A file of corrected records has one record for each that the run refused, so that those accepted at first, those
//! accepted now and those still refused are all of the object. It is processed aside, in `correcting/`, and becomes a
//! part of the run only where the numbers agree: its parts stand beside those of the chunks, as those of one chunk more,
//! and what is still refused stands in `corrected/rejects/`. `results/` and `rejects/` stay as the run left them: so
//! another file replaces this one, and the same file changes nothing.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanout_core::message::{
    Chunk, ChunkResult, Dataset, DatasetRef, HeaderMatch, HeaderRule, Job, Part, Plan, ProcessRequest, Reader, Report,
    VERSION, from_json,
};
use fanout_core::{Format, Location, Prices, ScanRange, leading_header, settled_types};
use fanout_outputs::OutputKinds;
use fanout_processor::process;
use fanout_reducer::{Addition, add};
use fanout_store::{LocalStore, Read, Store, StoreError, get, whole_plan};
use sha2::{Digest, Sha256};

use crate::{CliError, LocalRun, Source};

mod error;

pub use error::CorrectError;

/// The folder in which a file is processed, and the one of what became a part of the run; both below the run's.
const ASIDE: &str = "correcting/";
const TAKEN: &str = "corrected/";

/// Bytes in which the header of a file is looked for.
const FIRST: u64 = 1 << 20;

/// The output whose parts stay in [`TAKEN`].
const REJECTS: &str = "rejects";

/// A run of this machine that has ended.
pub struct EndedRun {
    folder: PathBuf,
    /// The plan of its last round, with results in `folder`, wherever that is now.
    plan: Plan,
    report: Report,
}

impl EndedRun {
    /// Opens a run by its folder.
    ///
    /// # Errors
    ///
    /// [`CorrectError`] where the folder has no report, no plan, or a run to which nothing can be added;
    /// [`CliError`] where either cannot be read.
    pub async fn open(folder: &Path) -> Result<Self, CliError> {
        let missing = |what| CorrectError::NoRun { folder: folder.display().to_string(), what };
        let Ok(folder) = folder.canonicalize() else { return Err(missing("there is no such folder").into()) };
        let at = Location::new(&folder.to_string_lossy(), "");
        let found = |name: &'static str| {
            let at = at.join(name);
            async move {
                match get(&LocalStore, &at).await {
                    Err(StoreError::NoSuchObject { .. }) => Ok(None),
                    found => found.map(Some),
                }
            }
        };
        let report = found("report.json").await?.ok_or_else(|| missing("it has no report.json"))?;
        let report: Report = from_json("report.json", &report)?;
        let plan = found("plan.json").await?.ok_or_else(|| missing("it has no plan.json"))?;
        let mut plan: Plan = from_json("plan.json", &plan)?;
        // The folder may have been moved.
        if let Some(body) = &mut plan.body
            && let Some(name) = body.key.strip_prefix(&plan.results.key)
        {
            *body = at.join(name);
        }
        plan.results = at;
        let plan = whole_plan::<CliError>(&plan, &LocalStore).await?.into_owned();
        if plan.reader == Reader::Select {
            return Err(missing("S3 Select read its object, and refused records are not known").into());
        }
        if !plan.outputs.iter().any(|output| output.name == REJECTS) {
            return Err(missing("it has no output rejects").into());
        }
        Ok(Self { folder, plan, report })
    }

    /// The report as it was when the run was opened.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Processes a file of corrected records as a part of the run, and returns the report; `None` where the same file
    /// is a part of it already.
    ///
    /// # Errors
    ///
    /// [`CorrectError`] where the run refused nothing, or the file has more or fewer records than were refused; and
    /// [`CliError`] where a step fails. The run's results are then as before, unless writing them failed: then the same
    /// command completes them.
    pub async fn correct(&self, file: Source, outputs: OutputKinds) -> Result<Option<Report>, CliError> {
        let path = Path::new(&file.bucket).join(&file.key);
        let refused = self.report.corrected.as_ref().map_or(self.report.rejects, |corrected| corrected.refused);
        if refused == 0 {
            return Err(CorrectError::NothingRefused { run_id: self.plan.run_id.clone() }.into());
        }
        let store = file.store.clone();
        let plan = self.plan_of(file, outputs).await?;
        // The planned version is read below: with other bytes than these it is another one.
        let sha256 = sha256(&path).map_err(|source| CliError::Read { path: path.display().to_string(), source })?;
        if self.report.corrected.as_ref().is_some_and(|corrected| corrected.sha256 == sha256) {
            return Ok(None);
        }
        let other = |found: u64| CorrectError::OtherNumber { file: path.display().to_string(), found, refused };
        if plan.data().is_empty() {
            return Err(other(0).into());
        }
        self.remove(ASIDE)?;
        let object = plan.object.clone();
        let context = fanout_processor::Context {
            source: store,
            results: Arc::new(LocalStore),
            outputs,
            memory_mb: crate::local::OUTSIDE_LAMBDA,
        };
        let result = self.processed(plan, &context).await?;
        let found = result.records + result.rejects;
        if found != refused {
            self.remove(ASIDE)?;
            return Err(other(found).into());
        }
        let result = self.take(result)?;
        let reducer = fanout_reducer::Context {
            results: Arc::new(LocalStore),
            outputs,
            prices: Prices::built_in()?,
            memory_mb: crate::local::OUTSIDE_LAMBDA,
        };
        let report = add(&self.plan, self.report.clone(), Addition { object, sha256, result }, &reducer).await?;
        Ok(Some(report))
    }

    /// The plan of a file of corrected records: what the run found out of its object holds for them too.
    async fn plan_of(&self, file: Source, outputs: OutputKinds) -> Result<Plan, CliError> {
        let (bucket, key) = (file.bucket.clone(), file.key.clone());
        let local = LocalRun::new(file, ".", 1, Prices::built_in()?, outputs);
        let job = Job {
            version: VERSION,
            bucket: bucket.clone(),
            key: key.clone(),
            version_id: None,
            dataset: Some(DatasetRef::Inline(Box::new(self.dataset()))),
            reader: Reader::Range,
            chunk_size: None,
            outputs: Some(self.plan.outputs.clone()),
            query: None,
            run_id: Some("corrected".to_owned()),
        };
        let mut planned = local.plan(&job).await?;
        if planned.compression.is_none() {
            // Its first record may be the header, and need not be.
            let at = Location::new(&bucket, &key);
            let range = ScanRange::new(planned.data_start, (planned.data_start + FIRST).min(planned.object.size));
            let whole = range.end == planned.object.size;
            let if_match = Some(planned.object.etag.as_str());
            let first = LocalStore.read(Read { at: &at, version_id: None, range: Some(range), if_match }).await?;
            planned.data_start += leading_header(&planned, &first.bytes().await?, whole);
        }
        Ok(Plan {
            run_id: self.plan.run_id.clone(),
            results: self.plan.results.join(ASIDE),
            // A last record of another width is refused like any other.
            footer_start: None,
            ..planned
        })
    }

    fn dataset(&self) -> Dataset {
        let matches = match self.plan.format {
            Format::Csv => HeaderMatch::None,
            Format::JsonLines => self.plan.dataset.header_match(),
        };
        Dataset {
            format: Some(self.plan.format),
            skip_lines: Some(0),
            header: Some(HeaderRule { expect: self.plan.header.clone(), matches }),
            // Whoever corrects some records may leave most of them.
            max_reject_ratio: Some(1.0),
            ..settled_types(&self.plan)
        }
    }

    /// Processes all of a file as the chunk after the last one of the run.
    async fn processed(&self, plan: Plan, context: &fanout_processor::Context) -> Result<ChunkResult, CliError> {
        let (data, first) = (plan.data(), plan.data_start);
        let index = self.plan.chunk_count;
        let chunk = Chunk { index, start: data.start, end: data.end, first_record: Some(first) };
        let (location, compressed) = (plan.result_location(index), plan.compression.is_some());
        process(&ProcessRequest { plan, chunk }, context).await?;
        let result: ChunkResult = from_json(&location.to_string(), &get(&LocalStore, &location).await?)?;
        if let Some(failure) = &result.failure {
            return Err(CorrectError::Failed { message: failure.message.clone(), code: failure.code }.into());
        }
        // Every byte of the file belongs to a record, or to a line that is none.
        let whole = result
            .next_record
            .is_some_and(|next| (compressed || next == data.end) && Some(next - first) == Some(result.bytes.total()));
        if result.first_record == Some(first) && whole {
            Ok(result)
        } else {
            Err(CliError::Internal(format!("{location}: the file was not read from its first byte to its last")))
        }
    }

    /// Moves what was made of a file to where it is a part of the run, in place of what an earlier file left.
    fn take(&self, mut result: ChunkResult) -> Result<ChunkResult, CliError> {
        self.remove_earlier()?;
        for part in &mut result.parts {
            if part.output == REJECTS {
                part.key = format!("{TAKEN}{}", part.key);
                continue;
            }
            let (from, to) = (self.folder.join(ASIDE).join(&part.key), self.folder.join(&part.key));
            self.done(&part.key, to.parent().map_or(Ok(()), fs::create_dir_all))?;
            self.done(&part.key, fs::rename(from, to))?;
        }
        self.remove(TAKEN)?;
        self.done(TAKEN, fs::rename(self.folder.join(ASIDE), self.folder.join(TAKEN)))?;
        Ok(result)
    }

    /// Removes the parts of an earlier file: those that are named after the chunk after the last one.
    fn remove_earlier(&self) -> Result<(), CliError> {
        let name = format!("part-{:05}.", self.plan.chunk_count);
        let listed: BTreeMap<String, Vec<Part>> = match fs::read(self.folder.join("parts.json")) {
            Ok(list) => from_json("parts.json", &list)?,
            Err(error) => return self.done("parts.json", Err(error)),
        };
        let folders = listed.values().flatten().filter_map(|part| Path::new(&part.key).parent().map(Path::to_owned));
        let mut folders: Vec<PathBuf> = folders.chain([PathBuf::from("data")]).collect();
        folders.sort();
        folders.dedup();
        for folder in folders.iter().filter(|folder| !folder.starts_with(REJECTS) && !folder.starts_with(TAKEN)) {
            let Ok(entries) = fs::read_dir(self.folder.join(folder)) else { continue };
            for entry in entries {
                let place = folder.display().to_string();
                let entry = self.done(&place, entry)?;
                if entry.file_name().to_string_lossy().starts_with(&name) {
                    self.done(&place, fs::remove_file(entry.path()))?;
                }
            }
        }
        Ok(())
    }

    fn remove(&self, folder: &str) -> Result<(), CliError> {
        match fs::remove_dir_all(self.folder.join(folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => self.done(folder, done),
        }
    }

    /// Returns what was done to a place below the folder.
    fn done<T>(&self, place: &str, done: io::Result<T>) -> Result<T, CliError> {
        let at = self.plan.results.join(place);
        done.map_err(|error| StoreError::Unwritable { at, reason: error.into() }.into())
    }
}

/// The SHA-256 of a file, in hexadecimal.
fn sha256(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut piece) = (File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            read => hash.update(&piece[..read]),
        }
    }
}
