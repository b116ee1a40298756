//! The terminal: its width, links, and what is printed where.

use std::io::{IsTerminal, Write, stdout};
use std::path::Path;

use console::Term;
use fanout_cli::CliError;
use fanout_core::message::Evidence;
use fanout_render::detected_line;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The width of a text that goes to a file or another program.
const ELSEWHERE: usize = 120;

/// The least width that anything is made for.
const LEAST: usize = 40;

/// Bytes of a path that stand in a URL as they are.
const OF_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// The width of standard output.
pub(crate) fn width() -> usize {
    let known = stdout().is_terminal().then(|| Term::stdout().size_checked()).flatten();
    known.map_or(ELSEWHERE, |(_, columns)| usize::from(columns).max(LEAST))
}

/// Prints to standard output; a reader that went away, as `head` does, is no error.
pub(crate) fn print(text: &[u8]) -> Result<(), CliError> {
    let mut out = stdout().lock();
    match out.write_all(text).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::Write { path: "standard output".into(), source: error })
        }
        _ => Ok(()),
    }
}

/// A path, on a terminal as a link to it.
pub(crate) fn link(path: &str) -> String {
    let plain = !stdout().is_terminal() || std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    let Some(absolute) = std::path::absolute(path).ok().filter(|_| !plain) else { return path.to_owned() };
    linked(path, &absolute)
}

/// A text that leads to a file (OSC 8).
fn linked(text: &str, to: &Path) -> String {
    let place = utf8_percent_encode(&to.to_string_lossy(), OF_PATH).to_string();
    format!("\x1b]8;;file://{place}\x1b\\{text}\x1b]8;;\x1b\\")
}

/// A path as a person at this place writes it: without the current folder.
pub(crate) fn shown(path: &str) -> String {
    let here = std::env::current_dir().ok();
    let below = here.as_deref().and_then(|here| Path::new(path).strip_prefix(here).ok());
    below.filter(|path| !path.as_os_str().is_empty()).map_or_else(|| path.to_owned(), |path| path.display().to_string())
}

/// Says on standard error what was detected.
pub(crate) fn tell(evidence: &[Evidence], quiet: bool) {
    if !quiet && !evidence.is_empty() {
        eprintln!("{}", detected_line(evidence));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_a_url() {
        let link = linked("a b.html", Path::new("/tmp/ä/a b.html"));
        assert_eq!(link, "\x1b]8;;file:///tmp/%C3%A4/a%20b.html\x1b\\a b.html\x1b]8;;\x1b\\");
    }
}
