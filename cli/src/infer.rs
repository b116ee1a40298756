//! A dataset from the samples of an object.

use fanout_core::message::Dataset;
use fanout_core::{Inferred, Location};
use fanout_object::read_samples;
use fanout_planner::PlannerError;

use crate::{CliError, Source};

/// Infers a dataset from the samples that a run would look at; what `dataset` says stays.
///
/// # Errors
///
/// [`CliError`] where the object cannot be read, or is nothing that a run would read.
pub async fn infer(source: &Source, dataset: &Dataset) -> Result<Inferred, CliError> {
    let at = Location::new(&source.bucket, &source.key);
    let find = |samples: &fanout_core::Samples<'_>, size: u64| fanout_core::infer(samples, size, dataset);
    let (_, inferred) =
        read_samples(&*source.store, at, None, dataset.max_record(), find).await.map_err(PlannerError::from)?;
    Ok(inferred)
}
