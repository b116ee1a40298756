//! The values of one column of a batch, fed to its sketches.

use std::borrow::Cow;

use datasketches::error::Error;
use fanout_core::{Column, Rows, Values};

use super::counts::Counts;
use super::distinct_values::DistinctValues;
use super::repeats::{Repeats, limit};
use super::sketch::{Sketches, cut};
use crate::jsonl::decimal_text;

/// Buffers that are filled for each column of each batch anew.
///
/// The values of a column are counted, so that each different one costs the sketches one update. Where no value
/// of the batch before came more than a few times, counting gains nothing: then each value goes to the sketch of
/// distinct values, and that of frequent ones learns how often any of them may have come.
#[derive(Default)]
pub(super) struct Feed {
    counts: Counts,
    repeats: Repeats,
}

impl Feed {
    /// Feeds the column at `index`.
    pub(super) fn column(&mut self, sketches: &mut Sketches, rows: &Rows<'_>, index: usize) -> Result<(), Error> {
        let text = |row| Cow::Borrowed(rows.text(row, index));
        match rows.column(index) {
            Column::Int64(values) => {
                present(values).for_each(|value| sketches.numbers.update(value as f64));
                let shown = |value: i64, row| is_shortest(value, text(row).len());
                self.typed(
                    sketches,
                    rows,
                    index,
                    values,
                    |value| value as u64,
                    shown,
                    |sketch, value, _| {
                        sketch.integer(value);
                    },
                )
            }
            Column::Float64(values) => {
                present(values).for_each(|value| sketches.numbers.update(value));
                self.typed(sketches, rows, index, values, f64::to_bits, many, |sketch, value, _| sketch.float(value))
            }
            Column::Decimal(values, scale) => {
                let unit = 10f64.powi((*scale).into());
                present(values).for_each(|value| sketches.numbers.update(value as f64 / unit));
                self.typed(
                    sketches,
                    rows,
                    index,
                    values,
                    |value| value as u64,
                    many,
                    |sketch, value, row| {
                        let text = text(row);
                        if is_plain(&text, value, *scale) {
                            sketch.text(&text);
                        } else {
                            sketch.text(decimal_text(value, *scale).as_bytes());
                        }
                    },
                )
            }
            Column::Date(values) => {
                present(values).for_each(|days| sketches.dates.update(days.into()));
                self.typed(
                    sketches,
                    rows,
                    index,
                    values,
                    |days| days as u64,
                    many,
                    |sketch, days, _| {
                        sketch.integer(days.into());
                    },
                )
            }
            Column::Timestamp(values) => {
                present(values).for_each(|microseconds| sketches.timestamps.update(microseconds as f64));
                self.typed(
                    sketches,
                    rows,
                    index,
                    values,
                    |value| value as u64,
                    many,
                    |sketch, value, _| {
                        sketch.integer(value);
                    },
                )
            }
            Column::Boolean(values) => {
                let shown = |value: bool, row| *text(row) == *if value { b"true".as_slice() } else { b"false" };
                self.typed(sketches, rows, index, values, u64::from, shown, |sketch, value, _| {
                    sketch.integer(value.into());
                })
            }
            Column::Text => self.texts(sketches, rows, index),
        }
    }

    /// Feeds values that `bits` tells apart. `one_text` tells whether the text of a value at a row is the only one
    /// that it has: frequent values are texts.
    #[allow(clippy::too_many_arguments)] // Half of them say what a type is like.
    fn typed<T: Copy>(
        &mut self,
        sketches: &mut Sketches,
        rows: &Rows<'_>,
        index: usize,
        values: &Values<T>,
        bits: impl Fn(T) -> u64,
        one_text: impl Fn(T, usize) -> bool,
        mut distinct: impl FnMut(&mut DistinctValues, T, usize),
    ) -> Result<(), Error> {
        let value = |row: usize| values.values[row];
        let present = || (0..rows.len()).filter(|row| values.valid[*row]);
        if sketches.are_rare {
            self.repeats.start();
            for row in present() {
                self.repeats.add(bits(value(row)));
                distinct(&mut sketches.distinct, value(row), row);
            }
            let count = rows.len() - values.nulls;
            if let Some(most) = self.repeats.most(count) {
                return sketches.rare(count as u64, most);
            }
        }
        let text = |row| Cow::Borrowed(rows.text(row, index));
        let long = if present().all(|row| one_text(value(row), row)) {
            self.counts.count_bits(present(), |row| bits(value(row)));
            false
        } else {
            self.counts.count(present(), text)
        };
        for found in self.counts.found() {
            distinct(&mut sketches.distinct, value(found.row), found.row);
        }
        self.frequent(sketches, present(), long, text)
    }

