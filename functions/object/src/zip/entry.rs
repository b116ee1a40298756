//! The one file of an archive, as a stream of its text.

use std::io;
use std::mem;

use async_compression::tokio::bufread::DeflateDecoder;
use bytes::{Bytes, BytesMut};
use fanout_core::Location;
use fanout_store::StoreError;
use flate2::Crc;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::directory::{end_record, several};
use super::local_header::{FIXED, LocalHeader, lengths, u32_at, u64_at};

/// Bytes of a piece of text.
const PIECE: usize = 64 << 10;

/// Bytes of the end of the archive that are kept to look for its last record.
const END: usize = 22 + 65_535;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Reads an archive from its start: folders and the files that macOS adds are passed over, and after
/// the one file nothing but the directory may follow. Checksum and sizes are checked.
pub(crate) struct ZipEntry<R> {
    at: Location,
    phase: Phase<R>,
    /// The name of the file that was read.
    file: Option<String>,
}

enum Phase<R> {
    /// In front of an entry or of the directory.
    Between(R),
    Stored(Entry, R),
    Deflated(Entry, DeflateDecoder<R>),
    Done,
}

/// An entry that is being read.
struct Entry {
    header: LocalHeader,
    crc: Crc,
    size: u64,
}

impl<R: AsyncBufRead + Unpin> ZipEntry<R> {
    /// A reader of the archive's bytes, from its first one on.
    pub(crate) fn new(at: Location, archive: R) -> Self {
        Self { at, phase: Phase::Between(archive), file: None }
    }

    /// The next piece of the text; `None` at the end of the archive.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let mut piece = BytesMut::with_capacity(PIECE);
            match mem::replace(&mut self.phase, Phase::Done) {
                Phase::Done => return Ok(None),
                Phase::Between(archive) => self.phase = self.begin(archive).await?,
                Phase::Stored(mut entry, mut archive) => {
                    let left = entry.header.compressed - entry.size;
                    if left == 0 {
                        self.phase = self.end(entry, archive, false).await?;
                        continue;
                    }
                    (&mut archive).take(left).read_buf(&mut piece).await?;
                    if piece.is_empty() {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    entry.take(&piece);
                    let aside = entry.header.is_aside();
                    self.phase = Phase::Stored(entry, archive);
                    if !aside {
                        return Ok(Some(piece.freeze()));
                    }
                }
                Phase::Deflated(mut entry, mut decoder) => {
                    let read = decoder.read_buf(&mut piece).await;
                    // The decoder of deflate has another word for it where nothing came at all.
                    if read.is_err() && decoder.get_mut().fill_buf().await?.is_empty() {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    if read? == 0 {
                        self.phase = self.end(entry, decoder.into_inner(), true).await?;
                        continue;
                    }
                    entry.take(&piece);
                    let aside = entry.header.is_aside();
                    self.phase = Phase::Deflated(entry, decoder);
                    if !aside {
                        return Ok(Some(piece.freeze()));
                    }
                }
            }
        }
    }

    /// Begins an entry, or reads the directory to its end.
    async fn begin(&mut self, mut archive: R) -> io::Result<Phase<R>> {
        let mut signature = [0; 4];
        archive.read_exact(&mut signature).await?;
        match &signature {
            b"PK\x03\x04" => {}
            b"PK\x01\x02" | b"PK\x05\x06" | b"PK\x06\x06" | b"PK\x06\x08" => {
                return self.read_directory(signature, archive).await;
            }
            _ => return Err(damaged("expected the next entry of the archive, or its directory")),
        }
        let mut fixed = [0; FIXED];
        archive.read_exact(&mut fixed).await?;
        let (name, extra) = lengths(&fixed);
        let mut names = vec![0; name + extra];
        archive.read_exact(&mut names).await?;
        let header = LocalHeader::new(&fixed, &names[..name], &names[name..]);
        if !header.is_aside() {
            if let Some(first) = &self.file {
                return Err(self.refused(several(2, &[first, &header.name]).replacen("has 2", "has at least 2", 1)));
            }
            self.file = Some(header.name.clone());
        }
        if header.encrypted {
            return Err(self.refused(format!("{} in the zip archive is encrypted: decrypt it first", header.name)));
        }
        let entry = Entry { header, crc: Crc::new(), size: 0 };
        match entry.header.method {
            STORED if entry.header.descriptor && !entry.header.is_aside() => Err(self.refused(format!(
                "{} in the zip archive is stored without its size in front of it: compress it with deflate",
                entry.header.name
            ))),
            STORED => Ok(Phase::Stored(entry, archive)),
            DEFLATED => Ok(Phase::Deflated(entry, DeflateDecoder::new(archive))),
            method => Err(self.refused(format!(
                "{} in the zip archive is compressed with method {method}: deflate and stored files are read, \
                 compress it with deflate",
                entry.header.name
            ))),
        }
    }

    /// Checks an entry at its end, and the descriptor behind it.
    async fn end(&mut self, entry: Entry, mut archive: R, deflated: bool) -> io::Result<Phase<R>> {
        let Entry { header, crc, size } = entry;
        let mut expected = (header.crc, header.size);
        if header.descriptor && deflated {
            expected = descriptor(&mut archive, size).await?;
        }
        if (crc.sum(), size) != expected {
            return Err(damaged("the checksum or the size in the archive is another"));
        }
        Ok(Phase::Between(archive))
    }

    async fn read_directory(&mut self, signature: [u8; 4], mut archive: R) -> io::Result<Phase<R>> {
        let mut tail = BytesMut::from(&signature[..]);
        while archive.read_buf(&mut tail).await? > 0 {
            let gone = tail.len().saturating_sub(END);
            drop(tail.split_to(gone));
        }
        if end_record(&tail).is_none() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match self.file {
            Some(_) => Ok(Phase::Done),
            None => Err(self.refused("the zip archive has no file in it".to_owned())),
        }
    }

    fn refused(&self, reason: String) -> io::Error {
        io::Error::other(StoreError::NotText { at: self.at.clone(), reason })
    }
}

impl Entry {
    fn take(&mut self, piece: &[u8]) {
        self.crc.update(piece);
        self.size += piece.len() as u64;
    }
}

/// Checksum and size of the descriptor behind an entry of `size` bytes: its signature is optional, and
/// nothing says whether its sizes have 32 or 64 bits but the size itself.
async fn descriptor<R: AsyncBufRead + Unpin>(archive: &mut R, size: u64) -> io::Result<(u32, u64)> {
    let mut crc = [0; 4];
    archive.read_exact(&mut crc).await?;
    if crc == *b"PK\x07\x08" {
        archive.read_exact(&mut crc).await?;
    }
    let mut sizes = [0; 16];
    archive.read_exact(&mut sizes[..8]).await?;
    let narrow = u64::from(u32_at(&sizes, 4));
    if narrow == size {
        return Ok((u32::from_le_bytes(crc), narrow));
    }
    archive.read_exact(&mut sizes[8..]).await?;
    Ok((u32::from_le_bytes(crc), u64_at(&sizes, 8)))
}

fn damaged(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
