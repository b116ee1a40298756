//! Every record once, at every chunk size from one byte up, against the `csv` crate and against the
//! plainest reading of the bytes.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::{
    Code, Coded, Decoder, Dialect, Fault, Quotes, ScanRange, Scanner, Schema, SchemaColumn, Start, Terminator, chunks,
};
use fanout_tests::{Outcome, config, expected, line, lines, parse, places, plain, run, said};
use proptest::prelude::*;

/// The seed: cases are the same every time.
const SEED: u64 = 20_261_122;

/// A table written the way a careful program writes it, with some ragged rows.
#[derive(Debug, Clone)]
struct Table {
    width: usize,
    rows: Vec<(Vec<String>, bool)>,
    crlf: bool,
    last_terminator: bool,
    mark: bool,
    always_quote: bool,
}

impl Table {
    fn text(&self) -> Vec<u8> {
        let end = if self.crlf { "\r\n" } else { "\n" };
        let mut text = if self.mark { "\u{feff}".to_owned() } else { String::new() };
        let header: Vec<String> = (0..self.width).map(|column| format!("c{column}")).collect();
        text.push_str(&header.join(","));
        for (row, blank_before) in &self.rows {
            text.push_str(end);
            if *blank_before {
                text.push_str(end);
            }
            let fields: Vec<String> = row.iter().map(|field| self.field(field, row.len() == 1)).collect();
            text.push_str(&fields.join(","));
        }
        if self.last_terminator {
            text.push_str(end);
        }
        text.into_bytes()
    }

    fn field(&self, value: &str, alone: bool) -> String {
        let special = value.contains([',', '"', '\n', '\r']) || (alone && value.is_empty());
        if special || self.always_quote { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() }
    }
}

fn table() -> impl Strategy<Value = Table> {
    let value = prop_oneof![
        4 => "[a-z0-9]{0,6}",
        2 => "[a-c,\"\n]{0,8}",
        1 => Just("x\r\ny".to_owned()),
        1 => Just("1,2,3\n4,5,6\n".to_owned()),
        1 => "[éß€😀]{1,3}",
    ];
    (1..4usize).prop_flat_map(move |width| {
        let row = prop_oneof![
            9 => prop::collection::vec(value.clone(), width),
            1 => prop::collection::vec(value.clone(), 1..5),
        ];
        let rows = prop::collection::vec((row, prop::bool::weighted(0.1)), 0..12);
        (Just(width), rows, any::<[bool; 4]>()).prop_map(
            |(width, rows, [crlf, last_terminator, mark, always_quote])| Table {
                width,
                rows,
                crlf,
                last_terminator,
                mark,
                always_quote,
            },
        )
    })
}

/// Reads with the csv crate: JSON lines of the records that fit the header, and the number of the others.
fn read_by_csv_crate(text: &[u8], always_quote: bool) -> (String, u64) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let (mut lines, mut ragged) = (String::new(), 0);
    for record in reader.records() {
        let record = record.unwrap();
        if record.len() == header.len() {
            let absent = |value: &str| value.is_empty() && record.len() > 1 && !always_quote;
            lines.push_str(&line(&header, record.iter().map(|value| (!absent(value)).then_some(value))));
        } else {
            ragged += 1;
        }
    }
    (lines, ragged)
}

proptest! {
    #![proptest_config(config(SEED, 48))]

    #[test]
    fn generated_tables_at_every_chunk_size(table in table()) {
        let text = table.text();
        let (lines, ragged) = read_by_csv_crate(&text, table.always_quote);
        let mut columns = None;
        // A small table can look like another one.
        let dataset = plain();
        for chunk_size in 1..=text.len() as u64 + 1 {
            let Outcome { report, jsonl, .. } = run(&text, &dataset, chunk_size).unwrap();
            prop_assert_eq!(&jsonl, &lines, "chunks of {} bytes", chunk_size);
            prop_assert_eq!((report.records, report.rejects), (lines.lines().count() as u64, ragged));
            prop_assert!(report.coverage.verified && report.coverage.end == text.len() as u64);
            // Every figure of the profile is the same, to the last bit.
            let columns = columns.get_or_insert_with(|| report.columns.clone());
            prop_assert_eq!(&report.columns, &*columns, "chunks of {} bytes", chunk_size);
        }
    }
}

/// Bytes that are hard to read, for [`in_dialect`].
fn nasty() -> impl Strategy<Value = Vec<u8>> {
    let of = |bytes: &'static [u8], most| prop::collection::vec(prop::sample::select(bytes), 0..most);
    let embedded = (of(b"12,,\n\n", 20), of(b"ab,\n", 8))
        .prop_map(|(inner, after)| [b"a,b\n1,\"", &inner[..], b"\"\n", &after[..], b"\n"].concat());
    // The chunks of most sizes lie within it.
    let long = (of(b"abc\"\"", 3), of(b"abc\n\\", 40))
        .prop_map(|(before, long)| [&before[..], b",\"", &long, b"\"\n2,b"].concat());
    prop_oneof![
        6 => of(b"ab,,\"\"\n\n\r\\# ", 40),
        1 => of(b"\"", 30),
        1 => of(b"\n\r", 30),
        1 => prop::collection::vec(any::<u8>(), 0..30),
        2 => embedded,
        2 => long,
    ]
}

