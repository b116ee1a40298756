//! Tables written in a random dialect come back as they were, or are refused.

use std::fmt::Write as _;

use fanout_core::{
    DetectError, Detected, Format, Given, GivenHeader, HeaderFound, Samples, Scanner, Start, Terminator,
    TrailingDelimiter, Window, detect,
};
use proptest::prelude::*;

use super::{read, summary};

/// A table, and the way in which it is written.
#[derive(Debug, Clone)]
struct Written {
    delimiter: u8,
    quote: u8,
    end: &'static str,
    header: bool,
    quote_all: bool,
    trailing: bool,
    titles: usize,
    rows: Vec<Vec<String>>,
}

impl Written {
    fn text(&self) -> String {
        let mut text = String::new();
        for title in 0..self.titles {
            let _ = write!(text, "Report number {title} of the year{}", self.end);
        }
        for (at, row) in self.rows.iter().enumerate().skip(usize::from(!self.header)) {
            let fields: Vec<String> = row.iter().map(|value| self.field(value, at == 0)).collect();
            text += &fields.join(&char::from(self.delimiter).to_string());
            if self.trailing {
                text.push(char::from(self.delimiter));
            }
            text += self.end;
        }
        text
    }

    fn field(&self, value: &str, is_name: bool) -> String {
        let quote = char::from(self.quote);
        let special = |c: char| c == char::from(self.delimiter) || c == quote || matches!(c, '\n' | '\r');
        if value.contains(special) || (self.quote_all && !is_name) {
            format!("{quote}{}{quote}", value.replace(quote, &format!("{quote}{quote}")))
        } else {
            value.to_owned()
        }
    }
}

/// A column: its values are of one kind.
fn value(at: usize, kind: usize, seed: u32) -> String {
    const WORDS: [&str; 8] =
        ["north", "Green, John", "say \"hi\"", "a; b", "it's", "two\nlines", "Ulm", "a rather long remark about it"];
    match kind {
        0 => seed.to_string(),
        1 => format!("{}.{:02}", seed % 1000, seed % 97),
        2 => format!("20{:02}-{:02}-{:02}", seed % 30, seed % 12 + 1, seed % 28 + 1),
        3 => format!("{:02}:{:02}:{:02}", seed % 24, seed % 60, seed / 7 % 60),
        4 => format!("{},{:02}", seed % 1000, seed % 89),
        5 if seed.is_multiple_of(5) && at > 0 => String::new(),
        5 => format!("item {}", seed % 100),
        _ => WORDS[seed as usize % WORDS.len()].to_owned(),
    }
}

fn written() -> impl Strategy<Value = Written> {
    let shape = (
        prop::sample::select(b",;\t|^~\x01\x1f".to_vec()),
        prop::sample::select(vec![b'"', b'"', b'\'']),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
        any::<[bool; 3]>(),
        0..3usize,
        prop::collection::vec(0..7usize, 2..7),
        4..40usize,
        any::<u32>(),
    );
    shape.prop_map(|(delimiter, quote, end, [header, quote_all, trailing], titles, kinds, rows, seed)| {
        let mut next = seed;
        let mut random = || {
            next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            next >> 12
        };
        let names = kinds.iter().enumerate().map(|(at, kind)| format!("name_{at}_{kind}")).collect();
        let row = |_| kinds.iter().enumerate().map(|(at, kind)| value(at, *kind, random())).collect();
        let rows: Vec<Vec<String>> = std::iter::once(names).chain((0..rows).map(row)).collect();
        // Without a header no title: nobody could tell it from a name.
        let titles = if header { titles } else { 0 };
        // Nor a delimiter at the end from an empty column.
        let trailing = trailing && header;
        Written { delimiter, quote, end, header, quote_all, trailing, titles, rows }
    })
}

/// The records that a run reads with what was detected, from the header on.
fn records(text: &[u8], found: &Detected) -> Vec<Vec<String>> {
    let start = found.text_start as usize;
    let end = text.len() as u64;
    let mut scanner = Scanner::new(&found.dialect, Start::Boundary, start as u64, end, 1 << 20);
    scanner.push(&text[start..]);
    scanner.finish();
    let mut records = Vec::new();
    while let Some(batch) = scanner.next_batch() {
        for record in batch.records() {
            let fields = record.fields().map(|field| String::from_utf8_lossy(&field.value()).into_owned());
            let mut fields: Vec<String> = fields.collect();
            if found.trailing_delimiter == TrailingDelimiter::All {
                fields.truncate(found.columns);
            }
            records.push(fields);
        }
    }
    records
}

