//! The dataset that arguments mean.

use std::path::Path;

use fanout_cli::CliError;
use fanout_core::message::{Dataset, from_json};

use crate::args::ReadingArgs;

/// Returns the bytes of a file that an argument names.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|source| CliError::Read { path: path.display().to_string(), source })
}

/// Returns the dataset of the arguments, with their own words over it.
pub(super) fn read_dataset(reading: &ReadingArgs) -> Result<Dataset, CliError> {
    let (what, mut dataset) = match &reading.dataset {
        Some(path) => {
            let what = format!("dataset {}", path.display());
            let dataset: Dataset = from_json(&what, &read(path)?)?;
            (what, dataset)
        }
        None => ("arguments".to_owned(), Dataset::default()),
    };
    dataset.validate(&what)?;
    reading.apply(&mut dataset);
    dataset.validate("arguments")?;
    Ok(dataset)
}
