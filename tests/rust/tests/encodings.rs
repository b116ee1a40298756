//! Every record once in every encoding, at every chunk size: cuts within a character, within a pair of
//! surrogates, and within a quoted line break.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::message::{Dataset, Plan};
use fanout_core::{Encoding, EncodingKind};
use fanout_tests::{Outcome, config, line_of_row, run_plan};
use proptest::prelude::*;
use serde_json::json;

/// The seed: cases are the same every time.
const SEED: u64 = 20_261_126;

/// Encodings with characters that are hard to cut: their bytes are those of delimiters, quotes and line
/// breaks, or of lone ones of them.
const HARD: [(&str, &str); 7] = [
    ("windows-1252", "é€ßÿ"),
    ("gbk", "亅中乗俓€"),
    ("gb18030", "亅中😀é"),
    ("shift_jis", "表ソ能ﾊﾟ～"),
    ("euc-kr", "한글똠"),
    ("utf-16le", "é∊⨊਼Ⰲ😀਀"),
    ("utf-16be", "é∊⨊਼Ⰲ😀਀"),
];

fn encode(encoding: Encoding, text: &str) -> Vec<u8> {
    match encoding.kind() {
        EncodingKind::Utf8 => text.into(),
        EncodingKind::Utf16 { big_endian: false } => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        EncodingKind::Utf16 { big_endian: true } => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        EncodingKind::Other => {
            let label = encoding.to_string();
            let (bytes, _, lost) = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(text);
            assert!(!lost, "{text:?} in {encoding}");
            bytes.into_owned()
        }
    }
}

/// A dataset that says nothing, and accepts any share of refused records.
fn dataset() -> Dataset {
    Dataset { max_reject_ratio: Some(1.0), ..Dataset::default() }
}

