//! Streaming decompression of gzip and Zstandard. Memory does not grow with the object.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use async_compression::tokio::bufread::{BzDecoder, GzipDecoder, XzDecoder, ZstdDecoder};
use bytes::{Bytes, BytesMut};
use fanout_core::{Compression, Location};
use futures::Stream;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt, ReadBuf};
use tokio_util::io::StreamReader;

use fanout_store::StoreError;

use crate::zip::ZipEntry;

/// Bytes of a piece of text.
const PIECE: usize = 256 << 10;

/// Bytes that the decoder of xz takes at most. Its level 9 needs 65 MiB.
const XZ_MEMORY: u64 = 256 << 20;

/// Bytes of text that one byte of an object may become, and the text up to which that does not matter. gzip makes at most
/// 1,032 of one; files of records stay far below.
const MAX_RATIO: u64 = 10_000;
const ANY_RATIO: u64 = 64 << 20;

/// Answers of decoders to what needs more memory than they take, and the remedies.
const TOO_LARGE: [(&str, &str); 2] = [
    (
        "too much memory",
        "the zstd file needs a window of more than 128 MiB, as `zstd --long=28` and above write it: \
         compress it again with `zstd -d --long=31 < old | zstd > new`",
    ),
    (
        "emory limit",
        "the xz file needs more than 256 MiB of memory, as a dictionary beyond that of `xz -9` does: \
         compress it again with `xz -d < old | xz > new`",
    ),
];

/// The text of a compressed object, read in pieces as they are needed.
///
/// All members of a gzip (RFC 1952), all frames of a zstd (RFC 8878), and all streams of a bzip2 or an
/// xz, one after another; of a zip its one file. Whatever
/// the object's size, only a piece of text, a piece of the object, and the decoder's window are in
/// memory. The window of zstd has 128 MiB at most; the usual levels write 8 MiB.
pub(crate) struct Decompress<'s> {
    at: Location,
    compression: Compression,
    decoder: Pin<Box<dyn AsyncRead + Send + 's>>,
    taken: Arc<AtomicU64>,
    given: u64,
    /// A fault that was seen while bytes before it were still to be given.
    fault: Option<StoreError>,
}

impl<'s> Decompress<'s> {
    /// A reader of the object at `at`, whose bytes, from its first one on, are `pieces`.
    pub(crate) fn new(
        at: &Location,
        compression: Compression,
        pieces: impl Stream<Item = Result<Bytes, StoreError>> + Send + 's,
    ) -> Self {
        let taken = Arc::new(AtomicU64::new(0));
        let pieces = futures::StreamExt::map(pieces, |piece| piece.map_err(io::Error::other));
        let object = CountingReader { inner: StreamReader::new(Box::pin(pieces)), taken: taken.clone() };
        let decoder: Pin<Box<dyn AsyncRead + Send + 's>> = match compression {
            Compression::Gzip => {
                let mut decoder = GzipDecoder::new(object);
                decoder.multiple_members(true);
                Box::pin(decoder)
            }
            Compression::Zstd => {
                let mut decoder = ZstdDecoder::new(object);
                decoder.multiple_members(true);
                Box::pin(decoder)
            }
            Compression::Bzip2 => {
                let mut decoder = BzDecoder::new(object);
                decoder.multiple_members(true);
                Box::pin(decoder)
            }
            Compression::Xz => {
                let mut decoder = XzDecoder::with_mem_limit(object, XZ_MEMORY);
                decoder.multiple_members(true);
                Box::pin(decoder)
            }
            Compression::Zip => {
                let next = |mut zip: ZipEntry<_>| async {
                    let piece = zip.next().await?;
                    Ok::<_, io::Error>(piece.map(|piece| (piece, zip)))
                };
                let pieces = futures::stream::try_unfold(ZipEntry::new(at.clone(), object), next);
                Box::pin(StreamReader::new(Box::pin(pieces)))
            }
        };
        Self { at: at.clone(), compression, decoder, taken, given: 0, fault: None }
    }

    /// The next piece of the text; `None` at its end, which is that of the object. A damaged or truncated
    /// stream ends with [`StoreError::Corrupt`].
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let mut piece = BytesMut::with_capacity(PIECE);
        while piece.len() < PIECE {
            match self.decoder.read_buf(&mut piece).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    let fault = self.fault(error, piece.len() as u64);
                    if piece.is_empty() {
                        return Err(fault);
                    }
                    // What came before the fault is good.
                    self.fault = Some(fault);
                    break;
                }
            }
        }
        self.given += piece.len() as u64;
        if self.given > ANY_RATIO.max(self.taken().saturating_mul(MAX_RATIO)) {
            let reason = format!(
                "{} bytes of the {} became {} bytes of text, more than {MAX_RATIO} of each: it is no file of records",
                self.taken(),
                self.at.noun(),
                self.given
            );
            return Err(StoreError::NotText { at: self.at.clone(), reason });
        }
        Ok((!piece.is_empty()).then(|| piece.freeze()))
    }

    /// Bytes of the object that the decoder has taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    fn fault(&self, error: io::Error, ahead: u64) -> StoreError {
        let text = error.to_string();
        if let Some((_, remedy)) = TOO_LARGE.iter().find(|(sign, _)| text.contains(sign)) {
            return StoreError::NotText { at: self.at.clone(), reason: (*remedy).to_owned() };
        }
        match error.downcast::<StoreError>() {
            Ok(error) => error,
            Err(error) => StoreError::Corrupt {
                at: self.at.clone(),
                compression: self.compression,
                truncated: error.kind() == io::ErrorKind::UnexpectedEof,
                offset: self.taken(),
                text: self.given + ahead,
                reason: error.into(),
            },
        }
    }
}

