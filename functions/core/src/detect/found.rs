//! The result of detection: encoding, dialect, layout and header, with the evidence.

use super::EncodingFound;
use crate::message::Evidence;
use crate::{Dialect, Format};

/// The reading of an object that its samples and its dataset give.
#[derive(Debug, Clone, PartialEq)]
pub struct Detected {
    /// The encoding of the text.
    pub encoding: EncodingFound,
    /// The format of the text.
    pub format: Format,
    /// The dialect of CSV; of JSON lines that of lines.
    pub dialect: Dialect,
    /// Lines before the header, or before the first record where there is no header. Comments and
    /// blank lines that the dialect skips anyway aren't counted, unless others are among them.
    pub skip_lines: u64,
    /// Offset in the object of the first byte after the byte-order mark and the skipped lines.
    pub text_start: u64,
    /// The header.
    pub header: HeaderFound,
    /// Number of columns. Zero for JSON lines.
    pub columns: usize,
    /// A delimiter at the end of lines, after which no field follows.
    pub trailing_delimiter: TrailingDelimiter,
    /// Records after `text_start` in the first piece that was judged, header included.
    pub judged: usize,
    /// The judged records that have the usual number of fields.
    pub fitting: usize,
    /// Records of the other samples, windows among them.
    pub further: usize,
    /// The further records that have the usual number of fields.
    pub further_fitting: usize,
    /// The things detected, each with its reason, in the order in which they are told.
    pub evidence: Vec<Evidence>,
}

/// The header of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderFound {
    /// The first record.
    Record,
    /// The first two records, the names of the first spanning columns of the second.
    Joined,
    /// The first record, which lacks the name of the first column, as R writes it.
    Short,
    /// The first record without its empty name, for which the records have no field.
    Gap,
    /// The first line, whose quoting is malformed: it is cut at every delimiter, and quotes are data.
    Malformed,
    /// None: the first record is data, and the columns are `column_1` to `column_<columns>`.
    None,
}

/// The lines that end with a delimiter after their last field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TrailingDelimiter {
    /// No line.
    #[default]
    None,
    /// The records, not the header.
    Records,
    /// The header, not the records.
    Header,
    /// Header and records.
    All,
}
