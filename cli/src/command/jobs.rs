//! The job that arguments ask for, and the run over it on this machine.

use fanout_cli::{CliError, LocalRun, Source};
use fanout_core::Prices;
use fanout_core::message::{Dataset, DatasetRef, Job, OutputChoice, Reader, VERSION};

use super::datasets::read;
use crate::args::{JobArgs, Outputs};
use crate::outputs::OUTPUTS;

/// A job over a source.
pub(super) fn job(
    source: &Source,
    dataset: Dataset,
    reader: Reader,
    chunk_size: Option<u64>,
    outputs: Option<Vec<OutputChoice>>,
) -> Job {
    Job {
        version: VERSION,
        bucket: source.bucket.clone(),
        key: source.key.clone(),
        version_id: None,
        dataset: Some(DatasetRef::Inline(Box::new(dataset))),
        reader,
        chunk_size,
        outputs,
        query: None,
        run_id: None,
    }
}

/// Chunks at once: as many as asked for, or as there are cores.
pub(super) fn concurrency(asked: Option<usize>) -> usize {
    asked.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// The job that the arguments ask for, over a source with a dataset.
pub(super) fn asked(args: &JobArgs, source: &Source, dataset: Dataset) -> Job {
    let outputs = args.outputs.clone().map(|Outputs(list)| list);
    job(source, dataset, args.reader, args.chunk_size, outputs)
}

/// The run that the arguments ask for, over a source.
pub(super) fn local(args: &JobArgs, source: Source) -> Result<LocalRun, CliError> {
    Ok(LocalRun::new(source, &args.out, concurrency(args.concurrency), prices(args)?, OUTPUTS))
}

/// The prices that the arguments name, or the built-in ones.
pub(super) fn prices(args: &JobArgs) -> Result<Prices, CliError> {
    match &args.prices {
        Some(path) => Ok(Prices::with(&format!("prices {}", path.display()), &read(path)?)?),
        None => Ok(Prices::built_in()?),
    }
}
