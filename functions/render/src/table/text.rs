//! Texts in the width of a terminal: cut, padded, and broken at words.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::escape::printable;

/// The columns of a terminal that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// A text from data in at most so many columns of a terminal; what is cut off is marked by an ellipsis.
pub(super) fn fitted(text: &str, most: usize) -> String {
    let text = printable(text);
    if width(&text) <= most {
        return text;
    }
    let mut left = most.saturating_sub(1);
    let mut cut = String::new();
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if wide > left {
            break;
        }
        left -= wide;
        cut.push(character);
    }
    cut + "…"
}

/// A text from data in at most so many columns of a terminal, of which the end is kept, as a key's says most.
pub(super) fn fitted_end(text: &str, most: usize) -> String {
    let text = printable(text);
    if width(&text) <= most {
        return text;
    }
    let mut left = most.saturating_sub(1);
    let wide = |character: &char| {
        let fits = character.width().unwrap_or(0) <= left;
        left = left.saturating_sub(character.width().unwrap_or(0));
        fits
    };
    let kept: Vec<char> = text.chars().rev().take_while(wide).collect();
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

/// Breaks a sentence at blanks, so that lines fit. The first keeps its indent, the others have their own. A longer word stands
/// alone, whole: a path can then be copied.
pub(super) fn wrapped(sentence: &str, most: usize, indent: usize) -> String {
    let words = sentence.trim_start_matches(' ');
    let first = sentence.len() - words.len();
    let mut text = " ".repeat(first);
    let mut used = first;
    for (index, word) in words.split(' ').enumerate() {
        let wide = width(word);
        if index > 0 && used + 1 + wide > most {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            used = indent;
        } else if index > 0 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += wide;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_by_what_they_take_on_a_terminal() {
        let table = [
            ("short", 5, "short"),
            ("longer", 5, "long…"),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("a\nb", 4, "a\\nb"),
            ("e\u{301}e\u{301}e", 2, "e\u{301}…"),
        ];
        for (text, most, expected) in table {
            assert_eq!(fitted(text, most), expected, "{text:?} in {most}");
        }
        let table = [("short", 5, "short"), ("longer", 5, "…nger"), ("日本語", 5, "…本語"), ("日本語", 4, "…語")];
        for (text, most, expected) in table {
            assert_eq!(fitted_end(text, most), expected, "{text:?} in {most}");
        }
    }

    #[test]
    fn sentences_break_at_blanks() {
        assert_eq!(wrapped("one two three", 80, 2), "one two three");
        assert_eq!(wrapped("one two three", 8, 2), "one two\n  three");
        assert_eq!(wrapped("  one two three", 9, 4), "  one two\n    three");
        assert_eq!(wrapped("one /a/long/path three", 8, 2), "one\n  /a/long/path\n  three");
    }
}
