//! Bytes that can be delimiters and their likelihoods. Separators of several bytes are refused.

use super::DetectError;

/// Delimiters that come up by themselves, and how likely each is where the rest is equal.
const PRIORS: [(u8, f64); 12] = [
    (b',', 1.0),
    (b';', 1.0),
    (b'\t', 1.0),
    (b'|', 0.98),
    (b'^', 0.9),
    (b'~', 0.9),
    (b':', 0.6),
    (b' ', 0.5),
    (b'!', 0.4),
    (b'&', 0.4),
    (b'#', 0.4),
    (b'*', 0.4),
];

/// Separators of more than one byte, which are named but not read.
const LONG: [&str; 31] = [
    "~|~", "^|^", "|~|", "|^|", "@|@", "#|#", "<|>", "[|]", "$|$", "!|!", "||", "::", ";;", "\t\t", "~~", "^^", "@@",
    "##", "$$", "&&", "%%", "**", "|;|", ";|;", "|,|", "\\t", "§", "¦", "¬", "þ", "\u{feff}",
];

/// Lines in which long separators are counted.
const LINES: usize = 200;

/// Tells whether the delimiter is one that text has by itself: more is asked of it.
pub(super) fn is_weak(delimiter: u8) -> bool {
    prior(delimiter) <= 0.6
}

/// Returns how likely a delimiter is, where the rest is equal.
pub(super) fn prior(delimiter: u8) -> f64 {
    PRIORS.iter().find(|(byte, _)| *byte == delimiter).map_or(1.0, |(_, prior)| *prior)
}

/// The bytes of the text that can be its delimiter.
pub(super) fn candidates(text: &[u8]) -> Vec<u8> {
    let mut counts = [0usize; 128];
    for byte in text {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let control = (1..=0x1f).filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b));
    let all = PRIORS.iter().map(|(byte, _)| *byte).chain(control);
    let found: Vec<(usize, u8)> = all.map(|byte| (counts[usize::from(byte)], byte)).filter(|(n, _)| *n > 0).collect();
    let lines = counts[usize::from(b'\n')].max(counts[usize::from(b'\r')]).max(1);
    let most = found.iter().map(|(count, _)| *count).max().unwrap_or_default();
    // Of a wide table all but the frequent ones are content: less is read.
    let wide = most / lines >= 100;
    let mut found: Vec<(usize, u8)> = found.into_iter().filter(|(count, _)| !wide || count * 50 >= most).collect();
    found.sort_by(|a, b| prior(b.1).total_cmp(&prior(a.1)).then(b.0.cmp(&a.0)));
    found.into_iter().map(|(_, byte)| byte).take(10).collect()
}

/// Refuses text whose fields are separated by more than one byte: a known separator that stands in
/// nearly all lines equally often and, where `delimiter` was found, makes all that stands of it.
pub(super) fn refuse_long(text: &[u8], whole: bool, delimiter: Option<u8>) -> Result<(), DetectError> {
    let lines: Vec<&[u8]> = text.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty()).collect();
    let cut = if lines.len() > 2 && !whole { lines.len() - 1 } else { lines.len() };
    let lines = &lines[..cut.min(LINES)];
    if lines.len() < 2 {
        return Ok(());
    }
    for long in LONG {
        let bytes = long.as_bytes();
        let own = delimiter.map_or(0, |byte| memchr::memchr_iter(byte, bytes).count());
        if delimiter.is_some() && own == 0 {
            continue;
        }
        let count = |line: &[u8]| memchr::memmem::find_iter(line, bytes).count();
        let usual = count(lines[lines.len() / 2]);
        if usual == 0 {
            continue;
        }
        let alike = lines.iter().filter(|line| {
            count(line) == usual && delimiter.is_none_or(|byte| memchr::memchr_iter(byte, line).count() == usual * own)
        });
        let alike = alike.count();
        if alike * 20 >= lines.len() * 19 {
            return Err(DetectError::LongDelimiter { found: long.to_owned(), lines: alike, looked_at: lines.len() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_delimiters() {
        let found =
            |text: &str, delimiter| refuse_long(text.as_bytes(), true, delimiter).err().map(|error| error.to_string());
        assert!(found("a||b\n1||2\n", Some(b'|')).is_some_and(|text| text.contains("\"||\" in 2 of 2 lines")));
        assert!(found("a~|~b\n1~|~2\n", Some(b'|')).is_some());
        assert_eq!(found("a||b|c\n1|2|3|4\n", Some(b'|')), None, "an empty field");
        assert!(found("a§b\n1§2\n", None).is_some());
        assert_eq!(found("a,b\n1,2\n", Some(b',')), None);
    }
}
