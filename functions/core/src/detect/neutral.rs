//! Text rewritten for a scanner without escapes outside quotes and blanks around quotes. Lines stay.

use std::borrow::Cow;

/// A byte that means nothing in any dialect.
const PLAIN: u8 = b'x';

/// The text with each backslash and the byte after it made plain, so that a scanner without an
/// escape reads it as one whose escape works everywhere. Positions stay.
pub(super) fn without_escapes(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(b'\\', text) else { return Cow::Borrowed(text) };
    let mut plain = text.to_vec();
    let mut at = first;
    while at + 1 < plain.len() {
        if plain[at] == b'\\' {
            // `\N` is MySQL's null.
            let null = plain[at + 1] == b'N';
            if !null {
                plain[at] = PLAIN;
                plain[at + 1] = PLAIN;
            }
            at += 2;
        } else {
            at += memchr::memchr(b'\\', &plain[at..]).unwrap_or(plain.len());
        }
    }
    Cow::Owned(plain)
}

/// The text without the blanks between a delimiter and a quote, and between a quote and a delimiter;
/// `None` where fewer than `least` stand there. Positions move; lines stay.
pub(super) fn without_blanks_around_quotes(text: &[u8], delimiter: u8, quote: u8, least: usize) -> Option<Vec<u8>> {
    if delimiter == b' ' || quote == b' ' {
        return None;
    }
    let blank = |byte: u8| (byte == b' ' || byte == b'\t') && byte != delimiter;
    let edge = |byte: u8| byte == delimiter || matches!(byte, b'\n' | b'\r');
    let (mut removed, mut inside) = (0, false);
    let mut kept = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        if blank(byte) {
            let end = at + text[at..].iter().take_while(|byte| blank(**byte)).count();
            let before = kept.last().copied();
            let after = text.get(end).copied();
            let opens = !inside && before == Some(delimiter) && after == Some(quote);
            let closes = !inside && before == Some(quote) && after.is_some_and(edge);
            if opens || closes {
                removed += 1;
            } else {
                kept.extend_from_slice(&text[at..end]);
            }
            at = end;
        } else {
            inside ^= byte == quote;
            kept.push(byte);
            at += 1;
        }
    }
    (removed >= least.max(1)).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(&*without_escapes(b"a\\,b,\\N,c\\\\,d"), b"axxb,\\N,cxx,d");
        assert_eq!(&*without_escapes(b"plain\\"), b"plain\\");
    }

    #[test]
    fn blanks() {
        let text = without_blanks_around_quotes(b"a, \"b, c\", d\n\"x\" ,\"y\" \n", b',', b'"', 1);
        assert_eq!(text.as_deref(), Some(&b"a,\"b, c\", d\n\"x\",\"y\"\n"[..]));
        assert_eq!(without_blanks_around_quotes(b"a, b\n", b',', b'"', 1), None);
    }
}