/// The text of `prefix`, the first bytes of a compressed object or all of them (`whole`), up to about
/// `most` bytes of it. The flag tells whether that is the object's whole text.
pub(crate) async fn text_of_prefix(
    at: &Location,
    compression: Compression,
    prefix: Bytes,
    whole: bool,
    most: usize,
) -> Result<(Vec<u8>, bool), StoreError> {
    let mut decompress = Decompress::new(at, compression, futures::stream::iter([Ok(prefix)]));
    let mut text = Vec::new();
    while text.len() <= most {
        match decompress.next().await {
            Ok(Some(piece)) => text.extend_from_slice(&piece),
            Ok(None) => return Ok((text, whole)),
            // The rest of the object isn't here.
            Err(StoreError::Corrupt { truncated: true, .. }) if !whole => break,
            Err(error) => return Err(error),
        }
    }
    Ok((text, false))
}

/// Counts the bytes that the decoder takes.
struct CountingReader<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

impl<R: AsyncBufRead + Unpin> AsyncRead for CountingReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let poll = Pin::new(&mut self.inner).poll_read(context, buffer);
        self.taken.fetch_add((buffer.filled().len() - before) as u64, Ordering::Relaxed);
        poll
    }
}

impl<R: AsyncBufRead + Unpin> AsyncBufRead for CountingReader<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Pin::new(&mut self.get_mut().inner).poll_fill_buf(context)
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        self.taken.fetch_add(amount as u64, Ordering::Relaxed);
        Pin::new(&mut self.inner).consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use async_compression::Level;
    use async_compression::tokio::write::{BzEncoder, XzEncoder, ZstdEncoder};
    use fanout_core::{Code, Coded};
    use futures::stream;
    use tokio::io::AsyncWriteExt;

    use super::*;

    fn at() -> Location {
        Location { bucket: "b".into(), key: "k.gz".into() }
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    async fn read(pieces: Vec<Result<Bytes, StoreError>>) -> (Vec<u8>, Result<u64, StoreError>) {
        read_as(Compression::Gzip, pieces).await
    }

    async fn read_as(
        compression: Compression,
        pieces: Vec<Result<Bytes, StoreError>>,
    ) -> (Vec<u8>, Result<u64, StoreError>) {
        let mut text = Vec::new();
        let mut decompress = Decompress::new(&at(), compression, stream::iter(pieces));
        loop {
            match decompress.next().await {
                Ok(Some(piece)) => text.extend_from_slice(&piece),
                Ok(None) => return (text, Ok(decompress.taken())),
                Err(error) => return (text, Err(error)),
            }
        }
    }

    fn cut(object: &[u8], piece: usize) -> Vec<Result<Bytes, StoreError>> {
        object.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect()
    }

    #[tokio::test]
    async fn pieces_of_any_size_give_the_text() {
        let text: Vec<u8> = (0..100_000u32).flat_map(|number| format!("{number}\n").into_bytes()).collect();
        let object = [gzip(&text[..1000]), gzip(&text[1000..])].concat();
        for piece in [1, 2, 3, 1000, object.len()] {
            let (found, taken) = read(cut(&object, piece)).await;
            assert!(found == text, "pieces of {piece} bytes");
            assert_eq!(taken.unwrap(), object.len() as u64);
        }
    }

    async fn bzip2(text: &[u8], level: i32) -> Vec<u8> {
        let mut encoder = BzEncoder::with_quality(Vec::new(), Level::Precise(level));
        encoder.write_all(text).await.unwrap();
        encoder.shutdown().await.unwrap();
        encoder.into_inner()
    }

    async fn xz(text: &[u8]) -> Vec<u8> {
        let mut encoder = XzEncoder::with_quality(Vec::new(), Level::Precise(1));
        encoder.write_all(text).await.unwrap();
        encoder.shutdown().await.unwrap();
        encoder.into_inner()
    }

    #[tokio::test]
    async fn a_text_out_of_all_proportion_is_refused() {
        let mut encoder = ZstdEncoder::new(Vec::new());
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..70 {
            encoder.write_all(&piece).await.unwrap();
        }
        encoder.shutdown().await.unwrap();
        let object = encoder.into_inner();
        assert!((object.len() as u64) < (70 << 20) / MAX_RATIO, "{}", object.len());
        let mut decompress = Decompress::new(&at(), Compression::Zstd, stream::iter(cut(&object, object.len())));
        let error = loop {
            match decompress.next().await {
                Ok(piece) => assert!(piece.is_some(), "it was read to its end"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.code(), Code::UnsupportedEncoding);
        assert!(error.to_string().contains("more than 10000 of each: it is no file of records"), "{error}");
        assert!(decompress.given < (65 << 20), "{}", decompress.given);
    }

    #[tokio::test]
    async fn bzip2_and_xz_of_several_streams_are_read() {
        let text: Vec<u8> = (0..100_000u32).flat_map(|number| format!("{number}\n").into_bytes()).collect();
        for level in 1..=9 {
            let object = [bzip2(&text[..1000], level).await, bzip2(&text[1000..], level).await].concat();
            assert_eq!(Compression::of(&object), Some(Compression::Bzip2), "level {level}");
            let (found, taken) = read_as(Compression::Bzip2, cut(&object, 5000)).await;
            assert!(found == text, "level {level}");
            assert_eq!(taken.unwrap(), object.len() as u64);
        }
        let object = [xz(&text[..1000]).await, xz(&text[1000..]).await].concat();
        assert_eq!(Compression::of(&object), Some(Compression::Xz));
        for piece in [1, 3, 1000, object.len()] {
            let (found, taken) = read_as(Compression::Xz, cut(&object, piece)).await;
            assert!(found == text, "pieces of {piece} bytes");
            assert_eq!(taken.unwrap(), object.len() as u64);
        }
    }

    #[tokio::test]
    async fn bzip2_and_xz_cut_anywhere_or_damaged_are_corrupt() {
        let text = "id,name\n1,a\n2,b\n".repeat(300);
        let objects =
            [(Compression::Bzip2, bzip2(text.as_bytes(), 1).await), (Compression::Xz, xz(text.as_bytes()).await)];
        for (compression, object) in objects {
            for cut_at in 10..object.len() {
                let (_, end) = read_as(compression, cut(&object[..cut_at], 64)).await;
                let error = end.unwrap_err();
                assert!(
                    matches!(error, StoreError::Corrupt { truncated: true, .. }),
                    "{compression} {cut_at}: {error}"
                );
                let mut damaged = object.clone();
                damaged[cut_at] ^= 0x10;
                let (found, end) = read_as(compression, cut(&damaged, 64)).await;
                // xz has bytes of padding that mean nothing to the text.
                let same = found == text.as_bytes() && end.is_ok();
                let code = end.err().map(|error| error.code());
                assert!(same || matches!(code, Some(Code::CorruptObject | Code::UnsupportedEncoding)), "{cut_at}");
            }
        }
    }

    #[tokio::test]
    async fn a_window_that_is_too_large_names_the_remedy() {
        // A frame header with a window of 256 MiB, and an empty last block.
        let object = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x90, 0x01, 0x00, 0x00];
        let error = read_as(Compression::Zstd, cut(&object, 9)).await.1.unwrap_err();
        assert_eq!(error.code(), Code::UnsupportedEncoding, "{error}");
        assert!(error.to_string().contains("zstd -d --long=31"), "{error}");
    }

    #[tokio::test]
    async fn a_fault_of_the_store_stays_one() {
        let object = gzip(&vec![b'x'; 1_000_000]);
        for before in 0..object.len() / 100 {
            let mut pieces = cut(&object, 100);
            pieces.truncate(before);
            pieces.push(Err(StoreError::Throttled { at: at(), reason: "slow down".into() }));
            let error = read(pieces).await.1.unwrap_err();
            assert_eq!(error.code(), Code::StoreThrottled, "after {before} pieces: {error}");
        }
    }

    #[tokio::test]
    async fn what_came_before_the_fault_is_given() {
        let mut object = gzip(b"");
        let text: Vec<u8> = (0..50_000u32).flat_map(u32::to_le_bytes).collect();
        object.splice(0..0, gzip(&text));
        object.truncate(object.len() - 1);
        let (found, end) = read(cut(&object, 4096)).await;
        assert!(found == text);
        let error = end.unwrap_err();
        let expected = format!(
            "b/k.gz: the gzip stream is truncated at byte {} of the object, after 200000 bytes of text: ",
            object.len()
        );
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}
