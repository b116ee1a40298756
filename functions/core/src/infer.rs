use std::collections::HashMap;

use crate::message::{ColumnRule, Dataset, HeaderMatch, HeaderRule};
use crate::scan::{Batch, Keys, Scanner, Start};
use crate::value::{Decoder, Observed, observe};
use crate::{
    ColumnType, DEFAULT_MAX_RECORD, Dialect, Format, HeaderError, JsonLines, Terminator, byte_order_mark, read_header,
};

/// Delimiters that are tried, the likeliest first.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// Records by which a dialect is judged.
const JUDGED: usize = 1000;

/// Digits of a decimal column: enough for what a sample may not show.
const PRECISION: u8 = 18;

/// Digits after the point that make numbers decimals: amounts of money.
const SCALE: u8 = 2;

/// A dataset that the beginning of an object suggests, for a person to edit.
///
/// `sample` are the first bytes of an object of `size` bytes; a record that is cut at its end isn't
/// looked at. The delimiter is the one under which most records have as many fields as most others.
/// There is a header unless its first record has a number or a date in it. A column whose values all
/// are of one type gets it: numbers with two digits after the point, all of them, are decimals. One
/// without a null is declared to have none, and one without a value isn't declared. Of JSON lines
/// the columns are the keys; one with nested values isn't declared either: a string they would be.
pub fn infer(sample: &[u8], size: u64) -> Result<Dataset, HeaderError> {
    let mark = byte_order_mark(sample)?;
    let text = &sample[mark..];
    if Format::of(text) == Format::JsonLines {
        return json_lines(sample, size, mark);
    }
    let whole = sample.len() as u64 >= size;
    let terminator = if text.contains(&b'\r') && !text.contains(&b'\n') { Terminator::Cr } else { Terminator::Auto };
    let dialects = DELIMITERS.map(|delimiter| Dialect { delimiter, terminator, ..Dialect::default() });
    // The first of equal ones.
    let dialect = dialects.into_iter().rev().max_by(|a, b| fit(text, whole, a).total_cmp(&fit(text, whole, b)));
    let mut dataset = Dataset { dialect: dialect.unwrap_or_default(), ..Dataset::default() };
    let first = read_header(sample, size, &dataset)?;
    let first = first.ok_or(HeaderError::Missing { size })?;
    let is_data = |name: &String| !matches!(observe(name.as_bytes()), Observed::Text | Observed::Null);
    if first.names.iter().any(is_data) {
        let expect = (1..=first.names.len()).map(|number| format!("column_{number}")).collect();
        dataset.header = HeaderRule { expect, matches: HeaderMatch::None };
    } else {
        let header = HeaderRule { expect: first.names.clone(), matches: HeaderMatch::Exact };
        // Of names that had to be made unique nothing is expected.
        if read_header(sample, size, &Dataset { header: header.clone(), ..dataset.clone() }).is_ok() {
            dataset.header = header;
        }
    }
    let Some(header) = read_header(sample, size, &dataset)? else {
        return Ok(dataset);
    };
    let data = text.get(header.data_start as usize - mark..).unwrap_or_default();
    let dialect = dataset.dialect.clone();
    declare(&mut dataset, &header.names, |see| {
        each_batch(data, whole, &dialect, |batch| see(&batch));
    });
    Ok(dataset)
}

fn json_lines(sample: &[u8], size: u64, mark: usize) -> Result<Dataset, HeaderError> {
    // The lines that aren't cut, as if they were all.
    let cut = (sample.len() as u64) < size;
    let end = sample.iter().rposition(|byte| cut && *byte == b'\n').map_or(sample.len(), |at| at + 1);
    let sample = &sample[..end];
    read_header(sample, end as u64, &Dataset::default())?.ok_or(HeaderError::Missing { size })?;
    let lines = |use_lines: &mut dyn FnMut(Batch<'_>)| {
        each_batch(&sample[mark..], true, &Dialect::of_lines(), use_lines);
    };
    // All keys of the sample: a run takes those of its beginning for its header, and refuses later ones.
    let mut keys = Keys::default();
    lines(&mut |batch| batch.records().for_each(|line| keys.add(&line)));
    let names = keys.names;
    let rule = HeaderRule { expect: names.clone(), matches: HeaderMatch::Exact };
    let mut dataset = Dataset { format: Some(Format::JsonLines), header: rule, ..Dataset::default() };
    let mut objects = JsonLines::new(&names, false);
    declare(&mut dataset, &names, |see| lines(&mut |batch| see(&objects.read(batch))));
    Ok(dataset)
}

