//! The one rule of how texts from data are shown to a person, on a page or a terminal.

/// Writes a text from data with its control characters as escapes: it cannot move a terminal's cursor
/// or turn the direction of what stands after it.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || turns(character) {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
    }
    printable
}

/// Tells whether a character changes the direction of those after it (Unicode, Bidi_Control).
fn turns(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes at most `characters` characters of a text, then an ellipsis where there are more.
pub(crate) fn shortened(text: &str, characters: usize) -> String {
    let cut = text.char_indices().nth(characters).map(|(at, _)| at);
    match cut {
        Some(at) => format!("{}…", printable(&text[..at])),
        None => printable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(printable("a\x1b[2J\nb\u{202e}"), "a\\u{1b}[2J\\nb\\u{202e}");
        assert_eq!(shortened(&"x".repeat(30), 16), format!("{}…", "x".repeat(16)));
        assert_eq!(shortened("ü\n", 2), "ü\\n");
    }
}