/// A plan over an object whose data begins at `data_start`, with columns `c0` and so on.
fn plan(object: &[u8], dataset: &Dataset, encoding: Encoding, data_start: usize, width: usize, chunk: u64) -> Plan {
    let chunk_size = encoding.whole_units(chunk);
    let plan = json!({
        "run_id": "run", "object": {"bucket": "b", "key": "k.csv", "etag": "1", "size": object.len()},
        "dataset": dataset, "reader": "range", "outputs": ["exact_profile", "rejects", "jsonl"],
        "encoding": encoding, "format": dataset.format.unwrap_or_default(),
        "header": (0..width).map(|column| format!("c{column}")).collect::<Vec<_>>(), "data_start": data_start,
        "chunk_size": chunk_size, "chunk_count": (object.len() as u64 - data_start as u64).div_ceil(chunk_size),
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    serde_json::from_value(plan).unwrap()
}

fn run(object: &[u8], dataset: &Dataset, encoding: Encoding, data_start: usize, width: usize, chunk: u64) -> Outcome {
    run_plan(object, plan(object, dataset, encoding, data_start, width, chunk)).unwrap()
}

/// A field of a few characters, among them every kind that is hard to read.
fn field(hard: usize) -> impl Strategy<Value = String> {
    let (_, characters) = HARD[hard];
    let hard = prop::sample::select(characters.chars().collect::<Vec<_>>());
    let character =
        prop_oneof![3 => prop::char::range('a', 'c'), 3 => hard, 1 => prop::sample::select(vec![',', '"', '\n'])];
    prop::collection::vec(character, 0..5).prop_map(String::from_iter)
}

fn rows() -> impl Strategy<Value = (usize, bool, Vec<Vec<String>>)> {
    (0..HARD.len(), any::<bool>(), 1..4usize).prop_flat_map(|(hard, crlf, width)| {
        let row = prop_oneof![
            9 => prop::collection::vec(field(hard), width),
            1 => prop::collection::vec(field(hard), 4),
        ];
        (Just(hard), Just(crlf), prop::collection::vec(row, 1..8))
    })
}

fn csv_of(rows: &[Vec<String>], crlf: bool) -> String {
    let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut writer = csv::WriterBuilder::new().flexible(true).terminator(terminator).from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

proptest! {
    #![proptest_config(config(SEED, 48))]

    #[test]
    fn tables_in_every_encoding_at_every_chunk_size((hard, crlf, rows) in rows()) {
        let encoding = Encoding::of_label(HARD[hard].0).unwrap();
        let width = rows[0].len();
        let mark = if encoding.is_utf16() && crlf { "\u{feff}" } else { "" };
        let start = encode(encoding, mark).len();
        let object = encode(encoding, &format!("{mark}{}", csv_of(&rows, crlf)));
        let names: Vec<String> = (0..width).map(|column| format!("c{column}")).collect();
        let fitting = rows.iter().filter(|row| row.len() == width);
        let lines: String = fitting.map(|row| line_of_row(&names, row)).collect();
        let rejects = csv_of(&rows.iter().filter(|row| row.len() != width).cloned().collect::<Vec<_>>(), crlf);
        for chunk in 1..=object.len() as u64 + 1 {
            let outcome = run(&object, &dataset(), encoding, start, width, chunk);
            prop_assert_eq!(&outcome.jsonl, &lines, "{}, chunks of {} bytes", encoding, chunk);
            prop_assert_eq!(&outcome.rejects, &encode(encoding, &rejects), "{}, chunks of {} bytes", encoding, chunk);
            prop_assert_eq!(outcome.report.coverage.bytes.total() as usize, object.len() - start);
        }
    }
}

#[test]
fn invalid_bytes_refuse_their_record_alone() {
    // What stands between the good records, and the place of its first invalid byte.
    let table: [(&str, &[u8], usize); 5] = [
        ("shift_jis", b"x,\x95\n", 2),
        ("shift_jis", b"\"\x95\x5c\n,\xff\",1\n", 5),
        ("gbk", b"\xff,1\n", 0),
        ("euc-kr", b"1,\xb0\xa1\xc9\x41\x42\xfe\n", 4),
        ("windows-1253", b"1,\xaa\n", 2),
    ];
    for (label, bad, at) in table {
        let encoding = Encoding::of_label(label).unwrap();
        let object = [b"1,2\n".repeat(3), bad.to_vec(), b"3,4\n".repeat(3)].concat();
        for chunk in 1..=object.len() as u64 {
            let outcome = run(&object, &dataset(), encoding, 0, 2, chunk);
            assert_eq!((outcome.report.records, &outcome.rejects[..]), (6, bad), "{label} {bad:?}, {chunk}");
            let reason: serde_json::Value = serde_json::from_str(&outcome.reasons).unwrap();
            assert_eq!(reason["reason"], "invalid_text", "{label} {bad:?}");
            assert_eq!(reason["found"], format!("an invalid byte at {}", 12 + at), "{label} {bad:?}");
            assert_eq!(reason["expected"], encoding.name(), "{label} {bad:?}");
        }
    }
}

#[test]
fn json_lines_in_every_encoding_at_every_chunk_size() {
    for (label, characters) in HARD {
        let encoding = Encoding::of_label(label).unwrap();
        let text = format!("{{\"c0\": \"{characters}\"}}\r\n\r\n{{\"c0\": {characters}}}\n{{\"c0\": \"a\"}}");
        let object = encode(encoding, &text);
        let json_lines = Dataset { format: Some(fanout_core::Format::JsonLines), ..dataset() };
        for chunk in 1..=object.len() as u64 {
            let outcome = run(&object, &json_lines, encoding, 0, 1, chunk);
            let lines = [line_of_row(&["c0"], &[characters]), line_of_row(&["c0"], &["a"])].concat();
            assert_eq!(outcome.jsonl, lines, "{label}, chunks of {chunk} bytes");
            assert_eq!(outcome.rejects, encode(encoding, &format!("{{\"c0\": {characters}}}\n")), "{label}");
        }
    }
}

#[test]
fn utf8_supposed_on_ascii_becomes_windows_1252_where_the_run_disproves_it() {
    let ascii = "1,plain\n".repeat(400);
    let table: [(&str, Vec<u8>, Encoding, u64); 4] = [
        ("ASCII", vec![], Encoding::UTF_8, 0),
        ("Windows-1252", b"2,\"caf\xe9\nbar\"\n3,\x80\n".to_vec(), Encoding::WINDOWS_1252, 0),
        ("UTF-8", "2,café\n".into(), Encoding::UTF_8, 0),
        ("UTF-8 with a wrong byte", b"2,caf\xc3\xa9\n3,\xe9\n".to_vec(), Encoding::UTF_8, 1),
    ];
    for (case, special, encoding, rejects) in table {
        let object = [ascii.as_bytes(), &special, ascii.as_bytes()].concat();
        let expected = run(&object, &dataset(), encoding, 0, 2, u64::MAX / 2);
        assert_eq!(expected.report.rejects, rejects, "{case}");
        for chunk in [1, 7, 100, 1_000, 3_200, 3_205, 1 << 20] {
            let plan = Plan { encoding_assumed: true, ..plan(&object, &dataset(), Encoding::UTF_8, 0, 2, chunk) };
            let outcome = run_plan(&object, plan).unwrap();
            assert!(outcome.jsonl == expected.jsonl && outcome.rejects == expected.rejects, "{case}, {chunk}");
            assert_eq!(outcome.report.columns, expected.report.columns, "{case}, {chunk}");
            assert_eq!(outcome.report.rejects, rejects, "{case}, {chunk}");
        }
    }
    let json = [&b"{\"c0\": 1}\n"[..], b"{\"c0\": \"\xe9\"}\n", b"{\"c0\": 2}\n"].concat();
    let json_lines = Dataset { format: Some(fanout_core::Format::JsonLines), ..dataset() };
    for chunk in [1, 10, 100] {
        let plan = Plan { encoding_assumed: true, ..plan(&json, &json_lines, Encoding::UTF_8, 0, 1, chunk) };
        assert_eq!(run_plan(&json, plan).unwrap().report.records, 3, "chunks of {chunk} bytes");
    }
}