/// The data with the dialect's delimiter, quote and terminator in place of the default ones.
fn in_dialect(data: &[u8], dialect: &Dialect) -> Vec<u8> {
    let mut text = Vec::with_capacity(data.len());
    for &byte in data {
        match (byte, dialect.terminator) {
            (b',', _) => text.push(dialect.delimiter),
            (b'"', _) => text.push(dialect.quote.unwrap_or(byte)),
            (b'\n', Terminator::Cr) => text.push(b'\r'),
            (b'\n', Terminator::Crlf) => text.extend(b"\r\n"),
            _ => text.push(byte),
        }
    }
    text
}

fn dialects() -> Vec<Dialect> {
    let with = |edit: fn(&mut Dialect)| {
        let mut dialect = Dialect::default();
        edit(&mut dialect);
        dialect
    };
    vec![
        Dialect::default(),
        with(|d| d.terminator = Terminator::Any),
        with(|d| d.terminator = Terminator::Crlf),
        with(|d| d.terminator = Terminator::Cr),
        with(|d| (d.terminator, d.comment) = (Terminator::Any, Some(b'#'))),
        with(|d| (d.escape, d.comment) = (Some(b'\\'), Some(b'#'))),
        with(|d| (d.quote, d.delimiter) = (None, b'a')),
        with(|d| (d.delimiter, d.quote, d.terminator) = (b'\t', None, Terminator::Lf)),
        with(|d| (d.delimiter, d.quote) = (b';', Some(b'\''))),
        with(|d| (d.delimiter, d.escape, d.terminator) = (b'|', Some(b'\\'), Terminator::Any)),
        with(|d| (d.delimiter, d.terminator) = (1, Terminator::Cr)),
        with(|d| d.quotes = Quotes::Lenient),
        with(|d| (d.trim, d.delimiter) = (true, b'#')),
        with(|d| (d.escape, d.escape_outside_quotes, d.trim) = (Some(b'\\'), true, true)),
        with(|d| (d.quote, d.escape, d.escape_outside_quotes) = (None, Some(b'\\'), true)),
        with(|d| (d.quotes, d.escape) = (Quotes::Lenient, Some(b'\\'))),
    ]
}

/// A record's place, the place after it, and its values or its fault.
type Found = (u64, u64, Result<Vec<Vec<u8>>, Fault>);

/// Scans `pieces`; returns what was found, and where the scanner stopped.
fn scan(pieces: &[&[u8]], dialect: &Dialect) -> (Vec<Found>, Option<u64>) {
    let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, 1000);
    let mut found = Vec::new();
    let mut pieces = pieces.iter();
    loop {
        while let Some(batch) = scanner.next_batch() {
            let mut faults = batch.faults().peekable();
            for (index, record) in batch.records().enumerate() {
                let fields = match faults.next_if(|(faulty, _)| *faulty == index) {
                    Some((_, fault)) => Err(fault.clone()),
                    None => Ok(record.fields().map(|field| field.value().into_owned()).collect()),
                };
                found.push((record.offset(), record.next(), fields));
            }
        }
        match pieces.next() {
            Some(piece) => scanner.push(piece),
            None if scanner.is_done() => return (found, scanner.next_boundary()),
            None => scanner.finish(),
        }
    }
}

/// The bytes of the accepted and the refused records of each chunk with their offsets, each chunk
/// scanned on its own from the first place at or after its start.
fn scanned_apart(data: &[u8], places: &[u64], dialect: &Dialect, chunk_size: u64) -> [Vec<(u64, Vec<u8>)>; 2] {
    let column = |name: &str| SchemaColumn::text(name);
    let mut decoder = Decoder::new(Schema { columns: vec![column("c0"), column("c1")] });
    let [mut accepted, mut refused] = [Vec::new(), Vec::new()];
    for chunk in chunks(ScanRange::new(0, data.len() as u64), chunk_size) {
        let place = places[places.partition_point(|place| *place < chunk.start)];
        let mut scanner = Scanner::new(dialect, Start::Boundary, place, chunk.end, 1000);
        scanner.push(&data[place as usize..]);
        scanner.finish();
        while let Some(batch) = scanner.next_batch() {
            decoder.decode(&batch);
            let bad: Vec<usize> = decoder.refused().iter().map(|refused| refused.record).collect();
            for (index, record) in batch.records().enumerate() {
                let kind = if bad.contains(&index) { &mut refused } else { &mut accepted };
                kind.push((record.offset(), record.raw_with_terminator().to_vec()));
            }
        }
    }
    [accepted, refused]
}

