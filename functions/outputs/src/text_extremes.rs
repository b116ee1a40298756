//! The least and the greatest of many texts, by their bytes.

/// The extremes of the texts that were included; none before the first.
#[derive(Default)]
pub(crate) struct TextExtremes<'t> {
    /// Each with its first bytes, which tell most texts apart.
    found: Option<[(u64, &'t [u8]); 2]>,
}

impl<'t> TextExtremes<'t> {
    #[inline]
    pub(crate) fn include(&mut self, text: &'t [u8]) {
        let one = (first_bytes(text), text);
        let [least, greatest] = self.found.get_or_insert([one, one]);
        if one < *least {
            *least = one;
        } else if one > *greatest {
            *greatest = one;
        }
    }

    /// The least text and the greatest.
    pub(crate) fn found(&self) -> Option<(&'t [u8], &'t [u8])> {
        self.found.map(|[(_, least), (_, greatest)]| (least, greatest))
    }
}

/// The first eight bytes, or zeros after a shorter text, in an order that texts have as well.
#[inline]
fn first_bytes(text: &[u8]) -> u64 {
    match (text.first_chunk(), text.first_chunk(), text.last_chunk()) {
        (Some(all), _, _) => u64::from_be_bytes(*all),
        // They overlap where there are fewer than eight.
        (_, Some(first), Some(last)) => {
            let (first, last) = (u32::from_be_bytes(*first), u32::from_be_bytes(*last));
            (u64::from(first) << 32) | (u64::from(last) << (8 * (8 - text.len())))
        }
        _ => text.iter().zip((0..8).rev()).fold(0, |all, (byte, place)| all | (u64::from(*byte) << (8 * place))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes() {
        let table: [(&str, &[&str], Option<(&str, &str)>); 7] = [
            ("none", &[], None),
            ("one", &["b"], Some(("b", "b"))),
            ("an empty one", &["b", ""], Some(("", "b"))),
            ("a start", &["abc", "ab"], Some(("ab", "abc"))),
            ("a zero", &["a\0", "a"], Some(("a", "a\0"))),
            ("equal first bytes", &["01234567b", "01234567c", "01234567a"], Some(("01234567a", "01234567c"))),
            ("all lengths", &["5", "55", "555", "5555", "55555", "4444444", "66666666"], Some(("4444444", "66666666"))),
        ];
        for (case, texts, expected) in table {
            let mut extremes = TextExtremes::default();
            texts.iter().for_each(|text| extremes.include(text.as_bytes()));
            assert_eq!(extremes.found(), expected.map(|(least, most)| (least.as_bytes(), most.as_bytes())), "{case}");
        }
    }
}
