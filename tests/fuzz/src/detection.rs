//! Detection, over samples that are cut anywhere.

use fanout_core::message::{Dataset, DialectRule, HeaderMatch, HeaderRule};
use fanout_core::{Format, Samples, Window, resolve};

use super::dialect::dialect;

/// A dataset that says something, and an object: whatever is detected, the header lies in the object, and the
/// whole object is enough to answer.
pub fn detection(input: &[u8]) {
    let [choice, rule, cut, object @ ..] = input else { return };
    let matches = [HeaderMatch::Exact, HeaderMatch::AnyOrder, HeaderMatch::Superset, HeaderMatch::None];
    let expect = ["a", "b"][..usize::from(rule / 4 % 3)].iter().map(|name| name.to_string()).collect();
    let dataset = Dataset {
        format: [None, Some(Format::Csv), Some(Format::JsonLines)][usize::from(rule / 16 % 3)],
        dialect: if choice % 2 == 0 { DialectRule::default() } else { DialectRule::from(&dialect(*choice / 2)) },
        skip_lines: [None, Some(0), Some(1)][usize::from(choice % 3)],
        header: (rule % 5 > 0).then(|| HeaderRule { expect, matches: matches[usize::from(rule % 4)] }),
        max_record: Some(60),
        ..Dataset::default()
    };
    let size = object.len() as u64;
    let found = resolve(&Samples { first: object, whole: true, windows: &[] }, size, &dataset);
    if let Ok(found) = &found {
        let found = found.as_ref().expect("an answer from the whole object");
        assert!(found.header.data_start <= size && !found.header.names.is_empty(), "{found:?}");
        assert!(found.footer_start.is_none_or(|start| (found.header.data_start..size).contains(&start)), "{found:?}");
    }
    // Samples that are cut anywhere.
    let cut = usize::from(*cut).min(object.len());
    let window = Window { offset: cut as u64, bytes: &object[cut..] };
    let _ = resolve(&Samples { first: &object[..cut], whole: false, windows: &[window] }, size, &dataset);
}
