//! Bytes that can be quotes, judged by where they stand in fields.

/// Quotes that are tried beside the double one, where the text shows them at the edges of fields.
const OTHERS: [u8; 6] = *b"'`~^|*";

/// The quotes that can be meant with this delimiter, the likeliest first; `None` is no quote.
pub(super) fn candidates(text: &[u8], delimiter: u8) -> Vec<Option<u8>> {
    let mut found = vec![Some(b'"')];
    for quote in OTHERS.into_iter().filter(|quote| *quote != delimiter) {
        let (opening, closing) = edges(text, delimiter, quote);
        // One field in quotes is one with quotes in it, unless they are doubled there or enclose what needs it.
        let several = opening + closing > 3
            || memchr::memmem::find(text, &[quote, quote]).is_some()
            || encloses(text, delimiter, quote);
        if opening > 0 && closing > 0 && several && opening.abs_diff(closing) * 4 <= opening.max(closing) {
            found.push(Some(quote));
        }
    }
    let (opening, _) = edges(text, delimiter, b'"');
    if opening > 0 {
        found.push(None);
    }
    found
}

/// Tells whether blanks stand between a delimiter and a quote, or between a quote and the end of its field.
pub(super) fn stand_after_blanks(text: &[u8], delimiter: u8, quote: u8) -> bool {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t') && *byte != delimiter && *byte != quote;
    let edge = |byte: &u8| *byte == delimiter || matches!(byte, b'\n' | b'\r');
    memchr::memchr_iter(quote, text).any(|at| {
        let before = text[..at].iter().rev().take_while(|byte| blank(byte)).count();
        let after = text[at + 1..].iter().take_while(|byte| blank(byte)).count();
        (before > 0 && text[..at - before].last() == Some(&delimiter))
            || (after > 0 && text.get(at + 1 + after).is_some_and(edge))
    })
}

/// Tells whether a field in quotes has a delimiter or a line break in it.
fn encloses(text: &[u8], delimiter: u8, quote: u8) -> bool {
    let special = |byte: &u8| *byte == delimiter || matches!(byte, b'\n' | b'\r');
    let mut places = memchr::memchr_iter(quote, text);
    let Some(open) = places.next() else { return false };
    let Some(close) = places.next() else { return false };
    let edges = (open == 0 || special(&text[open - 1])) && text.get(close + 1).is_none_or(special);
    edges && text[open + 1..close].iter().any(special)
}

/// Counts the quotes that stand where a field begins, and those where one ends.
fn edges(text: &[u8], delimiter: u8, quote: u8) -> (usize, usize) {
    let edge = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == delimiter || matches!(byte, b'\n' | b'\r'));
    let (mut opening, mut closing) = (0, 0);
    for at in memchr::memchr_iter(quote, text) {
        opening += usize::from(edge(at.checked_sub(1).and_then(|before| text.get(before))));
        closing += usize::from(edge(text.get(at + 1)));
    }
    (opening, closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_beside_quotes() {
        let found = |text: &str| stand_after_blanks(text.as_bytes(), b',', b'"');
        assert!(found("a, \"b\"") && found("\"a\" ,b") && found("\"a\" \n"));
        assert!(!found("a, b") && !found("a \"b\" c,d") && !found(" \"a\"") && !found("\"a\" b,c"));
    }

    #[test]
    fn quotes_at_edges() {
        assert_eq!(candidates(b"a,b\n1,2\n", b','), [Some(b'"')]);
        assert_eq!(candidates(b"'a','b'\n'x','y'\n", b','), [Some(b'"'), Some(b'\'')]);
        assert_eq!(candidates(b"it's,don't\n", b','), [Some(b'"')]);
        assert_eq!(candidates(b"\"a\",b\n", b','), [Some(b'"'), None]);
    }
}