fn comes_back(table: &Written) -> Result<bool, String> {
    let text = table.text();
    let found: Result<Detected, DetectError> = read(text.as_bytes());
    let Ok(found) = &found else { return Ok(false) };
    let expected: Vec<Vec<String>> = table.rows[usize::from(!table.header)..].to_vec();
    let right = found.format == Format::Csv && records(text.as_bytes(), found) == expected;
    // All-text tables without a header are taken to have one.
    let typed = table.rows[1].iter().any(|value| value.parse::<f64>().is_ok());
    let header = (found.header != HeaderFound::None) == table.header || (!typed && !table.header);
    if right && header { Ok(true) } else { Err(format!("{}\n{text}", summary(&Ok(found.clone())))) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_table_comes_back_or_is_refused(table in written()) {
        if let Err(message) = comes_back(&table) {
            prop_assert!(false, "{}", message);
        }
    }
}

/// Bytes of which tables, and what is none, are made.
fn odd_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b","[..],
        b";",
        b"\t",
        b"\"",
        b"\"",
        b"'",
        b"\\",
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b"#",
        b" ",
        b"1",
        b"2,5",
        b"a",
        b"name",
        b"2024-01-01",
        b"\xe9",
        b"\xc3\xa9",
        b"\0",
        b"|",
        b"{\"a\":1}",
        b"sep=;\n",
        b"\x01",
        b":",
        b"a,b\n",
        b"1,2\n",
    ]);
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_bytes_the_places_lie_in_them(
        first in odd_text(),
        window in odd_text(),
        whole in any::<bool>(),
        delimiter in prop::option::of(prop::sample::select(b",; |".to_vec())),
        quote in prop::option::of(prop::option::of(Just(b'"'))),
        comment in prop::option::of(prop::option::of(Just(b'#'))),
        skip_lines in prop::option::of(0..4u64),
        none in any::<bool>(),
    ) {
        let windows = [Window { offset: 5000, bytes: &window }];
        let header = none.then_some(GivenHeader::None);
        let given = Given { delimiter, quote, comment, skip_lines, header, ..Given::default() };
        if let Ok(found) = detect(&Samples { first: &first, whole, windows: &windows }, &given) {
            prop_assert!(found.text_start <= first.len() as u64);
            prop_assert!(found.fitting <= found.judged && found.further_fitting <= found.further);
            prop_assert!(delimiter.is_none_or(|byte| found.dialect.delimiter == byte));
            prop_assert!(quote.is_none_or(|quote| found.dialect.quote == quote));
            prop_assert!(comment.is_none_or(|comment| found.dialect.comment == comment));
            prop_assert!(skip_lines.is_none_or(|lines| found.skip_lines == lines));
            prop_assert_eq!(found.dialect.validate().err().filter(|_| found.format == Format::Csv), None);
        }
    }
}

/// One pollution of a table: a name, and what it does to its text.
type Pollution = (&'static str, fn(&str) -> String);

#[test]
fn one_bad_record_does_not_spoil_the_table() {
    let mut clean = "when,clock,count,code,price,kind,remark\n".to_owned();
    for at in 0..84 {
        let _ = writeln!(
            clean,
            "{:02}/01/2018,{:02}:15,{at},MG-{at},${at}.69,\"Men's, boots\",\"A 24\"\" remark, long, with: marks; and it's | odd\"",
            at % 28 + 1,
            at % 24
        );
    }
    fn line(text: &str, at: usize, change: impl Fn(&str) -> String) -> String {
        let lines = text.lines().enumerate();
        lines.map(|(number, line)| if number == at { change(line) } else { line.to_owned() } + "\n").collect()
    }
    let pollutions: [Pollution; 14] = [
        ("clean", |text| text.to_owned()),
        ("a quote at the start of a field", |text| line(text, 40, |l| l.replacen(",MG", ",\"MG", 1))),
        ("a quote at the start of the line", |text| line(text, 10, |l| format!("\"{l}"))),
        ("a quote inside a quoted field", |text| line(text, 10, |l| l.replacen("boots", "bo\"ots", 1))),
        ("a quote at the end", |text| line(text, 83, |l| format!("{l}\""))),
        ("a quote in the header", |text| line(text, 0, |l| l.replacen("count", "\"count", 1))),
        ("a field more", |text| line(text, 5, |l| format!("{l},"))),
        ("fields less", |text| line(text, 5, |l| l[..16].to_owned())),
        ("another delimiter", |text| line(text, 5, |l| l.replace(',', ";"))),
        ("spaces", |text| line(text, 1, |l| l.replace(',', " "))),
        ("another quote", |text| line(text, 50, |l| l.replace('"', "'"))),
        ("backslash escapes", |text| line(text, 50, |l| l.replace("\"\"", "\\\""))),
        ("a line break", |text| line(text, 50, |l| l.replace("MG", "M\r\nG"))),
        ("no last line break", |text| text.trim_end().to_owned()),
    ];
    let mut wrong = Vec::new();
    for (name, pollute) in pollutions {
        let found = summary(&read(pollute(&clean).as_bytes()));
        let more = match name {
            "a quote in the header" => " header Malformed",
            "backslash escapes" => " escape",
            _ => "",
        };
        let (escape, header) = if more == " escape" { (more, "") } else { ("", more) };
        if found != format!(", 7{more}") {
            wrong.push(format!("{name}: {found}"));
        }
        for (delimiter, end) in [(";", "\n"), ("\t", "\r\n"), ("|", "\r")] {
            let text = pollute(
                &clean.replace("; and", " and").replace("| odd", "odd").replace(", ", " ").replace(',', delimiter),
            );
            let found = summary(&read(text.replace('\n', end).as_bytes()));
            let mut expected = if delimiter == "\t" { "\\t 7".to_owned() } else { format!("{delimiter} 7") };
            expected += escape;
            if end == "\r" {
                expected += &format!(" {:?}", Terminator::Cr);
            }
            expected += header;
            if found != expected && name != "a line break" {
                wrong.push(format!("{name}, {delimiter:?} {end:?}: {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
