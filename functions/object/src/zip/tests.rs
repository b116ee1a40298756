//! Archives as different writers make them, cut and damaged.

use std::io::Write;

use fanout_core::{Code, Coded, Compression, Location};
use fanout_store::StoreError;
use futures::stream;

use super::{TAIL, check_directory};
use crate::decompress::Decompress;

fn at() -> Location {
    Location { bucket: "b".into(), key: "k.zip".into() }
}

/// One entry, and how it is written.
#[derive(Clone, Copy)]
struct Entry<'a> {
    name: &'a str,
    data: &'a [u8],
    method: u16,
    flags: u16,
    /// The descriptor has its signature.
    signature: bool,
    /// Sizes have 64 bits.
    wide: bool,
}

fn entry<'a>(name: &'a str, data: &'a [u8]) -> Entry<'a> {
    Entry { name, data, method: 8, flags: 0, signature: true, wide: false }
}

/// An archive of these entries.
fn zip(entries: &[Entry<'_>]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for Entry { name, data, method, flags, signature, wide } in entries {
        let offset = archive.len() as u32;
        let mut crc = flate2::Crc::new();
        crc.update(data);
        let packed = match method {
            8 => {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(data).unwrap();
                encoder.finish().unwrap()
            }
            _ => data.to_vec(),
        };
        let later = flags & 8 != 0;
        let (sum, compressed, size) = (crc.sum(), packed.len() as u64, data.len() as u64);
        archive.extend(b"PK\x03\x04\x14\0");
        archive.extend(flags.to_le_bytes());
        archive.extend(method.to_le_bytes());
        archive.extend([0; 4]);
        archive.extend(if later { 0 } else { sum }.to_le_bytes());
        for length in [compressed, size] {
            let narrow = if *wide { u32::MAX } else { length as u32 };
            archive.extend(if later && !wide { 0 } else { narrow }.to_le_bytes());
        }
        archive.extend((name.len() as u16).to_le_bytes());
        archive.extend(if *wide { 25u16 } else { 5 }.to_le_bytes());
        archive.extend(name.as_bytes());
        archive.extend(b"\x99\x99\x01\0x");
        if *wide {
            archive.extend(b"\x01\0\x10\0");
            [size, compressed].iter().for_each(|length| archive.extend(if later { 0 } else { *length }.to_le_bytes()));
        }
        archive.extend(&packed);
        if later {
            archive.extend(if *signature { &b"PK\x07\x08"[..] } else { b"" });
            archive.extend(sum.to_le_bytes());
            for length in [compressed, size] {
                archive.extend(&length.to_le_bytes()[..if *wide { 8 } else { 4 }]);
            }
        }
        directory.extend(b"PK\x01\x02\x14\0\x14\0");
        directory.extend(flags.to_le_bytes());
        directory.extend(method.to_le_bytes());
        directory.extend([0; 4]);
        directory.extend(sum.to_le_bytes());
        directory.extend((compressed as u32).to_le_bytes());
        directory.extend((size as u32).to_le_bytes());
        directory.extend((name.len() as u16).to_le_bytes());
        directory.extend([0; 12]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, start, length) = (entries.len() as u16, archive.len() as u32, directory.len() as u32);
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend(length.to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend(b"\x07\0comment");
    archive
}

async fn read(archive: &[u8], piece: usize) -> (Vec<u8>, Result<u64, StoreError>) {
    let pieces: Vec<_> = archive.chunks(piece).map(|piece| Ok(bytes::Bytes::copy_from_slice(piece))).collect();
    let mut decompress = Decompress::new(&at(), Compression::Zip, stream::iter(pieces));
    let mut text = Vec::new();
    loop {
        match decompress.next().await {
            Ok(Some(piece)) => text.extend_from_slice(&piece),
            Ok(None) => return (text, Ok(decompress.taken())),
            Err(error) => return (text, Err(error)),
        }
    }
}

fn text() -> Vec<u8> {
    (0..20_000u32).flat_map(|number| format!("{number},x\n").into_bytes()).collect()
}

#[tokio::test]
async fn one_file_is_read_however_it_is_written() {
    let text = text();
    let one = entry("a.csv", &text);
    let table = [
        ("deflated", vec![one]),
        ("stored", vec![Entry { method: 0, ..one }]),
        ("with a descriptor", vec![Entry { flags: 8, ..one }]),
        ("with a descriptor without signature", vec![Entry { flags: 8, signature: false, ..one }]),
        ("of 64 bits", vec![Entry { wide: true, ..one }]),
        ("of 64 bits with a descriptor", vec![Entry { wide: true, flags: 8, ..one }]),
        ("stored, of 64 bits", vec![Entry { wide: true, method: 0, ..one }]),
        ("in a folder", vec![Entry { method: 0, ..entry("data/", b"") }, entry("data/a.csv", &text)]),
        ("of macOS", vec![one, Entry { flags: 8, ..entry("__MACOSX/._a.csv", b"more") }]),
        ("UTF-8 name", vec![Entry { flags: 1 << 11, ..entry("ä.csv", &text) }]),
    ];
    for (case, entries) in table {
        let archive = zip(&entries);
        assert_eq!(Compression::of(&archive), Some(Compression::Zip));
        let tail = &archive[archive.len().saturating_sub(TAIL as usize)..];
        check_directory(&at(), tail, archive.len() as u64).unwrap();
        for piece in [1, 7, 4096, archive.len()] {
            let (found, taken) = read(&archive, piece).await;
            assert_eq!(taken.map_err(|error| error.to_string()), Ok(archive.len() as u64), "{case}, pieces of {piece}");
            assert!(found == text, "{case}, pieces of {piece}");
        }
    }
}

#[tokio::test]
async fn others_are_refused_by_name() {
    let (a, b) = (entry("a.csv", b"1,2\n"), entry("b.csv", b"3,4\n"));
    let long: Vec<Entry<'_>> = (0..9).map(|_| a).collect();
    // The message by the directory, and that of the stream.
    let table: [(&str, Vec<Entry<'_>>, Option<&str>, Option<&str>); 9] = [
        ("two", vec![a, b], Some("has 2 files (a.csv, b.csv)"), Some("has at least 2 files (a.csv, b.csv)")),
        ("nine", long, Some("has 9 files (a.csv, a.csv, a.csv, a.csv, a.csv, …)"), Some("at least 2")),
        ("none", vec![Entry { method: 0, ..entry("a/", b"") }], Some("has no file"), Some("has no file")),
        ("encrypted", vec![Entry { flags: 1, ..a }], None, Some("a.csv in the zip archive is encrypted")),
        ("LZMA", vec![Entry { method: 14, ..a }], None, Some("is compressed with method 14")),
        ("stored, unknown size", vec![Entry { method: 0, flags: 8, ..a }], None, Some("without its size")),
        (
            "Excel",
            vec![entry("docProps/app.xml", b"x"), entry("xl/workbook.xml", b"x"), entry("[Content_Types].xml", b"x")],
            Some("it is an Excel workbook"),
            Some("at least 2"),
        ),
        ("Calc", vec![entry("mimetype", b"x"), entry("content.xml", b"x")], Some("an OpenDocument file"), Some("2")),
        ("Java", vec![entry("META-INF/MANIFEST.MF", b"x")], Some("a Java archive"), None),
    ];
    for (case, entries, by_directory, by_stream) in table {
        let archive = zip(&entries);
        let found =
            [check_directory(&at(), &archive, archive.len() as u64).err(), read(&archive, archive.len()).await.1.err()];
        for (error, expected) in found.iter().zip([by_directory, by_stream]) {
            let text = error.as_ref().map(ToString::to_string);
            assert_eq!(text.is_some(), expected.is_some(), "{case}: {text:?}");
            assert!(text.unwrap_or_default().contains(expected.unwrap_or_default()), "{case}: {error:?}");
            assert!(error.as_ref().is_none_or(|error| error.code() == Code::UnsupportedEncoding), "{case}");
        }
    }
}

#[tokio::test]
async fn an_archive_cut_anywhere_is_truncated_and_a_damaged_one_never_another_text() {
    let text = &text()[..3000];
    for flags in [0, 8] {
        let archive = zip(&[Entry { flags, ..entry("a.csv", text) }]);
        for cut in 4..archive.len() {
            let (_, end) = read(&archive[..cut], 100).await;
            let error = end.unwrap_err();
            assert!(matches!(error, StoreError::Corrupt { truncated: true, .. }), "cut at {cut}: {error}");
            let mut damaged = archive.clone();
            damaged[cut] ^= 0x10;
            let (found, end) = read(&damaged, 100).await;
            assert!(end.is_err() || found == text, "byte {cut}");
        }
    }
}
