//! Zip archives of one file (APPNOTE.TXT, 6.3.10), read from their start, and their directory at the end.

mod directory;
mod entry;
mod local_header;

pub(crate) use directory::{TAIL, check_directory};
pub(crate) use entry::ZipEntry;

#[cfg(test)]
mod tests;