    fn texts(&mut self, sketches: &mut Sketches, rows: &Rows<'_>, index: usize) -> Result<(), Error> {
        let text = |row| Cow::Borrowed(rows.text(row, index));
        let present = || rows.texts(index).enumerate().filter_map(|(row, text)| Some((row, text?)));
        if sketches.are_rare {
            self.repeats.start();
            let mut count = 0;
            for (_, text) in present() {
                // What is kept of a long text is what counts.
                self.repeats.add(self.counts.hash(&cut(Cow::Borrowed(text))));
                sketches.distinct.text(text);
                count += 1;
            }
            if let Some(most) = self.repeats.most(count) {
                return sketches.rare(count as u64, most);
            }
        }
        let long = self.counts.count(present().map(|(row, _)| row), text);
        for found in self.counts.found() {
            sketches.distinct.text(rows.text(found.row, index));
        }
        self.frequent(sketches, present().map(|(row, _)| row), long, text)
    }

    fn frequent<'v>(
        &mut self,
        sketches: &mut Sketches,
        rows: impl Iterator<Item = usize>,
        long: bool,
        text: impl Fn(usize) -> Cow<'v, [u8]>,
    ) -> Result<(), Error> {
        let text = |row| cut(text(row));
        if long {
            self.counts.count(rows, text);
        }
        let most = self.counts.found().iter().map(|found| found.count).max().unwrap_or(0);
        let count = self.counts.found().iter().map(|found| found.count).sum::<u64>();
        sketches.are_rare = most <= limit(count as usize) / 2;
        sketches.frequent(&mut self.counts, text)
    }
}

/// The values that aren't null.
fn present<T: Copy>(values: &Values<T>) -> impl Iterator<Item = T> {
    values.values.iter().zip(&values.valid).filter(|(_, valid)| **valid).map(|(value, _)| *value)
}

/// Values of a type whose texts are many.
fn many<T>(_value: T, _row: usize) -> bool {
    false
}

/// Tells whether an integer of so many characters is written without a sign or a zero that it doesn't need.
#[inline]
fn is_shortest(value: i64, characters: usize) -> bool {
    let digits = value.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
    characters == digits + usize::from(value < 0)
}

