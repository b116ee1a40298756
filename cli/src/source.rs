//! The object that a command reads: a local file or an object in S3.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use fanout_core::{Location, ObjectVersion};
use fanout_store::{LocalStore, S3Store, Store, StoreError};
use tempfile::TempDir;

use crate::watched::Watched;
use crate::{CliError, argument};

/// The name of the file that takes the bytes of standard input.
const STDIN: &str = "stdin";

/// The object that a command is about, and the store that has it.
pub struct Source {
    /// The store.
    pub store: Arc<dyn Store>,
    /// A bucket, or a folder.
    pub bucket: String,
    /// A key, or a file's name.
    pub key: String,
    /// The folder of a file that is removed when the source is dropped.
    spooled: Option<TempDir>,
}

impl Source {
    /// The object that `text` names: `s3://bucket/key`, or a file's path. The object itself is not read.
    ///
    /// # Errors
    ///
    /// [`CliError::Argument`] where the text is neither, and [`CliError::Store`] where the file's folder
    /// cannot be found.
    pub async fn open(text: &str) -> Result<Self, CliError> {
        let invalid = |reason: &str| argument(&format!("object {text:?}"), reason);
        if let Some(place) = text.strip_prefix("s3://") {
            return match place.split_once('/') {
                Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                    Ok(Self::new(Arc::new(S3Store::from_env().await), bucket, key))
                }
                _ => Err(invalid("expected s3://bucket/key")),
            };
        }
        let path = Path::new(text);
        if path.is_dir() {
            let files = path.join("*.csv");
            return Err(invalid(&format!("it is a folder: name its files, as in '{}'", files.display())));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (Some(name), Some(folder_text)) = (path.file_name().and_then(|name| name.to_str()), folder.to_str()) else {
            return Err(invalid("expected the path of a file, or s3://bucket/key"));
        };
        let bucket = match folder.canonicalize() {
            Ok(folder) => folder.to_string_lossy().into_owned(),
            Err(error) => {
                // The folder as an absolute path, which tells a file from an object.
                let folder = std::path::absolute(folder_text).unwrap_or_else(|_| folder.to_owned());
                let at = Location::new(&folder.to_string_lossy(), name);
                return Err(StoreError::NoSuchObject { at, reason: error.into() }.into());
            }
        };
        Ok(Self::new(Arc::new(LocalStore), &bucket, name))
    }

    /// The object `key` of `bucket` in a store.
    pub fn new(store: Arc<dyn Store>, bucket: &str, key: &str) -> Self {
        Source { store, bucket: bucket.to_owned(), key: key.to_owned(), spooled: None }
    }

    /// The bytes of `input` in a file of a temporary folder, which is removed with the source: they are read more
    /// than once. `bytes` counts them.
    ///
    /// # Errors
    ///
    /// [`CliError::Read`] where the input cannot be read, and [`CliError::Write`] where the file cannot be
    /// written.
    pub async fn spool(input: impl Read + Send + 'static, bytes: Arc<AtomicU64>) -> Result<Self, CliError> {
        // It is dropped with this future, whatever becomes of the thread that reads.
        let folder = tempfile::Builder::new().prefix("fanout-").tempdir().map_err(unwritable)?;
        let place = folder.path().canonicalize().map_err(unwritable)?;
        let file = File::create_new(place.join(STDIN)).map_err(unwritable)?;
        let copied = tokio::task::spawn_blocking(move || copy(input, file, &bytes)).await;
        copied.map_err(|lost| CliError::Internal(lost.to_string()))??;
        let source = Self::new(Arc::new(LocalStore), &place.to_string_lossy(), STDIN);
        Ok(Source { spooled: Some(folder), ..source })
    }

    /// The object of a plan, in the store that it was planned from.
    pub(crate) async fn planned(object: &ObjectVersion) -> Self {
        let store: Arc<dyn Store> =
            if object.location().is_file() { Arc::new(LocalStore) } else { Arc::new(S3Store::from_env().await) };
        Self::new(store, &object.bucket, &object.key)
    }

    /// The same source, whose bytes are counted as they come.
    #[must_use]
    pub fn watched(self, bytes: Arc<AtomicU64>) -> Self {
        Source { store: Arc::new(Watched::new(self.store, bytes)), ..self }
    }

    /// Tells whether the object is gone when the source is dropped.
    pub fn is_spooled(&self) -> bool {
        self.spooled.is_some()
    }
}

fn unwritable(source: io::Error) -> CliError {
    CliError::Write { path: "a temporary file for standard input".to_owned(), source }
}

/// Copies an input to its end, and counts its bytes.
fn copy(mut input: impl Read, mut file: File, bytes: &AtomicU64) -> Result<(), CliError> {
    let mut piece = vec![0; 1 << 20];
    loop {
        match input.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                file.write_all(&piece[..read]).map_err(unwritable)?;
                bytes.fetch_add(read as u64, Relaxed);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(CliError::Read { path: "standard input".to_owned(), source }),
        }
    }
}
