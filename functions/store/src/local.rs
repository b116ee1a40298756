//! The store of local files: folders are buckets, paths are keys.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use bytes::Bytes;
use fanout_core::{Location, ObjectVersion, ScanRange};
use futures::stream::{self, StreamExt};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::{Body, ObjectWriter, OpenObject, Read, Store, StoreError};

/// Bytes of a piece that is read.
const PIECE: usize = 256 << 10;

/// Pieces that are read ahead of the reader.
const AHEAD: usize = 2;

/// Folders as buckets, paths below them as keys.
///
/// A file's ETag is made of its size and its time of change. So a file that is overwritten during a run
/// is found out as an object in S3 is, unless the clock stands still.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalStore;

fn path(at: &Location) -> PathBuf {
    Path::new(&at.bucket).join(&at.key)
}

fn etag(metadata: &Metadata) -> String {
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{:x}-{:x}", metadata.len(), changed.as_nanos())
}

fn read_error(at: &Location, error: io::Error) -> StoreError {
    let (at, kind, reason) = (at.clone(), error.kind(), error.into());
    match kind {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StoreError::NoSuchObject { at, reason },
        io::ErrorKind::PermissionDenied => StoreError::AccessDenied { at, reason },
        _ => StoreError::Unavailable { at, reason },
    }
}

fn write_error(at: &Location, error: io::Error) -> StoreError {
    StoreError::Unwritable { at: at.clone(), reason: error.into() }
}

/// Runs file work where it may block.
async fn blocking<T: Send + 'static>(
    at: &Location,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let lost = |error: tokio::task::JoinError| StoreError::Unavailable { at: at.clone(), reason: error.into() };
    spawn_blocking(work).await.map_err(lost)?
}

#[async_trait]
impl Store for LocalStore {
    async fn read(&self, read: Read<'_>) -> Result<OpenObject, StoreError> {
        let at = read.at.clone();
        let (asked, if_match) = (read.range, read.if_match.map(str::to_owned));
        blocking(read.at, move || open(at, asked, if_match)).await
    }

    async fn put(&self, at: &Location, body: Bytes) -> Result<(), StoreError> {
        let place = at.clone();
        blocking(at, move || {
            let mut upload = FileWriter::create(place)?;
            let Some(file) = &mut upload.file else { return Ok(()) };
            let written = file.write_all(&body).and_then(|()| std::fs::rename(&upload.temporary, path(&upload.at)));
            written.map_err(|error| write_error(&upload.at, error))
        })
        .await
    }

    async fn create(&self, at: &Location) -> Result<Box<dyn ObjectWriter>, StoreError> {
        let upload = blocking(at, {
            let at = at.clone();
            move || FileWriter::create(at)
        });
        Ok(Box::new(upload.await?))
    }

    async fn delete(&self, at: &Location) -> Result<(), StoreError> {
        let place = at.clone();
        blocking(at, move || match std::fs::remove_file(path(&place)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(write_error(&place, error)),
            _ => Ok(()),
        })
        .await
    }
}

fn open(at: Location, asked: Option<ScanRange>, if_match: Option<String>) -> Result<OpenObject, StoreError> {
    let mut file = File::open(path(&at)).map_err(|error| read_error(&at, error))?;
    let metadata = file.metadata().map_err(|error| read_error(&at, error))?;
    if !metadata.is_file() {
        return Err(StoreError::NoSuchObject { at, reason: "not a file".into() });
    }
    let (etag, size) = (etag(&metadata), metadata.len());
    if let Some(expected) = if_match.filter(|expected| *expected != etag) {
        return Err(StoreError::Changed { at, expected, found: etag });
    }
    let range = match asked {
        Some(range) if range.start >= size => return Err(StoreError::OutOfRange { at, range }),
        Some(range) => ScanRange::new(range.start, range.end.min(size)),
        None => ScanRange::new(0, size),
    };
    file.seek(SeekFrom::Start(range.start)).map_err(|error| read_error(&at, error))?;
    let object =
        ObjectVersion { bucket: at.bucket.clone(), key: at.key.clone(), version_id: None, etag: etag.clone(), size };
    Ok(OpenObject::new(object, range, pieces(file, at, etag, range)))
}

/// Reads ahead on a thread of its own, so that reading overlaps the work on what was read.
fn pieces(mut file: File, at: Location, planned: String, range: ScanRange) -> Body {
    let (sender, receiver) = mpsc::channel(AHEAD);
    spawn_blocking(move || {
        let mut left = range.len();
        while left > 0 {
            let most = left.min(PIECE as u64);
            let mut piece = Vec::with_capacity(most as usize);
            match (&mut file).take(most).read_to_end(&mut piece) {
                // A file that became shorter ends early; the reader of the body says so.
                Ok(0) => return,
                Ok(read) => left -= read as u64,
                Err(error) => {
                    let _ = sender.blocking_send(Err(read_error(&at, error)));
                    return;
                }
            }
            // Overwritten in place while it was read: the bytes may be of either file.
            let now = file.metadata().map(|metadata| etag(&metadata)).unwrap_or_default();
            let piece = if now == planned {
                Ok(Bytes::from(piece))
            } else {
                Err(StoreError::Changed { at: at.clone(), expected: planned.clone(), found: now })
            };
            // Nobody listens any more: the reader has what it needs.
            if sender.blocking_send(piece).is_err() {
                return;
            }
        }
    });
    stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|piece| (piece, receiver)) }).boxed()
}

/// A file that gets its name when it is complete.
struct FileWriter {
    at: Location,
    file: Option<File>,
    temporary: PathBuf,
}

impl FileWriter {
    fn create(at: Location) -> Result<Self, StoreError> {
        let target = path(&at);
        let fail = |error: io::Error| write_error(&at, error);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let temporary = target.with_file_name(name);
        let file = File::create(&temporary).map_err(fail)?;
        Ok(Self { at, file: Some(file), temporary })
    }

    /// Takes the file to a thread that may block, and back.
    async fn with_file(
        &mut self,
        work: impl FnOnce(&mut File) -> io::Result<()> + Send + 'static,
    ) -> Result<(), StoreError> {
        let at = self.at.clone();
        let Some(mut file) = self.file.take() else {
            return Err(StoreError::Unwritable { at, reason: "an earlier write failed".into() });
        };
        let file = blocking(&self.at, move || {
            work(&mut file).map_err(|error| write_error(&at, error))?;
            Ok(file)
        });
        self.file = Some(file.await?);
        Ok(())
    }
}

#[async_trait]
impl ObjectWriter for FileWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.with_file(move |file| file.write_all(&bytes)).await
    }

    async fn finish(mut self: Box<Self>) -> Result<(), StoreError> {
        let (from, to) = (self.temporary.clone(), path(&self.at));
        self.with_file(move |_| std::fs::rename(from, to)).await
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        // Gone already after `finish`; what can't be removed is named `.partial`.
        let _ = std::fs::remove_file(&self.temporary);
    }
}
