use fanout_core::message::{Dataset, HeaderMatch, HeaderRule};
use fanout_core::{Coded, Encoding, Format, read_header};

use super::dialect::dialect;

/// A dialect, a rule, and an object: what a prefix of it has answered, every longer one answers too.
pub fn header(input: &[u8]) {
    let [choice, rule, object @ ..] = input else { return };
    let matches = [HeaderMatch::Exact, HeaderMatch::AnyOrder, HeaderMatch::Superset, HeaderMatch::None];
    let expect = ["a", "b"][..usize::from(rule / 4 % 3)].iter().map(|name| name.to_string()).collect();
    let dataset = Dataset {
        format: [None, Some(Format::Csv), Some(Format::JsonLines)][usize::from(rule / 16 % 3)],
        dialect: dialect(*choice),
        header: HeaderRule { expect, matches: matches[usize::from(rule % 4)] },
        max_record: Some(60),
        ..Dataset::default()
    };
    let read = |prefix: usize| read_header(&object[..prefix], object.len() as u64, &dataset, Encoding::UTF_8);
    let answers = (0..=object.len()).filter_map(|prefix| read(prefix).map_err(|error| error.code()).transpose());
    let answers: Vec<_> = answers.collect();
    assert!(!answers.is_empty(), "no answer even from the whole object");
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}
