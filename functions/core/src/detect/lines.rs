//! Lines of a text and their ends. Quotes are not looked at.

use crate::Terminator;

/// Counts of the line ends of a text, quotes not looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LineEnds {
    pub(super) crlf: usize,
    pub(super) lf: usize,
    pub(super) cr: usize,
}

impl LineEnds {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut ends = Self::default();
        for at in memchr::memchr2_iter(b'\r', b'\n', text) {
            match text[at] {
                b'\r' if text.get(at + 1) == Some(&b'\n') => ends.crlf += 1,
                // A piece may end between the two.
                b'\r' if at + 1 == text.len() && ends.crlf > 0 => {}
                b'\r' => ends.cr += 1,
                _ if at > 0 && text[at - 1] == b'\r' => {}
                _ => ends.lf += 1,
            }
        }
        ends
    }

    /// The terminators that can be meant, the likeliest first.
    pub(super) fn candidates(self) -> Vec<Terminator> {
        match self {
            Self { cr: 0, crlf, lf } if crlf > 0 && lf > 0 => vec![Terminator::Auto, Terminator::Crlf],
            Self { cr: 0, .. } => vec![Terminator::Auto],
            Self { crlf: 0, lf: 0, .. } => vec![Terminator::Cr],
            Self { crlf, lf, cr } if cr > crlf + lf => vec![Terminator::Cr, Terminator::Auto, Terminator::Any],
            _ => vec![Terminator::Auto, Terminator::Cr, Terminator::Any],
        }
    }

    pub(super) fn sentence(self) -> String {
        let Self { crlf, lf, cr } = self;
        let ends = [(lf, "LF"), (crlf, "CRLF"), (cr, "CR")];
        let found: Vec<String> =
            ends.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
        if found.is_empty() { "no line break".to_owned() } else { format!("{} in the sample", found.join(", ")) }
    }
}

/// The bytes that can end a line.
pub(super) fn ends_line(terminator: Terminator, byte: u8) -> bool {
    match terminator {
        Terminator::Auto | Terminator::Lf | Terminator::Crlf => byte == b'\n',
        Terminator::Cr => byte == b'\r',
        Terminator::Any => matches!(byte, b'\r' | b'\n'),
    }
}

/// Position after the first line of `text`; its length where no line ends.
pub(super) fn after_line(text: &[u8], terminator: Terminator) -> usize {
    text.iter().position(|byte| ends_line(terminator, *byte)).map_or(text.len(), |at| at + 1)
}

/// Lines that end in `text`. CR LF is one, whatever the terminator.
pub(super) fn lines(text: &[u8], terminator: Terminator) -> u64 {
    let ends = text.iter().enumerate().filter(|(_, byte)| ends_line(terminator, **byte));
    ends.filter(|(at, _)| !(terminator == Terminator::Any && text[*at] == b'\n' && *at > 0 && text[at - 1] == b'\r'))
        .count() as u64
}

/// Position after the first `count` lines, or the length of the text.
pub(super) fn after_lines(text: &[u8], terminator: Terminator, count: u64) -> usize {
    let mut at = 0;
    for _ in 0..count {
        at += after_line(&text[at..], terminator);
        if terminator == Terminator::Any && at > 0 && text[at - 1] == b'\r' && text.get(at) == Some(&b'\n') {
            at += 1;
        }
    }
    at
}

/// The delimiter that a first line of the kind `sep=;` names, and where the next line begins.
pub(super) fn separator_line(text: &[u8]) -> Option<(u8, usize)> {
    let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let line = text[..end].strip_prefix(b"\"").map_or(&text[..end], |line| line.strip_suffix(b"\"").unwrap_or(line));
    let (key, value) = line.split_at_checked(4)?;
    let [delimiter] = *value else { return None };
    let next = end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
    (key.eq_ignore_ascii_case(b"sep=") && delimiter.is_ascii() && delimiter != 0).then_some((delimiter, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends() {
        let ends = LineEnds::of(b"a\r\nb\nc\rd\r\n");
        assert_eq!(ends, LineEnds { crlf: 2, lf: 1, cr: 1 });
        assert_eq!(LineEnds::of(b"a\rb\r").candidates(), [Terminator::Cr]);
        assert_eq!(lines(b"a\r\nb\r\n", Terminator::Any), 2);
        assert_eq!(after_lines(b"a\r\nb\r\nc", Terminator::Auto, 2), 6);
    }

    #[test]
    fn separator_lines() {
        assert_eq!(separator_line(b"sep=;\r\na;b"), Some((b';', 7)));
        assert_eq!(separator_line(b"SEP=\t\na"), Some((b'\t', 6)));
        assert_eq!(separator_line(b"\"sep=|\"\na"), Some((b'|', 8)));
        assert_eq!(separator_line(b"sep=name\na"), None);
    }
}
