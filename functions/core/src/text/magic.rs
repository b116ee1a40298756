//! The one table of first bytes, by which files of known kinds are told apart.

use super::Compression;

/// The kind of thing that the first bytes of an object, or of its text, show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Magic {
    /// Compressed text.
    Compressed(Compression),
    /// Text in UTF-8 after a byte-order mark of three bytes.
    Utf8Mark,
    /// Text in UTF-16, the lower byte first, after a byte-order mark of two bytes.
    Utf16LeMark,
    /// Text in UTF-16, the higher byte first, after a byte-order mark of two bytes.
    Utf16BeMark,
    /// Text in an encoding that is not read as it stands, with its name for a person.
    Marked(&'static str),
    /// A file of another kind, with its name for a person.
    Refused(&'static str),
}

/// First bytes that no text has.
const TABLE: [(&[u8], Magic); 35] = [
    // RFC 1952, 2.3.1.
    (&[0x1f, 0x8b], Magic::Compressed(Compression::Gzip)),
    // RFC 8878, 3.1.1.
    (&[0x28, 0xb5, 0x2f, 0xfd], Magic::Compressed(Compression::Zstd)),
    (&[0xef, 0xbb, 0xbf], Magic::Utf8Mark),
    // UTF-32 LE begins with the mark of UTF-16 LE, so it stands before it.
    (&[0xff, 0xfe, 0, 0], Magic::Marked("text in UTF-32 LE")),
    (&[0, 0, 0xfe, 0xff], Magic::Marked("text in UTF-32 BE")),
    (&[0xff, 0xfe], Magic::Utf16LeMark),
    (&[0xfe, 0xff], Magic::Utf16BeMark),
    (b"\xfd7zXZ\0", Magic::Compressed(Compression::Xz)),
    (b"\x04\x22\x4d\x18", Magic::Refused("an lz4 file")),
    (b"\x1f\x9d", Magic::Refused("a .Z file (compress)")),
    (b"\xff\x06\0\0sNaPpY", Magic::Refused("a Snappy file")),
    (b"7z\xbc\xaf\x27\x1c", Magic::Refused("a 7z archive")),
    (b"Rar!\x1a\x07", Magic::Refused("a RAR archive")),
    (b"MSCF\0", Magic::Refused("a cabinet archive")),
    (b"PK\x03\x04", Magic::Compressed(Compression::Zip)),
    (b"PK\x05\x06", Magic::Refused("an empty zip archive")),
    (b"PAR1", Magic::Refused("a Parquet file")),
    (b"Obj\x01", Magic::Refused("an Avro file")),
    (b"\xff\xff\xff\xff\x10\0\0\0", Magic::Refused("an Arrow stream")),
    (b"SEQ\x06", Magic::Refused("a Hadoop sequence file")),
    (b"SQLite format 3\0", Magic::Refused("an SQLite database")),
    (b"\x89HDF\r\n\x1a\n", Magic::Refused("an HDF5 file")),
    (b"CDF\x01", Magic::Refused("a NetCDF file")),
    (b"CDF\x02", Magic::Refused("a NetCDF file")),
    (b"\x93NUMPY", Magic::Refused("a NumPy array")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Magic::Refused("an old Microsoft Office file")),
    (b"\x89PNG\r\n\x1a\n", Magic::Refused("a PNG image")),
    (b"\xff\xd8\xff", Magic::Refused("a JPEG image")),
    (b"\x7fELF", Magic::Refused("an ELF program")),
    (b"\xca\xfe\xba\xbe", Magic::Refused("a Java class or Mach-O program")),
    (b"\0asm", Magic::Refused("a WebAssembly module")),
    (b"II*\0", Magic::Refused("a TIFF image")),
    (b"{\\rtf1", Magic::Refused("an RTF file")),
    (b"%PDF-", Magic::Refused("a PDF file")),
    (b"%!PS-", Magic::Refused("a PostScript file")),
];

/// First bytes that a text may have as well: only with control characters behind them do they count.
const WORDS: [(&[u8], &str); 10] = [
    (b"LZIP", "an lzip file"),
    (b"!<arch>\n", "an ar archive"),
    (b"ORC", "an ORC file"),
    (b"ARROW1", "an Arrow file"),
    (b"FEA1", "a Feather file"),
    (b"RDX2\n", "an R data file"),
    (b"RDX3\n", "an R data file"),
    (b"$FL2", "an SPSS file"),
    (b"GIF8", "a GIF image"),
    (b"<stata_dta>", "a Stata file"),
];

/// Finds what `bytes` begin with; `None` for anything that a text may begin with.
pub(crate) fn magic(bytes: &[u8]) -> Option<Magic> {
    // A skippable frame may come first (RFC 8878, 3.1.2): its first byte has sixteen values.
    if matches!(bytes, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]) {
        return Some(Magic::Compressed(Compression::Zstd));
    }
    if is_bzip2(bytes) {
        return Some(Magic::Compressed(Compression::Bzip2));
    }
    TABLE.iter().find(|(first, _)| bytes.starts_with(first)).map(|(_, magic)| *magic)
}

/// Tells whether bzip2's letters and its level are followed by the first block, or by the end where there is none.
fn is_bzip2(bytes: &[u8]) -> bool {
    const BLOCKS: [&[u8]; 2] = [&[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], &[0x17, 0x72, 0x45, 0x38, 0x50, 0x90]];
    match bytes {
        [b'B', b'Z', b'h', b'1'..=b'9', block @ ..] => {
            let block = &block[..block.len().min(6)];
            BLOCKS.iter().any(|first| block.len() > 1 && first.starts_with(block))
        }
        _ => false,
    }
}

/// Finds the name of a file of another kind whose first bytes are letters, as those of a text may be.
pub(crate) fn magic_word(bytes: &[u8]) -> Option<&'static str> {
    WORDS.iter().find(|(first, _)| bytes.starts_with(first)).map(|(_, name)| *name)
}
