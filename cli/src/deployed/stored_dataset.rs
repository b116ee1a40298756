//! Datasets in the results bucket, where jobs and uploads find them by their names.

use bytes::Bytes;
use fanout_core::message::{Dataset, to_json_pretty};
use fanout_core::{Location, is_run_id};
use fanout_store::{Read, Store, StoreError};
use serde::Serialize;

use super::Deployment;
use crate::{CliError, argument};

/// The folder of datasets, and the end of their names.
const FOLDER: &str = "datasets/";
const END: &str = ".json";

/// A dataset in the results bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredDataset {
    /// The name.
    pub name: String,
    /// The size in bytes.
    pub bytes: u64,
    /// The time of its last change, in seconds since 1970-01-01T00:00:00Z.
    pub modified: i64,
}

impl Deployment {
    /// Stores a dataset under a name, in place of one that is there if it may.
    ///
    /// # Errors
    ///
    /// [`CliError::Argument`] where the name is none, [`CliError::Exists`] where a dataset of that name is there, and
    /// [`StoreError`] where the bucket cannot be used.
    pub async fn push_dataset(&self, name: &str, dataset: &Dataset, replace: bool) -> Result<Location, CliError> {
        if !is_run_id(name) {
            return Err(argument(&format!("--name {name:?}"), "expected 1 to 80 characters of [0-9A-Za-z_-]"));
        }
        let at = self.results("the results bucket")?.join(&format!("{FOLDER}{name}{END}"));
        let read = Read { at: &at, version_id: None, range: None, if_match: None };
        match self.store.read(read).await {
            Ok(_) if !replace => return Err(CliError::Exists { path: format!("s3://{at}") }),
            Ok(_) | Err(StoreError::NoSuchObject { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.store.put(&at, Bytes::from(to_json_pretty("dataset", dataset)?)).await?;
        Ok(at)
    }

    /// Returns the datasets of the results bucket, by their names.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the bucket cannot be used.
    pub async fn datasets(&self) -> Result<Vec<StoredDataset>, CliError> {
        let folder = self.results("the results bucket")?.join(FOLDER);
        let mut found = Vec::new();
        self.store
            .list(&folder, |object| {
                let name = object.key.strip_prefix(folder.key.as_str()).and_then(|rest| rest.strip_suffix(END));
                if let Some(name) = name.filter(|name| is_run_id(name)) {
                    found.push(StoredDataset { name: name.to_owned(), bytes: object.size, modified: object.modified });
                }
            })
            .await?;
        // The end of their keys, which a name lacks, has another place among its characters.
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }
}
