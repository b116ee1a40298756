//! Records that are refused: malformed quotes, quotes that never close, records over the limit.

use super::*;

/// The offset, the bytes and the fault of each record, pushing `text` in pieces of `piece` bytes; and the bytes skipped.
fn refused(text: &str, dialect: &Dialect, limit: usize, piece: usize) -> (Vec<(u64, String, Option<Fault>)>, u64) {
    let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, limit);
    let mut records = Vec::new();
    let mut pieces = text.as_bytes().chunks(piece);
    while !scanner.is_done() {
        while let Some(batch) = scanner.next_batch() {
            for (index, record) in batch.records().enumerate() {
                let fault = batch.faults().find(|(faulty, _)| *faulty == index).map(|(_, fault)| fault.clone());
                assert_eq!(record.is_empty(), fault.is_some());
                let raw = String::from_utf8_lossy(record.raw_with_terminator()).into_owned();
                records.push((record.offset(), raw, fault));
            }
        }
        match pieces.next() {
            Some(piece) => scanner.push(piece),
            None => scanner.finish(),
        }
    }
    (records, scanner.skipped())
}

#[test]
fn one_bad_record_costs_its_first_line_at_every_cut() {
    let default = Dialect::default();
    let escape = dialect(|d| d.escape = Some(b'\\'));
    let cr = dialect(|d| d.terminator = Terminator::Cr);
    let lenient = dialect(|d| d.quotes = Quotes::Lenient);
    let malformed = |at| Fault::MalformedQuotes { at };
    let open = |at| Fault::UnterminatedQuote { at };
    let long = Fault::RecordTooLarge { limit: 20 };
    type Case<'c> = (&'c str, &'c Dialect, &'c str, Vec<(u64, &'c str, Fault)>, u64);
    let table: Vec<Case<'_>> = vec![
        ("goes on", &default, "\"a\"b,c\n", vec![(4, "\"a\"b,c\n", malformed(7))], 0),
        ("goes on with a quote", &default, "\"a\" \"b\"\r\n", vec![(4, "\"a\" \"b\"\r\n", malformed(7))], 0),
        ("goes on in its second line", &default, "\"a\nb\"c\n", vec![(4, "\"a\n", malformed(9))], 0),
        ("a lone CR after the quote", &default, "\"a\"\r,b\n", vec![(4, "\"a\"\r,b\n", malformed(7))], 0),
        ("another terminator", &cr, "\"a\"\n\r", vec![(4, "\"a\"\n\r", malformed(7))], 0),
        ("never closes", &default, "a,\"b\n", vec![(4, "a,\"b\n", open(6))], 0),
        ("an escaped quote never closes", &escape, "\"\\\"\n", vec![(4, "\"\\\"\n", open(4))], 0),
        ("a doubled quote never closes", &default, "\"\"\"\n", vec![(4, "\"\"\"\n", open(4))], 0),
        ("lenient never closes", &lenient, "\"a\"b\",\"\n", vec![(4, "\"a\"b\",\"\n", open(10))], 0),
        ("too long", &default, "aaaaaaaaaaaaaaaaaaaaa\n", vec![(4, "aaaaaaaaaaaaaaaaaaaa", long.clone())], 2),
        (
            "too long with CR LF",
            &default,
            "aaaaaaaaaaaaaaaaaaaaa\r\n",
            vec![(4, "aaaaaaaaaaaaaaaaaaaa", long.clone())],
            3,
        ),
        ("just fits", &default, "aaaaaaaaaaaaaaaaaaaa\r\n", vec![], 0),
        ("too long in lines", &default, "\"aaaaaaaaaa\nbbbbbbbbb\"\n", vec![(4, "\"aaaaaaaaaa\n", long.clone())], 0),
        (
            "malformed, then too long",
            &default,
            "\"a\"b,aaaaaaaaaaaaaaaaa\n",
            vec![(4, "\"a\"b,aaaaaaaaaaaaaaa", malformed(7))],
            3,
        ),
        (
            "too long, then malformed",
            &default,
            "aaaaaaaaaaaaaaaaaa,\"\"b\n",
            vec![(4, "aaaaaaaaaaaaaaaaaa,\"", long)],
            3,
        ),
    ];
    for (case, dialect, bad, faults, skipped) in table {
        let end = if dialect.terminator == Terminator::Cr { "\r" } else { "\n" };
        let text = format!("1,2{end}{bad}3,4{end}");
        for piece in 1..=text.len() {
            let (records, passed) = refused(&text, dialect, 20, piece);
            let found: Vec<_> =
                records.iter().filter_map(|(at, raw, fault)| Some((*at, raw.as_str(), fault.clone()?))).collect();
            assert_eq!((found, passed), (faults.clone(), skipped), "{case}, pieces of {piece}");
            let last = text.len() as u64 - 4;
            assert_eq!((records[0].0, records[records.len() - 1].0), (0, last), "{case}, pieces of {piece}");
        }
    }
}

#[test]
fn memory_is_bounded_by_the_limit() {
    let limit = 10_000;
    let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, limit);
    let (mut refused, mut bytes) = (0, 0);
    // A line without an end, then lines whose quotes never close.
    for piece in std::iter::repeat_n("x".repeat(1000), 500).chain(std::iter::repeat_n("\nx\",\"".repeat(200), 500)) {
        scanner.push(piece.as_bytes());
        while let Some(batch) = scanner.next_batch() {
            refused += batch.faults().count();
            bytes += batch.record_bytes();
        }
        assert!(scanner.buffer.capacity() <= 4 * limit, "{} bytes", scanner.buffer.capacity());
    }
    assert_eq!((refused > 90_000, bytes > 400_000, scanner.skipped()), (true, true, 490_001));
}
