//! The sentences of the evidence.

use super::candidates::Candidate;
use super::evidence::{byte_name, count};
use super::lines::LineEnds;
use super::{Detected, Given, HeaderFound, TrailingDelimiter};
use crate::Terminator;
use crate::message::Evidence;

pub(super) fn header_value(found: HeaderFound) -> &'static str {
    match found {
        HeaderFound::Record => "first record",
        HeaderFound::Joined => "first two records",
        HeaderFound::Short => "first record, without a name for the first column",
        HeaderFound::Gap => "first record, without its empty name",
        HeaderFound::Malformed => "first line, cut at every delimiter",
        HeaderFound::None => "none",
    }
}

/// Puts into words what was detected of the dialect and the layout.
pub(super) fn tell(detected: &mut Detected, given: &Given<'_>, candidates: &[Candidate], ends: LineEnds, named: bool) {
    let mut told = Vec::new();
    let dialect = &detected.dialect;
    let name = |byte: Option<u8>| byte.map_or_else(|| "none".to_owned(), byte_name);
    if given.delimiter.is_none()
        && let Some(best) = candidates.first()
    {
        let others: Vec<String> = candidates.iter().skip(1).take(2).map(reading_of).collect();
        let with = if others.is_empty() { String::new() } else { format!("; {}", others.join("; ")) };
        let further = match (detected.further_fitting, detected.further) {
            (_, 0) => String::new(),
            (fitting, all) => format!(" and in {fitting} of {all} further ones"),
        };
        let fields = count(best.width, "field");
        let sentence = match named {
            true => "the first line names it".to_owned(),
            false => format!("{fields} in {} of {}{further}{with}", best.fitting, count(best.body, "record")),
        };
        told.push(Evidence::new("delimiter", byte_name(dialect.delimiter), sentence));
    }
    if given.quote.is_none() && dialect.quote != Some(b'"') {
        let sentence = match dialect.quote {
            Some(_) => "it encloses fields",
            None => "the double quotes at the start of fields enclose none",
        };
        told.push(Evidence::new("quote", name(dialect.quote), sentence));
    }
    if given.escape.is_none() && dialect.escape.is_some() {
        let sentence = if detected.dialect.escape_outside_quotes {
            "it stands before delimiters or line breaks outside quotes"
        } else {
            "it stands before quotes inside quotes"
        };
        told.push(Evidence::new("escape", name(dialect.escape), sentence));
    }
    if given.comment.is_none() && dialect.comment.is_some() {
        told.push(Evidence::new("comment", name(dialect.comment), "lines that begin with it are no records"));
    }
    if given.terminator.is_none() && dialect.terminator != Terminator::Auto {
        let value = match dialect.terminator {
            Terminator::Cr => "CR",
            Terminator::Crlf => "CRLF",
            _ => "CR or LF",
        };
        told.push(Evidence::new("terminator", value, ends.sentence()));
    }
    if given.skip_lines.is_none() && detected.skip_lines > 0 {
        let sentence =
            if named { "a line that names the delimiter" } else { "they have other numbers of fields, or titles" };
        told.push(Evidence::new("skip_lines", count(detected.skip_lines as usize, "line"), sentence));
    }
    if detected.trailing_delimiter != TrailingDelimiter::None {
        let value = match detected.trailing_delimiter {
            TrailingDelimiter::Records => "at the end of records",
            TrailingDelimiter::Header => "at the end of the header",
            _ => "at the end of all lines",
        };
        told.push(Evidence::new("trailing delimiter", value, "no field follows it"));
    }
    if detected.dialect.trim {
        let sentence = "they stand between delimiters and quotes, or around numbers";
        told.push(Evidence::new("trim", "blanks around fields", sentence));
    }
    detected.evidence.extend(told);
}

/// `with comma 2 fields in 5 of 9 records`.
fn reading_of(found: &Candidate) -> String {
    let Candidate { delimiter, width, fitting, body, .. } = found;
    format!("with {} {} in {fitting} of {}", byte_name(*delimiter), count(*width, "field"), count(*body, "record"))
}

pub(super) fn tried(candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return "the usual ones, none of which stands in the text".to_owned();
    }
    candidates.iter().take(4).map(reading_of).collect::<Vec<_>>().join("; ")
}
