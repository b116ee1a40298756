//! The extremes of a column, found in one pass over its values: the encoder would look at them one by one.

use parquet::data_type::{ByteArray, DataType};
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::schema::types::ColumnDescriptor;

use crate::text_extremes::TextExtremes;

/// Bytes that the footer has of a text; of the greatest one a few more.
const TEXT: usize = 64;

/// A number or flag.
pub(super) trait Ordered: Copy + PartialOrd {
    /// The least value as the footer has it.
    fn as_least(self) -> Self {
        self
    }

    /// The greatest value as the footer has it.
    fn as_greatest(self) -> Self {
        self
    }
}

impl Ordered for bool {}
impl Ordered for i32 {}
impl Ordered for i64 {}

/// No value is NaN.
impl Ordered for f64 {
    /// Either zero may be among the values where one is the least.
    fn as_least(self) -> Self {
        if self == 0.0 { -0.0 } else { self }
    }

    /// Either zero may be among the values where one is the greatest.
    fn as_greatest(self) -> Self {
        if self == 0.0 { 0.0 } else { self }
    }
}

/// The statistics of the values of a column that has this many nulls besides.
pub(super) fn of_values<T: DataType>(column: &ColumnDescriptor, values: &[T::T], nulls: u64) -> Statistics
where
    T::T: Ordered,
{
    let extremes = values.first().map(|first| {
        let one = |(least, greatest), value: &T::T| {
            (if *value < least { *value } else { least }, if *value > greatest { *value } else { greatest })
        };
        values.iter().fold((*first, *first), one)
    });
    let least = extremes.map(|(least, _)| least.as_least());
    let greatest = extremes.map(|(_, greatest)| greatest.as_greatest());
    // Old readers take numbers with a sign alone.
    ValueStatistics::new(least, greatest, None, Some(nulls), false)
        .with_backwards_compatible_min_max(column.sort_order().is_signed())
        .into()
}

/// The statistics of a column of texts.
pub(super) fn of_texts<'a>(texts: impl Iterator<Item = &'a [u8]>, nulls: u64) -> Statistics {
    let mut extremes = TextExtremes::default();
    texts.for_each(|text| extremes.include(text));
    let (least, greatest) = extremes.found().unzip();
    let (floor, ceiling) = (least.map(floor), greatest.and_then(ceiling));
    let exact =
        |bound: &Option<Vec<u8>>, text: Option<&[u8]>| bound.as_deref().is_some_and(|bound| Some(bound) == text);
    let (floor_is_exact, ceiling_is_exact) = (exact(&floor, least), exact(&ceiling, greatest));
    ValueStatistics::new(floor.map(ByteArray::from), ceiling.map(ByteArray::from), None, Some(nulls), false)
        .with_min_is_exact(floor_is_exact)
        .with_max_is_exact(ceiling_is_exact)
        .into()
}

/// A short text that is no greater.
fn floor(text: &[u8]) -> Vec<u8> {
    start(text).into()
}

/// A short text that is no less, where there is one.
fn ceiling(text: &[u8]) -> Option<Vec<u8>> {
    let start = start(text);
    if start.len() == text.len() {
        return Some(start.into());
    }
    // The greatest start with its last character replaced by the next one.
    let start = String::from_utf8_lossy(start);
    let mut characters = start.chars();
    while let Some(last) = characters.next_back() {
        if let Some(next) = char::from_u32(u32::from(last) + 1) {
            let mut ceiling = characters.as_str().to_owned();
            ceiling.push(next);
            return Some(ceiling.into());
        }
    }
    None
}

/// The first bytes of a text, characters whole.
fn start(text: &[u8]) -> &[u8] {
    let is_boundary = |at: &usize| text.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    let end = (0..=TEXT.min(text.len())).rev().find(is_boundary).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let long = |last: &str| format!("{}{last} and more", "a".repeat(62));
        let start = "a".repeat(62);
        let table: [(&str, Vec<String>, Option<(String, String)>, (bool, bool)); 6] = [
            ("none", vec![], None, (false, false)),
            ("one", vec!["b".into()], Some(("b".into(), "b".into())), (true, true)),
            ("an empty one", vec!["b".into(), "".into()], Some(("".into(), "b".into())), (true, true)),
            ("long", vec![long("xyz")], Some((format!("{start}xy"), format!("{start}xz"))), (false, false)),
            ("characters whole", vec![long("äö")], Some((format!("{start}ä"), format!("{start}å"))), (false, false)),
            ("no next character", vec!["\u{10ffff}".repeat(20)], None, (false, false)),
        ];
        for (case, texts, expected, exact) in table {
            let Statistics::ByteArray(found) = of_texts(texts.iter().map(String::as_bytes), 3) else { panic!() };
            let text = |bytes: &ByteArray| String::from_utf8(bytes.data().to_vec()).unwrap();
            assert_eq!(found.min_opt().map(text).zip(found.max_opt().map(text)), expected, "{case}");
            assert_eq!((found.min_is_exact(), found.max_is_exact()), exact, "{case}");
            assert_eq!(found.null_count_opt(), Some(3), "{case}");
        }
    }
}
