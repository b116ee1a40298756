//! The arguments of detection: samples of an object, and what its dataset says.

use crate::{Format, Terminator};

/// Pieces of an object, read to find out what it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Samples<'a> {
    /// The first bytes, from offset 0. Compressed objects: of their text.
    pub first: &'a [u8],
    /// Tells whether `first` is the whole text.
    pub whole: bool,
    /// Further pieces, in the order of their offsets. They may begin and end anywhere.
    pub windows: &'a [Window<'a>],
}

/// A piece of an object.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// Offset of the first byte.
    pub offset: u64,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// The things that a dataset says of its files. Detection never overrules it; `None` leaves it to detection.
#[derive(Debug, Clone, Default)]
pub struct Given<'a> {
    /// A label of the Encoding Standard.
    pub encoding: Option<&'a str>,
    /// The format of the text.
    pub format: Option<Format>,
    /// The byte between two fields.
    pub delimiter: Option<u8>,
    /// The byte that encloses a field; `Some(None)` for none.
    pub quote: Option<Option<u8>>,
    /// The byte that makes the next one literal; `Some(None)` for none.
    pub escape: Option<Option<u8>>,
    /// The byte that begins a comment line; `Some(None)` for none.
    pub comment: Option<Option<u8>>,
    /// The end of a record.
    pub terminator: Option<Terminator>,
    /// Lines before the header.
    pub skip_lines: Option<u64>,
    /// Tells whether there is a header.
    pub header: Option<GivenHeader<'a>>,
}

/// The dataset's word on the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenHeader<'a> {
    /// A header with these names among others; no name where nothing is expected.
    Record(&'a [String]),
    /// No header.
    None,
}

impl Given<'_> {
    /// Tells whether the dataset speaks of CSV.
    pub(super) fn says_csv(&self) -> bool {
        self.format == Some(Format::Csv)
            || self.delimiter.is_some()
            || self.quote.is_some()
            || self.escape.is_some()
            || self.comment.is_some()
            || self.terminator.is_some()
            || self.skip_lines.is_some()
            || self.header == Some(GivenHeader::None)
    }
}
