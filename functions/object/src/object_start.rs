use bytes::{Bytes, BytesMut};
use fanout_core::message::Dataset;
use fanout_core::{
    Code, Coded, Compression, Encoding, Header, HeaderError, Location, ObjectVersion, ScanRange, read_header,
};
use fanout_store::{Read, Store, StoreError};
use futures::StreamExt;
use thiserror::Error;

use crate::decompress::text_of_prefix;

/// Bytes of the first read for a header, which carries the object's size and ETag as well.
const PREFIX: u64 = 64 << 10;

/// Bytes that the text of a compressed object may have beyond its longest record before its header
/// must have been seen: few bytes can give very many.
const TEXT_BEYOND_RECORD: usize = 1 << 20;

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

    async fn find_text(&mut self) -> Result<(), StoreError> {
        self.compression = Compression::of(&self.prefix);
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
    #[error("{at}: the object is empty")]
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

/// Reads an object from its start until its header is seen: one GET of 64 KiB where the header is no
/// longer, each further one four times as far.
///
/// # Errors
///
/// [`HeaderReadError`] where the object is empty, cannot be read, or has no header that `dataset` allows.
pub async fn read_object_header<'s>(
    store: &'s dyn Store,
    at: Location,
    version_id: Option<&str>,
    dataset: &Dataset,
    encoding: Encoding,
) -> Result<(ObjectStart<'s>, Header), HeaderReadError> {
    let most_text = dataset.max_record().saturating_add(TEXT_BEYOND_RECORD);
    let mut start = match ObjectStart::read(store, at, version_id, PREFIX, most_text).await {
        Err(StoreError::OutOfRange { at, .. }) => return Err(HeaderReadError::Empty { at }),
        start => start?,
    };
    let mut end = PREFIX;
    loop {
        let refuse = |source| HeaderReadError::Header { at: start.at.clone(), source: Box::new(source) };
        if let Some(header) = read_header(&start.text, start.text_size(), dataset, encoding).map_err(refuse)? {
            return Ok((start, header));
        }
        if start.compression.is_some() && start.text.len() > most_text {
            return Err(refuse(HeaderError::Missing { size: start.text.len() as u64 }));
        }
        end = end.saturating_mul(4);
        start.extend(end).await?;
    }
}
