//! The first bytes of an object, read to know its version, its compression and its header.

use bytes::{Bytes, BytesMut};
use fanout_core::{
    Code, Coded, Compression, FIRST_SAMPLE, HeaderError, Location, ObjectVersion, Samples, ScanRange, Window,
    sample_windows,
};
use fanout_store::{Read, Store, StoreError};
use futures::StreamExt;
use thiserror::Error;

use crate::decompress::text_of_prefix;
use crate::zip::{TAIL, check_directory};

/// The first bytes of an object, and of its text.
///
/// The first read finds out which version the object has; later ones ask for the same.
pub struct ObjectStart<'s> {
    store: &'s dyn Store,
    at: Location,
    most_text: usize,
    object: ObjectVersion,
    prefix: BytesMut,
    compression: Option<Compression>,
    text: Bytes,
    text_size: Option<u64>,
}

impl<'s> ObjectStart<'s> {
    /// Reads the first `bytes` bytes of the object at `at`, or of one version of it.
    ///
    /// `most_text` bounds the text of a compressed object, in bytes.
    ///
    /// # Errors
    ///
    /// [`StoreError::OutOfRange`] where the object is empty, and every other error of the store or of a
    /// damaged compressed stream.
    pub async fn read(
        store: &'s dyn Store,
        at: Location,
        version_id: Option<&str>,
        bytes: u64,
        most_text: usize,
    ) -> Result<ObjectStart<'s>, StoreError> {
        let range = Some(ScanRange::new(0, bytes.max(1)));
        let opened = store.read(Read { at: &at, version_id, range, if_match: None }).await?;
        let object = opened.object.clone();
        let prefix = BytesMut::from(&opened.bytes().await?[..]);
        let (compression, text, text_size) = (None, Bytes::new(), None);
        let mut start = ObjectStart { store, at, most_text, object, prefix, compression, text, text_size };
        start.find_text().await?;
        Ok(start)
    }

    /// Reads on up to `end` bytes of the object, or to its end.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] where the object is another one by now, and as [`ObjectStart::read`].
    pub async fn extend(&mut self, end: u64) -> Result<(), StoreError> {
        if self.prefix.len() as u64 >= self.object.size {
            return self.find_text().await;
        }
        let range = ScanRange::new(self.prefix.len() as u64, end.min(self.object.size));
        let read = Read {
            at: &self.at,
            version_id: self.object.version_id.as_deref(),
            range: Some(range),
            if_match: Some(&self.object.etag),
        };
        let mut body = self.store.read(read).await?.body;
        while let Some(piece) = body.next().await {
            self.prefix.extend_from_slice(&piece?);
        }
        self.find_text().await
    }

    /// Reads the further samples side by side; none of a compressed object.
    async fn windows(&self) -> Result<Vec<(u64, Bytes)>, StoreError> {
        if self.compression.is_some() {
            return Ok(Vec::new());
        }
        let ranges = sample_windows(self.object.size, self.prefix.len() as u64);
        let read = |range: ScanRange| async move {
            let read = Read {
                at: &self.at,
                version_id: self.object.version_id.as_deref(),
                range: Some(range),
                if_match: Some(&self.object.etag),
            };
            Ok::<_, StoreError>((range.start, self.store.read(read).await?.bytes().await?))
        };
        futures::future::try_join_all(ranges.into_iter().map(read)).await
    }

    async fn find_text(&mut self) -> Result<(), StoreError> {
        let known = self.compression;
        self.compression = Compression::of(&self.prefix);
        if self.compression == Some(Compression::Zip) && known.is_none() {
            self.check_zip().await?;
        }
        let prefix = self.prefix.clone().freeze();
        (self.text, self.text_size) = match self.compression {
            None => (prefix, Some(self.object.size)),
            Some(compression) => {
                let whole = prefix.len() as u64 >= self.object.size;
                let (text, whole) = text_of_prefix(&self.at, compression, prefix, whole, self.most_text).await?;
                let size = whole.then_some(text.len() as u64);
                (text.into(), size)
            }
        };
        Ok(())
    }

    /// Refuses a zip archive that its directory, at the end of the object, shows not to be one of one file.
    async fn check_zip(&self) -> Result<(), StoreError> {
        let size = self.object.size;
        if self.prefix.len() as u64 >= size {
            return check_directory(&self.at, &self.prefix, size);
        }
        let read = Read {
            at: &self.at,
            version_id: self.object.version_id.as_deref(),
            range: Some(ScanRange::new(size.saturating_sub(TAIL), size)),
            if_match: Some(&self.object.etag),
        };
        check_directory(&self.at, &self.store.read(read).await?.bytes().await?, size)
    }

    /// Returns the object as the first read found it.
    pub fn object(&self) -> &ObjectVersion {
        &self.object
    }

    /// Returns how the object is compressed, if it is.
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// Returns the bytes of the object that were read.
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// Returns the first bytes of the text.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns the size of the whole text in bytes, or `u64::MAX` where it is not known yet.
    pub fn text_size(&self) -> u64 {
        self.text_size.unwrap_or(u64::MAX)
    }
}

