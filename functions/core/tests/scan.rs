//! The scanner against the plainest possible reading of the same bytes.

use fanout_core::{Batch, Dialect, Fault, Quotes, Scanner, Start, Terminator};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed};

#[path = "../../../tests/rust/src/reference.rs"]
#[allow(unreachable_pub, dead_code)] // It is written for a library.
mod reference;

/// The same cases every time.
const SEED: u64 = 20_261_126;

fn config(cases: u32) -> Config {
    println!("seed {SEED}");
    Config {
        cases,
        rng_seed: RngSeed::Fixed(SEED),
        rng_algorithm: RngAlgorithm::ChaCha,
        failure_persistence: None,
        ..Config::default()
    }
}

/// A record: its offset, the one after it, its bytes, and its values or its fault.
type Found = (u64, u64, Vec<u8>, Result<Vec<Vec<u8>>, Fault>);

/// Records, bytes skipped, and the boundary at which the scanner stopped.
#[derive(Debug, PartialEq)]
struct Scan {
    records: Vec<Found>,
    skipped: u64,
    stopped: Option<u64>,
}

/// Pushes `pieces` and passes on each batch.
fn take<'t>(scanner: &mut Scanner, mut pieces: impl Iterator<Item = &'t [u8]>, mut each: impl FnMut(&Batch<'_>)) {
    loop {
        while let Some(batch) = scanner.next_batch() {
            each(&batch);
        }
        match pieces.next() {
            Some(piece) => scanner.push(piece),
            None if scanner.is_done() => return,
            None => scanner.finish(),
        }
    }
}

fn records(batch: &Batch<'_>) -> Vec<Found> {
    let mut faults = batch.faults().peekable();
    let mut found = Vec::new();
    for (index, record) in batch.records().enumerate() {
        let fields = match faults.next_if(|(faulty, _)| *faulty == index) {
            Some((_, fault)) => Err(fault.clone()),
            None => Ok(record.fields().map(|field| field.value().into_owned()).collect()),
        };
        found.push((record.offset(), record.next(), record.raw_with_terminator().to_vec(), fields));
    }
    assert!(faults.next().is_none());
    found
}

/// Scans `pieces`, of which the first one begins at `offset`.
fn scan<'t>(pieces: impl Iterator<Item = &'t [u8]>, dialect: &Dialect, offset: u64, end: u64, limit: usize) -> Scan {
    let mut scanner = Scanner::new(dialect, Start::Boundary, offset, end, limit);
    let mut found = Vec::new();
    take(&mut scanner, pieces, |batch| found.extend(records(batch)));
    Scan { records: found, skipped: scanner.skipped(), stopped: scanner.next_boundary() }
}

/// The same by the plainest reading.
fn read(text: &[u8], dialect: &Dialect, limit: usize) -> Scan {
    let lines = reference::lines(text, dialect, limit);
    let skipped = lines.iter().map(|line| if line.record.is_none() { line.range.len() } else { line.skipped });
    let skipped = skipped.sum::<usize>() as u64;
    let records = reference::parse(text, dialect, limit)
        .into_iter()
        .map(|record| (record.range.start as u64, record.range.end as u64, text[record.range].to_vec(), record.fields));
    Scan { records: records.collect(), skipped, stopped: Some(text.len() as u64) }
}

/// Cuts `text` into pieces of the sizes given, over and over.
fn pieces<'t>(mut text: &'t [u8], sizes: &[usize]) -> impl Iterator<Item = &'t [u8]> {
    let mut sizes = sizes.iter().cycle();
    std::iter::from_fn(move || {
        let size = (*sizes.next()?).clamp(1, text.len().max(1));
        let (piece, rest) = text.split_at_checked(size)?;
        text = rest;
        Some(piece)
    })
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let terminator = prop_oneof![
        4 => Just(Terminator::Auto),
        1 => Just(Terminator::Lf),
        1 => Just(Terminator::Crlf),
        1 => Just(Terminator::Cr),
        1 => Just(Terminator::Any),
    ];
    let quotes = prop_oneof![3 => Just(Quotes::Strict), 1 => Just(Quotes::Lenient)];
    (terminator, quotes, any::<[bool; 5]>()).prop_map(
        |(terminator, quotes, [escape, comment, quote, outside, trim])| Dialect {
            terminator,
            quotes,
            quote: (quote || (escape && !outside)).then_some(b'"'),
            escape_outside_quotes: escape && outside,
            trim,
            escape: escape.then_some(b'\\'),
            comment: comment.then_some(b'#'),
            ..Dialect::default()
        },
    )
}

