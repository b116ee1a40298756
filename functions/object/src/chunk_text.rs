//! The text of a chunk: the object's bytes, or what a compressed object decompresses to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Buf, Bytes};
use fanout_core::{Compression, Encoding, ObjectVersion, Utf16Transcoder};
use fanout_store::{Store, StoreError};
use futures::stream;

use crate::chunk_reader::ChunkReader;
use crate::decompress::Decompress;

/// The text of a chunk as it is scanned: its bytes as they are, or what they decompress to; of UTF-16
/// transcoded to UTF-8.
pub struct ChunkText<'s> {
    kind: Kind<'s>,
    utf16: Option<Utf16Transcoder>,
}

enum Kind<'s> {
    Plain(ChunkReader<'s>),
    /// A chunk that is the whole object, with the nanoseconds spent waiting for its bytes.
    Compressed(Box<Decompress<'s>>, Arc<AtomicU64>),
}

impl<'s> ChunkText<'s> {
    /// The text of an object that is not compressed: the bytes of `reader`.
    pub fn plain(reader: ChunkReader<'s>) -> Self {
        Self { kind: Kind::Plain(reader), utf16: None }
    }

    /// The text of the whole object.
    pub fn compressed(store: &'s dyn Store, object: &'s ObjectVersion, compression: Compression) -> Self {
        let reader = ChunkReader::new(store, object, 0, object.size);
        let waited = Arc::new(AtomicU64::new(0));
        let pieces = stream::unfold((reader, waited.clone()), |(mut reader, waited)| async {
            let piece = reader.next().await.transpose();
            waited.store(reader.read_time().as_nanos() as u64, Ordering::Relaxed);
            piece.map(|piece| (piece, (reader, waited)))
        });
        let text = Box::new(Decompress::new(&object.location(), compression, pieces));
        Self { kind: Kind::Compressed(text, waited), utf16: None }
    }

    /// The same for a text in this encoding, whose first byte to be read begins a unit.
    pub fn in_encoding(self, encoding: Encoding) -> Self {
        Self { utf16: encoding.is_utf16().then(|| Utf16Transcoder::new(encoding)), ..self }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// As [`ChunkReader::next`], and [`StoreError::Corrupt`] where a compressed stream is damaged or
    /// truncated.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        loop {
            let piece = self.next_raw().await?;
            let ended = piece.is_none();
            let text = self.scanned(piece.unwrap_or_default(), ended);
            if ended || !text.is_empty() {
                return Ok((!text.is_empty()).then_some(text));
            }
        }
    }

    /// The next piece of the range that is being read; `None` at its end, and always for a compressed object.
    ///
    /// # Errors
    ///
    /// As [`ChunkText::next`].
    pub async fn next_of_range(&mut self) -> Result<Option<Bytes>, StoreError> {
        let Kind::Plain(reader) = &mut self.kind else { return Ok(None) };
        match reader.next_of_range().await? {
            Some(piece) => Ok(Some(self.scanned(piece, false))),
            None => {
                let ends = reader.ends_object();
                let text = self.scanned(Bytes::new(), ends);
                Ok((!text.is_empty()).then_some(text))
            }
        }
    }

    /// Tells whether the range that is being read is the last one of the object.
    pub fn ends_object(&self) -> bool {
        match &self.kind {
            Kind::Plain(reader) => reader.ends_object(),
            Kind::Compressed(..) => false,
        }
    }

    /// Passes over this many bytes, before they are transcoded; returns the text that was read with them.
    ///
    /// # Errors
    ///
    /// As [`ChunkText::next`].
    pub async fn skip(&mut self, bytes: u64) -> Result<Bytes, StoreError> {
        let mut left = bytes;
        while left > 0 {
            let Some(mut piece) = self.next_raw().await? else { break };
            let passed = left.min(piece.len() as u64);
            left -= passed;
            piece.advance(passed as usize);
            if !piece.is_empty() {
                return Ok(self.scanned(piece, false));
            }
        }
        Ok(Bytes::new())
    }

    async fn next_raw(&mut self) -> Result<Option<Bytes>, StoreError> {
        match &mut self.kind {
            Kind::Plain(reader) => reader.next().await,
            Kind::Compressed(text, _) => text.next().await,
        }
    }

    /// The text of a piece as far as it is certain; all that is left of it where the text ends.
    fn scanned(&mut self, piece: Bytes, ends: bool) -> Bytes {
        let Some(transcoder) = &mut self.utf16 else { return piece };
        let mut text = Vec::new();
        transcoder.push(&piece, &mut text);
        if ends {
            transcoder.finish(&mut text);
        }
        text.into()
    }

    /// Bytes of the object fetched so far.
    pub fn bytes_read(&self) -> u64 {
        match &self.kind {
            Kind::Plain(reader) => reader.bytes_read(),
            Kind::Compressed(text, _) => text.taken(),
        }
    }

    /// Returns the time spent waiting for bytes of the object.
    pub fn read_time(&self) -> Duration {
        match &self.kind {
            Kind::Plain(reader) => reader.read_time(),
            Kind::Compressed(_, waited) => Duration::from_nanos(waited.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use fanout_core::{LOOK_AHEAD, Location};
    use fanout_store::{MemoryStore, Read};

    use super::*;

    /// A store of one object, and its version.
    async fn store(bytes: Vec<u8>) -> (MemoryStore, ObjectVersion) {
        let (store, at) = (MemoryStore::new(), Location { bucket: "b".into(), key: "k".into() });
        store.insert(&at, bytes.into());
        let opened = store.read(Read { at: &at, version_id: None, range: None, if_match: None }).await.unwrap();
        let object = opened.object.clone();
        (store, object)
    }

    async fn rest(text: &mut ChunkText<'_>) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(piece) = text.next().await.unwrap() {
            all.extend_from_slice(&piece);
        }
        all
    }

    #[tokio::test]
    async fn utf16_is_read_from_every_unit_plain_and_compressed() {
        // More than one read.
        let text = "a,\u{1f600}\n".repeat(LOOK_AHEAD as usize / 4);
        let units: Vec<u16> = text.encode_utf16().collect();
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).chain([7]).collect();
        let (plain, object) = store(bytes.clone()).await;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&bytes).unwrap();
        let (gzip, compressed) = store(encoder.finish().unwrap()).await;
        for skipped in 0..10 {
            let mut expected = Vec::new();
            let mut transcoder = Utf16Transcoder::new(Encoding::UTF_16BE);
            transcoder.push(&bytes[2 * skipped..], &mut expected);
            transcoder.finish(&mut expected);
            let start = 2 * skipped as u64;
            let reader = ChunkReader::new(&plain, &object, start, start + 2);
            let mut text = ChunkText::plain(reader).in_encoding(Encoding::UTF_16BE);
            assert!(rest(&mut text).await == expected, "from unit {skipped}");
            let text = ChunkText::compressed(&gzip, &compressed, Compression::Gzip);
            let mut text = text.in_encoding(Encoding::UTF_16BE);
            let mut found = text.skip(start).await.unwrap().to_vec();
            found.extend(rest(&mut text).await);
            assert!(found == expected, "compressed, from unit {skipped}");
        }
    }
}