/// Tells whether the text of a decimal is the one that [`decimal_text`] makes of its value.
fn is_plain(text: &[u8], value: i128, scale: u8) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let scale = usize::from(scale);
    let Some(whole) = digits.len().checked_sub(if scale == 0 { 0 } else { scale + 1 }) else { return false };
    let point = scale == 0 || digits[whole] == b'.';
    let first = match digits[..whole] {
        [b'0'] => value != 0 || digits.len() == text.len(),
        [b'1'..=b'9', ..] => true,
        _ => false,
    };
    point && first && !digits[..whole].contains(&b'.')
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use fanout_core::message::{ColumnRule, Dataset};
    use fanout_core::{ColumnType, Decoder, Dialect, Scanner, Start};

    use super::super::sketch::Sizes;
    use super::*;

    /// The sketches of a column of this type, fed batch by batch.
    fn fed(column_type: ColumnType, batches: &[Vec<String>]) -> Sketches {
        let columns = [("a".to_owned(), ColumnRule::of(column_type))].into_iter().collect();
        let mut decoder = Decoder::new(Dataset { columns, ..Dataset::default() }.schema(&["a".to_owned()]));
        let mut sketches = Sketches::new(Sizes::of(1).unwrap()).unwrap();
        let mut feed = Feed::default();
        for batch in batches {
            let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, 1000);
            scanner.push(batch.join("\n").as_bytes());
            scanner.finish();
            let batch = scanner.next_batch().unwrap();
            decoder.decode(&batch);
            assert!(decoder.refused().is_empty(), "{:?}", decoder.refused());
            feed.column(&mut sketches, &decoder.rows(batch), 0).unwrap();
        }
        sketches
    }

    #[test]
    fn rare_values_are_as_good_as_counted() {
        let text = |column_type: ColumnType, n: u32| match column_type {
            ColumnType::Float64 => format!("{}.25", n),
            ColumnType::Decimal { .. } => format!("{n}.50"),
            ColumnType::Date => fanout_core::date_text(n as i32),
            ColumnType::Timestamp => format!("{}T00:00:01Z", fanout_core::date_text(n as i32)),
            ColumnType::String => format!("\"{n}, {}\"", "long ".repeat(n as usize % 30)),
            _ => n.to_string(),
        };
        for column_type in [
            ColumnType::Int64,
            ColumnType::Float64,
            ColumnType::Decimal { precision: 12, scale: 2 },
            ColumnType::Date,
            ColumnType::Timestamp,
            ColumnType::String,
        ] {
            // In the last batch, and in no other, a value comes often.
            let mut batches: Vec<Vec<String>> =
                (0..5).map(|batch| (0..1000).map(|n| text(column_type, batch * 1000 + n)).collect()).collect();
            assert!(fed(column_type, &batches).are_rare, "{column_type}");
            batches[4][500..].fill(text(column_type, 7));
            let sketches = fed(column_type, &batches);
            assert!(!sketches.are_rare, "{column_type}");
            let counted: Vec<Vec<String>> = batches.iter().map(|batch| vec![batch.clone(); 20].concat()).collect();
            let counted = fed(column_type, &counted);
            assert!(!counted.are_rare, "{column_type}");
            let estimates = [&sketches, &counted].map(|one| one.distinct.estimate(5000).unwrap());
            assert_eq!(estimates[0], estimates[1], "{column_type}");
            let mut truth = HashMap::new();
            batches.concat().iter().for_each(|text| *truth.entry(text.trim_matches('"').to_owned()).or_insert(0) += 1);
            let found = sketches.most_frequent();
            assert_eq!(found.len(), 1, "{column_type}: {found:?}");
            let (count, value) = (truth[&found[0].value], &found[0]);
            assert_eq!(count, 501, "{column_type}");
            assert!(value.at_least <= count && count <= value.at_most, "{column_type}: {value:?}");
            assert!(value.at_most - value.at_least <= 5000 * 35 / 1280, "{column_type}: {value:?}");
        }
    }

    #[test]
    fn values_of_several_texts_are_told_apart() {
        let table: [(ColumnType, &[&str], &[(&str, u64)], u64); 4] = [
            (ColumnType::Int64, &["7", "7", "-7", "7"], &[("7", 3), ("-7", 1)], 2),
            (ColumnType::Int64, &["7", "007", "7", "0", "-0"], &[("7", 2), ("-0", 1), ("0", 1), ("007", 1)], 2),
            (ColumnType::Boolean, &["true", "false", "true"], &[("true", 2), ("false", 1)], 2),
            (
                ColumnType::Boolean,
                &["true", "yes", "t", "true", "no"],
                &[("true", 2), ("no", 1), ("t", 1), ("yes", 1)],
                2,
            ),
        ];
        for (column_type, texts, expected, distinct) in table {
            let sketches = fed(column_type, &[texts.iter().map(|text| (*text).to_owned()).collect()]);
            let found: Vec<_> = sketches.most_frequent().into_iter().map(|one| (one.value, one.at_least)).collect();
            let mut expected: Vec<_> = expected.iter().map(|(text, count)| ((*text).to_owned(), *count)).collect();
            expected.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            assert_eq!(found, expected, "{texts:?}");
            assert_eq!(sketches.distinct.estimate(9).unwrap().estimate, distinct, "{texts:?}");
        }
        for (value, text) in [(0, "0"), (9, "9"), (10, "10"), (-10, "-10"), (i64::MIN, "-9223372036854775808")] {
            assert!(is_shortest(value, text.len()) && !is_shortest(value, text.len() + 1), "{text}");
        }
    }

    #[test]
    fn plain_decimals() {
        let table: [(&str, i128, u8, bool); 14] = [
            ("1.50", 150, 2, true),
            ("-1.50", -150, 2, true),
            ("0.05", 5, 2, true),
            ("-0.05", -5, 2, true),
            ("0.00", 0, 2, true),
            ("-0.00", 0, 2, false),
            ("12", 12, 0, true),
            ("12.", 12, 0, false),
            ("+1.50", 150, 2, false),
            ("01.50", 150, 2, false),
            (".50", 50, 2, false),
            ("1.5", 150, 2, false),
            ("1.500", 150, 2, false),
            ("15", 1500, 2, false),
        ];
        for (text, value, scale, plain) in table {
            assert_eq!(is_plain(text.as_bytes(), value, scale), plain, "{text}");
            assert_eq!(decimal_text(value, scale) == text, plain, "{text}");
        }
    }
}