/// Lines that are hard to read.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let bytes = |bytes: &'static [u8], most| prop::collection::vec(prop::sample::select(bytes), 0..most);
    let words: &'static [&'static [u8]] = &[
        b"x\",\"\n",
        b"\"\",",
        b"\"",
        b"a",
        b"\n",
        b"\r\n",
        b",",
        b"\"a\"b",
        b"\\",
        b"\"\"",
        b"\"\n",
        b"\\\n",
        b"#",
        b"\r",
        b" ",
        b", \"",
        b"\" ,",
    ];
    let few_quotes: &'static [&'static [u8]] = &[b"a", b"bb", b",", b",", b"\n", b"\r\n", &[b'c'; 50], b"\",\""];
    let of = |words: &'static [&'static [u8]]| {
        prop::collection::vec(prop::sample::select(words), 0..60).prop_map(|words| words.concat())
    };
    let plain = prop_oneof![bytes(b"aaaa,,,,,,\n\n\r\"", 400), of(few_quotes)];
    prop_oneof![
        plain,
        bytes(b"ab,,\"\"\n\n\r\\# \t", 120),
        bytes(b"a,\"\" \\\n", 120),
        bytes(b"a,\"\n", 200),
        of(words)
    ]
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![prop::collection::vec(1..8usize, 1..5), prop::collection::vec(1..100usize, 1..5), Just(vec![1_000_000]),]
}

proptest! {
    #![proptest_config(config(6000))]

    #[test]
    fn any_bytes_in_any_pieces_with_any_limit(
        text in garbage(), dialect in dialects(), limit in prop_oneof![1..12usize, 1..80usize, Just(1000)], sizes in sizes(),
    ) {
        let found = scan(pieces(&text, &sizes), &dialect, 0, u64::MAX, limit);
        prop_assert_eq!(&found, &read(&text, &dialect, limit), "{:?}", String::from_utf8_lossy(&text));
        // Every byte is one of a record, or was skipped.
        let bytes: u64 = found.records.iter().map(|(start, next, ..)| next - start).sum();
        prop_assert_eq!(bytes + found.skipped, text.len() as u64);
    }

    #[test]
    fn chunks_on_their_own_give_what_the_whole_gives(
        text in garbage(), dialect in dialects(), limit in 1..200usize, size in 1..200usize, sizes in sizes(),
    ) {
        let places = reference::places(&text, &dialect, limit);
        let whole = read(&text, &dialect, limit);
        let (mut records, mut skipped) = (Vec::new(), 0);
        for start in (0..text.len()).step_by(size) {
            let at_or_after = |at: usize| places[places.partition_point(|place| *place < at as u64)];
            let (first, next) = (at_or_after(start), at_or_after((start + size).min(text.len())));
            let end = (start + size) as u64;
            let found = scan(pieces(&text[first as usize..], &sizes), &dialect, first, end.min(text.len() as u64), limit);
            prop_assert_eq!(found.stopped, Some(next));
            records.extend(found.records);
            skipped += found.skipped;
        }
        prop_assert_eq!((records, skipped), (whole.records, whole.skipped));
    }
}

/// A record that no reading from within quotes takes for the end of a quoted field: a quote is followed by
/// a letter.
fn honest() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop_oneof!["[a-z0-9 ]{0,6}", "[a-z][a-z0-9,\n ]{0,8}", "[a-z]{1,3}\"[a-z]{1,3}"], 2..4)
}

