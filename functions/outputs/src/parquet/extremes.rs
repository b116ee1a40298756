//! The extremes of a column, found in one pass over its values: the encoder would look at them one by one.

use parquet::data_type::{ByteArray, DataType};
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::schema::types::ColumnDescriptor;

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
    let mut extremes: Option<[(u64, &[u8]); 2]> = None;
    for text in texts {
        // Most are told apart by their first bytes.
        let one = (first_bytes(text), text);
        let [least, greatest] = extremes.get_or_insert([one, one]);
        if one < *least {
            *least = one;
        } else if one > *greatest {
            *greatest = one;
        }
    }
    let (least, greatest) = extremes.map_or((None, None), |[(_, least), (_, greatest)]| (Some(least), Some(greatest)));
    let (floor, ceiling) = (least.map(floor), greatest.and_then(ceiling));
    let exact =
        |bound: &Option<Vec<u8>>, text: Option<&[u8]>| bound.as_deref().is_some_and(|bound| Some(bound) == text);
    let (floor_is_exact, ceiling_is_exact) = (exact(&floor, least), exact(&ceiling, greatest));
    ValueStatistics::new(floor.map(ByteArray::from), ceiling.map(ByteArray::from), None, Some(nulls), false)
        .with_min_is_exact(floor_is_exact)
        .with_max_is_exact(ceiling_is_exact)
        .into()
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
        let table: [(&str, Vec<String>, Option<(String, String)>, (bool, bool)); 9] = [
            ("none", vec![], None, (false, false)),
            ("one", vec!["b".into()], Some(("b".into(), "b".into())), (true, true)),
            ("an empty one", vec!["b".into(), "".into()], Some(("".into(), "b".into())), (true, true)),
            ("a start", vec!["ab".into(), "abc".into()], Some(("ab".into(), "abc".into())), (true, true)),
            ("a zero", vec!["a\0".into(), "a".into()], Some(("a".into(), "a\0".into())), (true, true)),
            (
                "equal first bytes",
                vec!["01234567b".into(), "01234567c".into(), "01234567a".into()],
                Some(("01234567a".into(), "01234567c".into())),
                (true, true),
            ),
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
