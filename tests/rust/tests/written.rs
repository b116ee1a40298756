//! Tables written in a dialect and an encoding that nobody names: they come back as they were, or are refused.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use encoding_rs::Encoding;
use fanout_core::message::{Dataset, Types};
use fanout_tests::{config, line_of_row, run};
use proptest::prelude::*;

/// The same cases every time.
const SEED: u64 = 20_261_126;

/// Labels of encodings, and letters that each of them has.
const ENCODINGS: [(&str, &str); 6] = [
    ("utf-8", "äé€日😀"),
    ("windows-1252", "äéß€ñ"),
    ("windows-1251", "жшйя"),
    ("utf-16le", "äé€日😀"),
    ("utf-16be", "äé€日😀"),
    ("shift_jis", "日本語東京"),
];

#[derive(Debug, Clone)]
struct Written {
    delimiter: char,
    quote: char,
    always_quote: bool,
    end: &'static str,
    encoding: usize,
    mark: bool,
    title: bool,
    rows: Vec<(u32, String, u32)>,
}

impl Written {
    fn header() -> Vec<String> {
        ["a number", "b town", "c amount"].map(str::to_owned).to_vec()
    }

    fn values(&self) -> Vec<Vec<String>> {
        let amount = |cents: u32| format!("{}.{:02}", cents / 100, cents % 100);
        self.rows.iter().map(|(id, text, cents)| vec![id.to_string(), text.clone(), amount(*cents)]).collect()
    }

    /// The dataset: what a few letters can't show is said.
    fn dataset(&self) -> Dataset {
        let label = ENCODINGS[self.encoding].0;
        let said = matches!(label, "windows-1251" | "shift_jis");
        let encoding = said.then(|| label.to_owned());
        Dataset { encoding, types: Some(Types::Text), ..Dataset::default() }
    }

    fn bytes(&self) -> Vec<u8> {
        let field = |value: &String| {
            if self.always_quote || value.contains([self.delimiter, self.quote, '\n', '\r']) {
                format!("{0}{1}{0}", self.quote, value.replace(self.quote, &format!("{0}{0}", self.quote)))
            } else {
                value.clone()
            }
        };
        let mut text = String::new();
        if self.mark {
            text.push('\u{feff}');
        }
        if self.title {
            text += &format!("Report of the year{0}{0}", self.end);
        }
        for row in std::iter::once(Self::header()).chain(self.values()) {
            text += &row.iter().map(field).collect::<Vec<_>>().join(&self.delimiter.to_string());
            text += self.end;
        }
        encode(&text, ENCODINGS[self.encoding].0)
    }
}

fn encode(text: &str, label: &str) -> Vec<u8> {
    match label {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        label => Encoding::for_label(label.as_bytes()).unwrap().encode(text).0.into_owned(),
    }
}

fn written() -> impl Strategy<Value = Written> {
    let dialect = (
        prop::sample::select(vec![',', ';', '\t', '|', '~']),
        prop::sample::select(vec!['"', '"', '\'']),
        any::<bool>(),
        prop::sample::select(vec!["\n", "\r\n"]),
        0..ENCODINGS.len(),
        any::<[bool; 2]>(),
    );
    dialect.prop_flat_map(|(delimiter, quote, always_quote, end, encoding, [mark, title])| {
        let letters: Vec<char> = ENCODINGS[encoding].1.chars().collect();
        let character = prop_oneof![
            6 => prop::char::range('a', 'z'),
            3 => prop::sample::select(letters),
            1 => prop::sample::select(vec![' ', ',', ';', '\n']),
        ];
        let text = prop::collection::vec(character, 3..9)
            .prop_map(|text| format!("x{}y", text.into_iter().collect::<String>()));
        let row = (any::<u16>().prop_map(u32::from), text, any::<u16>().prop_map(u32::from));
        prop::collection::vec(row, 4..20).prop_map(move |rows| Written {
            // Bytes that this encoding has inside of other characters can't separate fields.
            delimiter: if ENCODINGS[encoding].0 == "shift_jis" { ',' } else { delimiter },
            quote,
            always_quote,
            end,
            encoding,
            mark: mark && ENCODINGS[encoding].0.starts_with("utf"),
            title,
            rows,
        })
    })
}

proptest! {
    #![proptest_config(config(SEED, 200))]

    #[test]
    fn a_table_comes_back_as_it_was_or_is_refused(written in written()) {
        let bytes = written.bytes();
        let header = Written::header();
        let expected: String =
            written.values().iter().map(|row| line_of_row(&header, row)).collect();
        for chunk_size in [30, 64, 1000, 1 << 20] {
            // Refused: never silently another table.
            let Ok(outcome) = run(&bytes, &written.dataset(), chunk_size) else { continue };
            prop_assert_eq!(&outcome.jsonl, &expected, "chunks of {} bytes", chunk_size);
            prop_assert_eq!(outcome.report.rejects, 0);
        }
    }

    #[test]
    fn most_tables_come_back(written in written()) {
        // Else the test above could pass for nothing.
        prop_assert!(run(&written.bytes(), &written.dataset(), 1 << 20).is_ok());
    }
}