fn written(record: &[String]) -> String {
    let field = |value: &String| {
        let special = value.contains([',', '"', '\n']);
        if special { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.clone() }
    };
    record.iter().map(field).collect::<Vec<_>>().join(",") + "\n"
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn whatever_one_record_holds_all_others_come_out(
        before in prop::collection::vec(honest(), 0..6), bad in garbage(), after in prop::collection::vec(honest(), 0..6),
        sizes in sizes(),
    ) {
        let all = |records: &[Vec<String>]| records.iter().map(|record| written(record)).collect::<String>();
        let text = [all(&before).as_bytes(), &bad, b"\n", all(&after).as_bytes()].concat();
        let found = scan(pieces(&text, &sizes), &Dialect::default(), 0, u64::MAX, 1 << 20);
        let values = |records: &[Vec<String>]| {
            records.iter().map(|record| Ok(record.iter().map(|value| value.clone().into_bytes()).collect())).collect::<Vec<_>>()
        };
        let fields: Vec<_> = found.records.iter().map(|(.., fields)| fields.clone()).collect();
        prop_assert!(fields.starts_with(&values(&before)), "{:?}", String::from_utf8_lossy(&text));
        prop_assert!(fields.ends_with(&values(&after)), "{:?}", String::from_utf8_lossy(&text));
    }
}

/// Text as it is transcoded from UTF-16, and the bytes that each character has in the object.
fn transcoded() -> impl Strategy<Value = Vec<(Vec<u8>, u64)>> {
    let of = |text: &'static [u8], bytes: u64| (text.to_vec(), bytes);
    let character = prop_oneof![
        6 => prop::sample::select(&b"ab,,\"\"\n\n\r\\#"[..]).prop_map(|byte| (vec![byte], 2)),
        1 => prop::sample::select(vec![of("é".as_bytes(), 2), of("€".as_bytes(), 2), of("\0".as_bytes(), 2)]),
        1 => Just(of("😀".as_bytes(), 4)),
        // Lone surrogates.
        1 => prop::sample::select(vec![of(b"\xed\xa0\xbd", 2), of(b"\xed\xb0\x80", 2)]),
    ];
    (prop::collection::vec(character, 0..80), any::<bool>()).prop_map(move |(mut text, odd)| {
        // An odd last byte.
        text.extend(odd.then(|| of(b"\xff", 1)));
        text
    })
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn offsets_of_utf16_are_those_of_the_object(
        characters in transcoded(), dialect in dialects(), limit in prop_oneof![1..60usize, Just(1000)], sizes in sizes(),
    ) {
        let (mut text, mut offsets, mut offset) = (Vec::new(), Vec::new(), 2);
        for (character, bytes) in characters {
            offsets.push(offset);
            offset += bytes;
            // Of the bytes within a character none is a place.
            offsets.extend(character[1..].iter().map(|_| offset));
            text.extend(character);
        }
        offsets.push(offset);
        let place = |at: u64| offsets[at as usize];
        let mut expected = read(&text, &dialect, limit);
        // What the places of fields, and those of bytes within a record, are compared with.
        let within: Vec<u64> = expected.records.iter().flat_map(|(start, next, ..)| (*start..*next).map(place)).collect();
        let all: u64 = expected.records.iter().map(|(start, next, ..)| place(*next) - place(*start)).sum();
        for (start, next, _, fields) in &mut expected.records {
            (*start, *next) = (place(*start), place(*next));
            if let Err(Fault::MalformedQuotes { at } | Fault::UnterminatedQuote { at }) = fields {
                *at = place(*at);
            }
        }
        expected.stopped = Some(offset);
        expected.skipped = offset - 2 - all;
        let mut scanner = Scanner::new(&dialect, Start::Boundary, 2, u64::MAX, limit).utf16();
        let (mut found, mut found_within, mut bytes) = (Vec::new(), Vec::new(), 0);
        take(&mut scanner, pieces(&text, &sizes), |batch| {
            for record in batch.records() {
                found_within.extend((0..record.raw_with_terminator().len()).map(|at| record.place(at)));
                bytes += record.bytes();
            }
            found.extend(records(batch));
        });
        let found = Scan { records: found, skipped: scanner.skipped(), stopped: scanner.next_boundary() };
        prop_assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(&text));
        prop_assert_eq!((found_within, bytes), (within, all));
    }
}
