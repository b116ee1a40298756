//! The pairs of words for true and false that detection knows.

/// One pair of words for true and false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BooleanWords(u8);

/// The pairs: true, false, and whether they count in any case.
const PAIRS: [(&str, &str, bool); 5] =
    [("true", "false", true), ("yes", "no", true), ("Y", "N", true), ("T", "F", true), ("ON", "OFF", false)];

impl BooleanWords {
    /// `true` and `false`. Of the other pairs both words must be seen: a column of N alone may be anything.
    pub(crate) const TRUE_FALSE: Self = Self(0);

    /// A set of all pairs.
    pub(crate) const ALL: u8 = (1 << PAIRS.len()) - 1;

    /// The pair as a set.
    pub(crate) fn bit(self) -> u8 {
        1 << self.0
    }

    /// The first pair of a set.
    pub(crate) fn first_of(set: u8) -> Option<Self> {
        (set != 0).then_some(Self(set.trailing_zeros() as u8))
    }

    /// The words for true and for false.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        let (yes, no, _) = PAIRS[usize::from(self.0)];
        (yes, no)
    }

    /// The value of a text in this pair.
    #[inline]
    pub(crate) fn value(self, text: &[u8]) -> Option<bool> {
        // What programs write, before what people may.
        match text {
            b"true" if self == Self::TRUE_FALSE => return Some(true),
            b"false" if self == Self::TRUE_FALSE => return Some(false),
            _ => {}
        }
        let (yes, no, any_case) = PAIRS[usize::from(self.0)];
        let is = |word: &str| text == word.as_bytes() || (any_case && text.eq_ignore_ascii_case(word.as_bytes()));
        if is(yes) {
            Some(true)
        } else if is(no) {
            Some(false)
        } else {
            None
        }
    }

    /// The pairs of which a text is a word, and its value.
    pub(crate) fn of(text: &[u8]) -> Option<(u8, bool)> {
        if text.len() > 5 {
            return None;
        }
        (0..PAIRS.len() as u8).map(Self).find_map(|pair| pair.value(text).map(|value| (pair.bit(), value)))
    }
}
