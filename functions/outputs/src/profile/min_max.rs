//! Extremes of numbers and of texts. Texts are kept up to a fixed length.

use serde::{Deserialize, Serialize};

use crate::text_extremes::TextExtremes;

/// Characters kept of the least and the greatest text. Cutting texts to their first characters
/// keeps their order, so the merged extremes are the cut ones of the whole.
pub(super) const LONGEST_SHOWN: usize = 64;

/// The number of values, and their extremes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct MinMax<T> {
    pub(super) count: u64,
    pub(super) extremes: Option<(T, T)>,
}

impl<T> Default for MinMax<T> {
    fn default() -> Self {
        Self { count: 0, extremes: None }
    }
}

impl<T: PartialOrd + Copy> MinMax<T> {
    #[inline]
    pub(super) fn extend(&mut self, values: impl ExactSizeIterator<Item = T>) {
        self.count += values.len() as u64;
        let start = self.extremes;
        self.extremes = values.fold(start, |extremes, value| match extremes {
            None => Some((value, value)),
            Some((min, max)) => Some((if value < min { value } else { min }, if value > max { value } else { max })),
        });
    }

    pub(super) fn merge(&mut self, other: Self) {
        let count = self.count + other.count;
        if let Some((min, max)) = other.extremes {
            self.extend([min, max].into_iter());
        }
        self.count = count;
    }
}

/// The extremes of texts, by their bytes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct TextExtent {
    pub(super) count: u64,
    pub(super) extremes: Option<(String, String)>,
    /// Characters of the shortest and of the longest one, and of all.
    #[serde(default)]
    pub(super) characters: (u64, u64, u64),
}

impl TextExtent {
    /// Includes the texts of a batch. Its extremes alone are looked at beside those of all: where texts ascend, each
    /// would be the greatest so far.
    pub(super) fn extend<'t>(&mut self, texts: impl Iterator<Item = &'t [u8]>) {
        let mut extremes = TextExtremes::default();
        let (mut min, mut max, mut all) = self.characters;
        for text in texts {
            let length = characters(text);
            (min, max, all) = (if self.count == 0 { length } else { min.min(length) }, max.max(length), all + length);
            self.count += 1;
            extremes.include(text);
        }
        self.characters = (min, max, all);
        if let Some((least, greatest)) = extremes.found() {
            self.extend_extremes(least, greatest);
        }
    }

    fn extend_extremes(&mut self, least: &[u8], greatest: &[u8]) {
        let (min, max) = self.extremes.get_or_insert_with(|| (shown(least), shown(greatest)));
        if least < min.as_bytes() {
            *min = shown(least);
        }
        if greatest > max.as_bytes() {
            *max = shown(greatest);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        let Some((min, max)) = other.extremes else { return };
        self.extend_extremes(min.as_bytes(), max.as_bytes());
        let ((shortest, longest, all), (other_shortest, other_longest, others)) = (self.characters, other.characters);
        let shortest = if self.count == 0 { other_shortest } else { shortest.min(other_shortest) };
        self.characters = (shortest, longest.max(other_longest), all + others);
        self.count += other.count;
    }
}

/// Characters of a UTF-8 text: its bytes but those that continue a character.
#[inline]
fn characters(text: &[u8]) -> u64 {
    // A count of at most 255 fits a byte, and many bytes are added at once.
    let count = |bytes: &[u8]| bytes.iter().map(|byte| u8::from(*byte as i8 >= -0x40)).sum::<u8>();
    text.chunks(255).map(|bytes| u64::from(count(bytes))).sum()
}

/// The first characters of a text.
fn shown(text: &[u8]) -> String {
    // The decoder lets only UTF-8 through; 64 characters have at most 256 bytes.
    String::from_utf8_lossy(&text[..text.len().min(4 * LONGEST_SHOWN)]).chars().take(LONGEST_SHOWN).collect()
}