/// Declares the columns by the records of the batches that `batches` shows.
fn declare(dataset: &mut Dataset, names: &[String], batches: impl FnOnce(&mut dyn FnMut(&Batch<'_>))) {
    let mut columns = vec![Seen::default(); names.len()];
    // Nothing is declared yet: it refuses what isn't a record of these columns.
    let mut decoder = Decoder::new(Dataset::default().schema(names));
    batches(&mut |batch| {
        decoder.decode(batch);
        let rows = decoder.rows(*batch);
        for row in 0..rows.len() {
            for (index, column) in columns.iter_mut().enumerate() {
                let (observed, value) = rows.observed(row, index);
                // A text of JSON without quotes is an object or an array.
                let bare = rows.format() == Format::JsonLines && !rows.field(row, index).is_quoted();
                column.look_at(observed, &value, bare);
            }
        }
    });
    for (name, column) in names.iter().zip(columns) {
        if let Some(column_type) = column.column_type() {
            dataset.columns.insert(name.clone(), ColumnRule { column_type, nullable: column.nulls > 0 });
        }
    }
}

/// Rates a dialect: the share of records that have as many fields as most others, where they
/// are more than one.
fn fit(text: &[u8], whole: bool, dialect: &Dialect) -> f64 {
    let mut widths = HashMap::<usize, usize>::new();
    let mut records = 0;
    let read = each_batch(text, whole, dialect, |batch| {
        for record in batch.records().take(JUDGED - records) {
            *widths.entry(record.len()).or_default() += 1;
            records += 1;
        }
    });
    match widths.into_iter().filter(|(width, _)| *width > 1).map(|(_, count)| count).max() {
        Some(most) if read => most as f64 / records as f64,
        _ => 0.0,
    }
}

/// Calls `use_batch` with all records, batch by batch; returns whether all could be read.
fn each_batch(text: &[u8], whole: bool, dialect: &Dialect, mut use_batch: impl FnMut(Batch<'_>)) -> bool {
    let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, DEFAULT_MAX_RECORD);
    scanner.push(text);
    if whole {
        scanner.finish();
    }
    loop {
        match scanner.next_batch() {
            Ok(Some(batch)) => use_batch(batch),
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// The looks of a column's values.
#[derive(Debug, Clone, Default)]
struct Seen {
    nulls: u64,
    integers: u64,
    floats: u64,
    /// Numbers with two digits after the point.
    money: u64,
    booleans: u64,
    dates: u64,
    timestamps: u64,
    texts: u64,
    /// Objects and arrays of JSON.
    nested: u64,
}

impl Seen {
    fn look_at(&mut self, observed: Observed, value: &[u8], bare: bool) {
        let count = match observed {
            Observed::Null => &mut self.nulls,
            Observed::Int64(_) => &mut self.integers,
            Observed::Float64(_) => {
                let point = value.iter().position(|byte| *byte == b'.');
                let digits = value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
                let scale = point.map(|point| value.len() - point - 1);
                self.money += u64::from(digits && scale == Some(SCALE.into()) && value.len() < PRECISION.into());
                &mut self.floats
            }
            Observed::Boolean(_) => &mut self.booleans,
            Observed::Date(_) => &mut self.dates,
            Observed::Timestamp(_) => &mut self.timestamps,
            Observed::Text if bare => &mut self.nested,
            Observed::Text => &mut self.texts,
        };
        *count += 1;
    }

    /// The type that all values have.
    fn column_type(&self) -> Option<ColumnType> {
        let all = self.integers + self.floats + self.booleans + self.dates + self.timestamps + self.texts;
        Some(match all {
            0 => return None,
            _ if self.nested > 0 => return None,
            _ if self.integers == all => ColumnType::Int64,
            _ if self.money == all => ColumnType::Decimal { precision: PRECISION, scale: SCALE },
            _ if self.integers + self.floats == all => ColumnType::Float64,
            _ if self.booleans == all => ColumnType::Boolean,
            _ if self.dates == all => ColumnType::Date,
            _ if self.timestamps == all => ColumnType::Timestamp,
            _ => ColumnType::String,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Dataset {
        infer(text.as_bytes(), text.len() as u64).unwrap()
    }

    fn columns(dataset: &Dataset) -> String {
        let text = |(name, rule): (&String, &ColumnRule)| {
            format!("{name} {}{}", rule.column_type, if rule.nullable { "?" } else { "" })
        };
        dataset.columns.iter().map(text).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn names_types_and_nulls() {
        let text = "id,pay,share,ok,day,at,note,void\n\
            1,10.50,1,true,2024-02-29,2024-01-01T00:00:00Z,007,\n\
            2,-3.00,0.5,false,,2024-01-01 10:00:00,\"a\nb\",\nragged\n";
        let dataset = of(text);
        let expected = "at timestamp, day date?, id int64, note string, ok boolean, pay decimal(18,2), share float64";
        assert_eq!(columns(&dataset), expected);
        assert_eq!(dataset.header.expect.len(), 8);
        assert_eq!((dataset.header.matches, dataset.dialect), (HeaderMatch::Exact, Dialect::default()));
    }

    #[test]
    fn dialects() {
        let table = [
            ("comma", "a,b\n1,2\n", b',', Terminator::Auto),
            ("semicolon with commas in numbers", "a;b;c\n1,5;2,5;x\n3,5;4,5;y\n", b';', Terminator::Auto),
            ("tab", "a\tb\n1\tx, y\n", b'\t', Terminator::Auto),
            ("pipe", "a|b\r\n1|2\r\n", b'|', Terminator::Auto),
            ("quoted delimiters", "a;b\n\"1,2,3\";x\n\"4,5,6\";y\n", b';', Terminator::Auto),
            ("one column", "a\n1\n2\n", b',', Terminator::Auto),
            ("lone CR", "a,b\r1,2\r3,4\r", b',', Terminator::Cr),
        ];
        for (case, text, delimiter, terminator) in table {
            let Dialect { delimiter: found, terminator: ends, .. } = of(text).dialect;
            assert_eq!((char::from(found), ends), (char::from(delimiter), terminator), "{case}");
        }
    }

    #[test]
    fn json_lines() {
        let text = "{\"id\": 1, \"pay\": 10.50, \"note\": \"7\", \"day\": \"2024-02-29\", \"tags\": [1]}\n\
            {\"id\": 2, \"pay\": 3.25, \"note\": \"\", \"day\": null, \"ok\": true}\n[\n{\"id\": 3, \"pa";
        let dataset = infer(text.as_bytes(), 1 << 20).unwrap();
        assert_eq!(columns(&dataset), "day date?, id int64, note string, ok boolean?, pay decimal(18,2)");
        assert_eq!(dataset.header.expect, ["id", "pay", "note", "day", "tags", "ok"]);
        assert_eq!((dataset.format, dataset.header.matches), (Some(Format::JsonLines), HeaderMatch::Exact));

        let late = "{\"a\": 1}\n".repeat(20_000) + "{\"a\": 2, \"late\": true}\n";
        assert_eq!(columns(&of(&late)), "a int64, late boolean?", "a key beyond what a run looks at for its header");
    }

    #[test]
    fn headers() {
        let none = of("1,x\n2,y\n");
        assert_eq!(
            (none.header.matches, none.header.expect),
            (HeaderMatch::None, vec!["column_1".into(), "column_2".into()])
        );
        assert_eq!(columns(&of("1,x\n2,y\n")), "column_1 int64, column_2 string");
        assert_eq!(of("a,a,\n1,2,3\n").header, HeaderRule::default(), "names that are not unique");
        assert_eq!(columns(&of("\u{feff}a,b\n1,2\n")), "a int64, b int64");
        assert_eq!(infer(b"a,b\n1,2\n3,4.", 1000).map(|found| columns(&found)), Ok("a int64, b int64".into()), "cut");
        assert!(matches!(infer(b"", 0), Err(HeaderError::Missing { .. })));
    }
}
