//! The object that a command reads: a local file or an object in S3.

use std::path::Path;
use std::sync::Arc;

use fanout_store::{LocalStore, S3Store, Store, StoreError};

use crate::CliError;

/// The object that a command is about, and the store that has it.
pub struct Source {
    /// The store.
    pub store: Arc<dyn Store>,
    /// A bucket, or a folder.
    pub bucket: String,
    /// A key, or a file's name.
    pub key: String,
}

impl Source {
    /// The object that `text` names: `s3://bucket/key`, or a file's path. The object itself is not read.
    ///
    /// # Errors
    ///
    /// [`CliError::Argument`] where the text is neither, and [`CliError::Store`] where the file's folder
    /// cannot be found.
    pub async fn open(text: &str) -> Result<Self, CliError> {
        let invalid = |reason: &'static str| CliError::Argument { argument: format!("object {text:?}"), reason };
        if let Some(place) = text.strip_prefix("s3://") {
            return match place.split_once('/') {
                Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                    let store = Arc::new(S3Store::from_env().await);
                    Ok(Source { store, bucket: bucket.to_owned(), key: key.to_owned() })
                }
                _ => Err(invalid("expected s3://bucket/key")),
            };
        }
        let path = Path::new(text);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (Some(name), Some(folder_text)) = (path.file_name().and_then(|name| name.to_str()), folder.to_str()) else {
            return Err(invalid("expected the path of a file, or s3://bucket/key"));
        };
        let bucket = match folder.canonicalize() {
            Ok(folder) => folder.to_string_lossy().into_owned(),
            Err(error) => {
                let at = fanout_core::Location { bucket: folder_text.to_owned(), key: name.to_owned() };
                return Err(StoreError::NoSuchObject { at, reason: error.into() }.into());
            }
        };
        Ok(Source { store: Arc::new(LocalStore), bucket, key: name.to_owned() })
    }
}