proptest! {
    #![proptest_config(config(SEED, 48))]

    #[test]
    fn nasty_bytes_in_every_dialect_at_every_chunk_size(data in nasty()) {
        for dialect in dialects() {
            let dataset = said(&dialect, &["c0", "c1"]);
            let data = in_dialect(&data, &dialect);
            let records = parse(&data, &dialect, usize::MAX);
            for chunk_size in 1..=data.len() as u64 + 1 {
                let outcome = run(&data, &dataset, chunk_size);
                // Line breaks alone: what of them is data in this dialect is refused as empty as well.
                let breaks = data.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
                if let Some(error) = outcome.as_ref().err().filter(|_| records.is_empty() || breaks) {
                    prop_assert_eq!(error.code(), Code::EmptyObject);
                    continue;
                }
                let (lines, rejects) = expected(&data, &records, &["c0", "c1"]);
                let outcome = outcome.unwrap();
                prop_assert_eq!(&outcome.jsonl, &lines, "chunks of {} bytes, {:?}", chunk_size, dialect);
                prop_assert_eq!(&outcome.rejects, &rejects, "chunks of {} bytes, {:?}", chunk_size, dialect);
            }
        }
    }
}

proptest! {
    #![proptest_config(config(SEED, 400))]

    #[test]
    fn every_cut_of_the_input_gives_the_same_records(data in nasty()) {
        for dialect in dialects() {
            let data = in_dialect(&data, &dialect);
            let (found, end) = scan(&[&data], &dialect);
            let plain = parse(&data, &dialect, 1000).into_iter();
            let plain = plain.map(|record| (record.range.start as u64, record.range.end as u64, record.fields));
            prop_assert_eq!(&found, &plain.collect::<Vec<_>>(), "{:?}", dialect);
            prop_assert_eq!(end, Some(data.len() as u64), "{:?}", dialect);
            for cut in 0..=data.len() {
                let (left, right) = data.split_at(cut);
                prop_assert_eq!(scan(&[left, right], &dialect), (found.clone(), end), "cut at {}, {:?}", cut, dialect);
                let pieces: Vec<&[u8]> = data.chunks(cut + 1).collect();
                prop_assert_eq!(scan(&pieces, &dialect), (found.clone(), end), "pieces of {}, {:?}", cut + 1, dialect);
            }
        }
    }

    #[test]
    fn accepted_refused_blank_and_comment_bytes_are_the_data(data in nasty()) {
        for dialect in dialects() {
            let data = in_dialect(&data, &dialect);
            let lines = lines(&data, &dialect, 1000);
            let places = places(&data, &dialect, 1000);
            let skipped = lines.iter().filter(|line| line.record.is_none());
            let skipped: Vec<_> = skipped.map(|line| (line.range.start as u64, data[line.range.clone()].to_vec())).collect();
            for chunk_size in 1..=data.len() as u64 + 1 {
                let [accepted, refused] = scanned_apart(&data, &places, &dialect, chunk_size);
                let mut all = [accepted, refused, skipped.clone()].concat();
                all.sort();
                let bytes: Vec<u8> = all.into_iter().flat_map(|(_, bytes)| bytes).collect();
                prop_assert_eq!(&bytes, &data, "chunks of {} bytes, {:?}", chunk_size, dialect);
            }
        }
    }

    #[test]
    fn the_plain_reference_agrees_with_the_csv_crate(data in nasty()) {
        for dialect in dialects() {
            let terminator = match dialect.terminator {
                Terminator::Any => csv::Terminator::CRLF,
                Terminator::Cr => csv::Terminator::Any(b'\r'),
                Terminator::Lf => csv::Terminator::Any(b'\n'),
                // The csv crate has no terminator of two bytes, nor one that makes a lone CR data.
                Terminator::Auto | Terminator::Crlf => continue,
            };
            // There a comment ends at LF only, and one at the input's end is an empty record.
            if dialect.comment.is_some() || dialect.trim || dialect.escape_outside_quotes {
                continue;
            }
            let data = in_dialect(&data, &dialect);
            let dialect = Dialect { quotes: Quotes::Lenient, ..dialect };
            let records = parse(&data, &dialect, usize::MAX);
            // There a quote that never closes makes a field of the rest.
            let Ok(ours) = records.into_iter().map(|record| record.fields).collect::<Result<Vec<_>, _>>() else {
                continue;
            };
            let mut reader = csv::ReaderBuilder::new();
            reader.has_headers(false).flexible(true).terminator(terminator).delimiter(dialect.delimiter);
            reader.escape(dialect.escape).quoting(dialect.quote.is_some()).quote(dialect.quote.unwrap_or(b'"'));
            let theirs: Vec<Vec<Vec<u8>>> = reader
                .from_reader(&data[..])
                .byte_records()
                .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
                .collect();
            prop_assert_eq!(ours, theirs, "{:?}", dialect);
        }
    }
}
