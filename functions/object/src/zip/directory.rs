//! The directory at the end of an archive, which names all its entries.

use fanout_core::{Location, zip_kind};
use fanout_store::StoreError;

use super::local_header::{is_aside, u16_at, u32_at, u64_at};

/// Bytes of the end of an object in which its directory is looked for: the longest comment, and a
/// directory of a few entries.
pub(crate) const TAIL: u64 = 96 << 10;

/// Names that an error has at most.
const NAMED: usize = 5;

/// Refuses archives of other kinds, and those of more than one file, by the last bytes of an object of
/// `size` bytes. Where they have no directory nothing is said: the archive is truncated.
pub(crate) fn check_directory(at: &Location, tail: &[u8], size: u64) -> Result<(), StoreError> {
    let Some(Directory { entries, names }) = directory(tail, size) else { return Ok(()) };
    let refuse = |reason: String| Err(StoreError::NotText { at: at.clone(), reason });
    let holds = |part: &str| names.iter().any(|name| name == part || (part.ends_with('/') && name.starts_with(part)));
    if let Some(kind) = zip_kind(holds) {
        return refuse(format!("it is {kind}: only CSV and JSON lines are read, convert it first"));
    }
    let files: Vec<&str> = names.iter().map(String::as_str).filter(|name| !is_aside(name)).collect();
    match files.len() as u64 + (entries - names.len() as u64) {
        1 => Ok(()),
        0 => refuse("the zip archive has no file in it".to_owned()),
        count => refuse(several(count, &files)),
    }
}

/// Says that an archive has several files.
pub(super) fn several(count: u64, names: &[&str]) -> String {
    let more = if count > names.len().min(NAMED) as u64 { ", …" } else { "" };
    let names = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    format!(
        "the zip archive has {count} files ({names}{more}): one file is read from an archive, \
         put each into an archive or an object of its own"
    )
}

struct Directory {
    /// Number of entries.
    entries: u64,
    /// The names of those that are in the bytes looked at, from the first one on; maybe none.
    names: Vec<String>,
}

fn directory(tail: &[u8], size: u64) -> Option<Directory> {
    let end = end_record(tail)?;
    let (mut entries, mut start) = (u64::from(u16_at(&tail[end..], 10)), u64::from(u32_at(&tail[end..], 16)));
    if entries == u64::from(u16::MAX) || start == u64::from(u32::MAX) {
        let wide = tail[..end].windows(4).rposition(|four| four == b"PK\x06\x06")?;
        (entries, start) = (u64_at(&tail[wide..], 32), u64_at(&tail[wide..], 48));
    }
    let mut names = Vec::new();
    let from = (start + tail.len() as u64).checked_sub(size);
    let mut rest = from.and_then(|from| tail.get(from as usize..)).unwrap_or_default();
    while (names.len() as u64) < entries && rest.starts_with(b"PK\x01\x02") {
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(rest, at)));
        let Some(text) = rest.get(46..46 + name) else { break };
        names.push(String::from_utf8_lossy(text).into_owned());
        rest = rest.get(46 + name + extra + comment..).unwrap_or_default();
    }
    Some(Directory { entries, names })
}

/// The position of the end record: its comment reaches to the last byte.
pub(super) fn end_record(tail: &[u8]) -> Option<usize> {
    let last = tail.len().checked_sub(22)?;
    (0..=last).rev().find(|at| {
        let record = &tail[*at..];
        record.starts_with(b"PK\x05\x06") && usize::from(u16_at(record, 20)) + 22 == record.len()
    })
}