/// An object whose header cannot be read.
#[derive(Debug, Error)]
pub enum HeaderReadError {
    /// The object has no byte.
    #[error("{at}: it is empty")]
    Empty {
        /// The object.
        at: Location,
    },
    /// The header cannot be used.
    #[error("{at}: {source}")]
    Header {
        /// The object.
        at: Location,
        /// The cause.
        source: Box<HeaderError>,
    },
    /// The object cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for HeaderReadError {
    fn code(&self) -> Code {
        match self {
            HeaderReadError::Empty { .. } => Code::EmptyObject,
            HeaderReadError::Header { source, .. } => source.code(),
            HeaderReadError::Store(error) => error.code(),
        }
    }
}

/// The samples of an object: its beginning, and pieces of 64 KiB over the rest of it.
pub struct ObjectSamples<'s> {
    start: ObjectStart<'s>,
    windows: Vec<(u64, Bytes)>,
}

impl<'s> ObjectSamples<'s> {
    /// Returns the beginning.
    pub fn start(&self) -> &ObjectStart<'s> {
        &self.start
    }

    /// Passes the samples to `use_samples`.
    pub fn with<T>(&self, use_samples: impl FnOnce(&Samples<'_>) -> T) -> T {
        let windows: Vec<Window<'_>> =
            self.windows.iter().map(|(offset, bytes)| Window { offset: *offset, bytes }).collect();
        let text = self.start.text();
        use_samples(&Samples { first: text, whole: text.len() as u64 >= self.start.text_size(), windows: &windows })
    }
}

/// Reads samples of an object until `find` has found what it looks for: the first MiB, then up to 16 pieces of
/// 64 KiB side by side, all of one version. Where `find` asks for more, the beginning is read four times
/// as far, and so on. Of a compressed object there is the beginning of its text alone.
///
/// # Errors
///
/// [`HeaderReadError`] where the object is empty or cannot be read, and where `find` fails.
pub async fn read_samples<'s, T>(
    store: &'s dyn Store,
    at: Location,
    version_id: Option<&str>,
    max_record: usize,
    find: impl Fn(&Samples<'_>, u64) -> Result<Option<T>, HeaderError>,
) -> Result<(ObjectSamples<'s>, T), HeaderReadError> {
    let mut most_text = FIRST_SAMPLE as usize;
    let start = match ObjectStart::read(store, at, version_id, FIRST_SAMPLE, most_text).await {
        Err(StoreError::OutOfRange { at, .. }) => return Err(HeaderReadError::Empty { at }),
        start => start?,
    };
    let windows = start.windows().await?;
    let mut samples = ObjectSamples { start, windows };
    let mut end = FIRST_SAMPLE;
    loop {
        let start = &samples.start;
        let refuse = |source| HeaderReadError::Header { at: start.at.clone(), source: Box::new(source) };
        if let Some(found) = samples.with(|samples| find(samples, start.text_size())).map_err(refuse)? {
            return Ok((samples, found));
        }
        if start.text.len() > max_record.saturating_add(FIRST_SAMPLE as usize) {
            return Err(refuse(HeaderError::Missing { size: start.text.len() as u64 }));
        }
        end = end.saturating_mul(4);
        most_text = most_text.saturating_mul(4);
        samples.start.most_text = most_text;
        samples.start.extend(end).await?;
    }
}
