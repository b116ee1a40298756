//! Datasets by name, read from their store.

use fanout_core::message::{Dataset, DatasetRef, MessageError, from_json};
use fanout_core::{MAX_DATASET, ScanRange};
use fanout_store::{Read, StoreError};

use crate::plan::invalid;
use crate::{Planner, PlannerError};

/// A dataset, and its name where it has one.
#[derive(Debug, Clone, Default)]
pub struct NamedDataset {
    /// The name under which it is stored.
    pub name: Option<String>,
    /// The dataset itself.
    pub dataset: Dataset,
}

impl Planner<'_> {
    /// Fetches the dataset of that name; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`PlannerError`] where it cannot be read or is no valid dataset.
    pub async fn dataset_if_any(&self, name: &str) -> Result<Option<NamedDataset>, PlannerError> {
        let at = self.config.datasets().join(&format!("{name}.json"));
        let what = format!("dataset {at}");
        let range = Some(ScanRange::new(0, MAX_DATASET));
        match self.results.read(Read { range, ..Read::whole(&at) }).await {
            Ok(opened) if opened.object.size > MAX_DATASET => {
                let reason = format!("it has {} bytes, at most {MAX_DATASET} are possible", opened.object.size);
                Err(MessageError { what, reason }.into())
            }
            Ok(opened) => {
                let bytes = opened.bytes().await?;
                let dataset: Dataset = from_json(&what, &bytes)?;
                dataset.validate(&what)?;
                Ok(Some(NamedDataset { name: Some(name.to_owned()), dataset }))
            }
            Err(StoreError::NoSuchObject { .. }) => Ok(None),
            Err(StoreError::OutOfRange { .. }) => Err(MessageError { what, reason: "it is empty".to_owned() }.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the dataset that a job means: the named one, its own, or the empty one.
    ///
    /// # Errors
    ///
    /// [`PlannerError`] where the named one is not there, or where a dataset is not valid.
    pub async fn dataset(&self, wanted: Option<&DatasetRef>) -> Result<NamedDataset, PlannerError> {
        match wanted {
            None => Ok(NamedDataset::default()),
            Some(DatasetRef::Inline(dataset)) => {
                dataset.validate("job: dataset")?;
                Ok(NamedDataset { name: None, dataset: Dataset::clone(dataset) })
            }
            Some(DatasetRef::Name(name)) => {
                let missing = || {
                    let datasets = self.config.datasets();
                    invalid(format!(
                        "dataset {name:?}: there is no object {}{name}.json in {}",
                        datasets.key, datasets.bucket
                    ))
                };
                self.dataset_if_any(name).await?.ok_or_else(missing)
            }
        }
    }
}
