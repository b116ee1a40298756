//! Compressed objects: the same results as of their text, or an error that says how far it came.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::io::Write;

use fanout_core::message::Dataset;
use fanout_core::{Code, Coded, Compression, Format};
use fanout_tests::{dataset, plain, run};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A zstd frame with a checksum, as the zstd command writes it.
fn zstd(text: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(text: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(1));
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn xz(text: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// An archive of one deflated file, with its sizes behind it, as a writer that streams makes it.
fn zip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    let packed = encoder.finish().unwrap();
    let mut crc = flate2::Crc::new();
    crc.update(text);
    let sizes = [crc.sum(), packed.len() as u32, text.len() as u32].map(u32::to_le_bytes).concat();
    let (head, name) = (b"\x14\0\x08\0\x08\0\0\0\0\0", b"\x05\0\0\0");
    let entry = [&b"PK\x03\x04"[..], head, &[0; 12], name, b"a.csv", &packed, b"PK\x07\x08", &sizes].concat();
    let directory = [&b"PK\x01\x02\x14\0"[..], head, &sizes, name, &[0; 14], b"a.csv"].concat();
    let [length, start] = [directory.len(), entry.len()].map(|number| (number as u32).to_le_bytes());
    let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &length, &start, b"\0\0"].concat();
    [entry, directory, end].concat()
}

/// RFC 8878, 3.1.2: magic number, size, bytes that mean nothing to a decoder.
const SKIPPABLE: &[u8] = b"\x50\x2a\x4d\x18\x03\0\0\0any";

fn csv() -> String {
    let mut text = "id,note\n".to_owned();
    for id in 0..3_000 {
        match id % 100 {
            7 => text.push_str(&format!("{id},too,many\n\n")),
            _ => text.push_str(&format!("{id},\"line {}\nanother, \"\"quoted\"\"\"\n", id * 7_919 % 1_000)),
        }
    }
    text
}

#[test]
fn the_text_counts_however_it_is_compressed() {
    let json: String = (0..2_000)
        .map(|id| format!("{{\"id\": {id}, \"x\": \"\\n\"}}\n{}", if id % 9 == 0 { "{\n" } else { "" }))
        .collect();
    for text in [csv(), json] {
        let text = text.as_bytes();
        let plain = run(text, &Dataset::default(), 10_000).unwrap();
        let half = text.len() / 2;
        let objects = [
            ("gzip", Compression::Gzip, gzip(text)),
            ("gzip, members", Compression::Gzip, [gzip(&text[..half]), gzip(b""), gzip(&text[half..])].concat()),
            ("zstd", Compression::Zstd, zstd(text)),
            ("zstd, frames", Compression::Zstd, [zstd(&text[..7]), SKIPPABLE.to_vec(), zstd(&text[7..])].concat()),
            ("zstd, skippable first", Compression::Zstd, [SKIPPABLE.to_vec(), zstd(text)].concat()),
            ("bzip2", Compression::Bzip2, bzip2(text)),
            ("bzip2, streams", Compression::Bzip2, [bzip2(&text[..half]), bzip2(&text[half..])].concat()),
            ("xz", Compression::Xz, xz(text)),
            ("xz, streams", Compression::Xz, [xz(&text[..half]), xz(&text[half..])].concat()),
            ("zip", Compression::Zip, zip(text)),
        ];
        for (case, compression, object) in objects {
            // A chunk size changes nothing.
            let run = run(&object, &Dataset::default(), 1_000).unwrap();
            assert!(run.jsonl == plain.jsonl && run.rejects == plain.rejects && run.reasons == plain.reasons, "{case}");
            let (ours, theirs) = (&run.report, &plain.report);
            assert_eq!((ours.records, ours.rejects, &ours.columns), (theirs.records, theirs.rejects, &theirs.columns));
            assert_eq!((ours.coverage.bytes, ours.coverage.end), (theirs.coverage.bytes, text.len() as u64), "{case}");
            assert_eq!((ours.chunks, ours.compression, ours.format), (1, Some(compression), theirs.format), "{case}");
            assert_eq!(ours.bytes_read, object.len() as u64, "{case}");
            let why = format!("{compression} can only be read from its start");
            assert!(ours.not_split.as_ref().unwrap().starts_with(&why), "{case}: {:?}", ours.not_split);
            assert_eq!((&theirs.not_split, theirs.compression), (&None, None));
        }
    }
}

#[test]
fn a_stream_cut_anywhere_is_an_error_with_its_offset() {
    let text = "id,name\n1,a\n2,b\n3,c\n".repeat(3);
    for (compress, magic) in [(gzip as fn(&[u8]) -> Vec<u8>, 2), (zstd, 4), (bzip2, 6), (xz, 6), (zip, 4)] {
        let object = compress(text.as_bytes());
        for cut in magic..object.len() {
            let error = run(&object[..cut], &Dataset::default(), 100).err().unwrap();
            assert_eq!(error.code(), Code::CorruptObject, "cut at {cut}: {error}");
            assert!(error.to_string().contains(&format!("is truncated at byte {cut} of the object")), "{error}");
        }
    }
}

#[test]
fn a_damaged_stream_is_never_read_as_something_else() {
    let text = csv();
    let plain = run(text.as_bytes(), &Dataset::default(), 1 << 20).unwrap();
    for (compress, magic) in [(gzip as fn(&[u8]) -> Vec<u8>, 2), (zstd, 4)] {
        let object = compress(text.as_bytes());
        let mut found = 0;
        for at in (magic..60).chain((60..object.len()).step_by(97)).chain(object.len() - 8..object.len()) {
            let mut damaged = object.clone();
            damaged[at] ^= 0x10;
            match run(&damaged, &Dataset::default(), 100) {
                // A few bytes of the header, as the time of change, mean nothing to the text.
                Ok(outcome) => assert!(outcome.jsonl == plain.jsonl && at < 20, "byte {at}"),
                Err(error) => {
                    assert_eq!(error.code(), Code::CorruptObject, "byte {at}: {error}");
                    found += 1;
                }
            }
        }
        assert!(found > 50, "{found}");
    }
    let after = [gzip(text.as_bytes()), b"more".to_vec()].concat();
    assert_eq!(run(&after, &Dataset::default(), 100).err().unwrap().code(), Code::CorruptObject);
}

#[test]
fn bad_records_have_places_in_the_text() {
    let reasons = |text: &str, dataset: &Dataset| run(&gzip(text.as_bytes()), dataset, 100).unwrap().reasons;
    let open = reasons(&format!("a,b\n1,x\n2,\"{}", "z,\n".repeat(100_000)), &plain());
    assert!(open.starts_with(r#"{"offset":8,"length":6,"reason":"unterminated_quote""#), "{open}");
    assert!(open.contains("the quote at byte 10 never closes"), "{open}");
    let short = Dataset { max_record: Some(4000), ..plain() };
    let long = reasons(&format!("a,b\n1,2\n1,{}\n", "x".repeat(5_000)), &short);
    assert!(long.starts_with(r#"{"offset":8,"length":4000,"reason":"record_too_large""#), "{long}");
}

#[test]
fn errors_of_the_text_have_codes() {
    let table: [(&str, &[u8], Code); 4] = [
        ("empty text", b"", Code::EmptyObject),
        ("blank text", &[b'\n'; 100_000], Code::EmptyObject),
        ("compressed twice", &gzip(b"id,name\n1,a\n"), Code::UnsupportedEncoding),
        ("a long header", &[b'x'; 20_000_000], Code::RecordTooLarge),
    ];
    for (case, text, code) in table {
        let error = run(&gzip(text), &Dataset::default(), 100).err().unwrap();
        assert_eq!(error.code(), code, "{case}: {error}");
    }
    // More blank lines than a header may be behind.
    let error = run(&gzip(&vec![b'\n'; 40 << 20]), &Dataset::default(), 100).err().unwrap();
    assert_eq!(error.code(), Code::EmptyObject, "{error}");
}

#[test]
fn a_header_beyond_the_first_read_is_found() {
    // Bytes that don't compress: 200 KiB of them before the first record ends, in names of a thousand bytes.
    let mut state = 1u64;
    let name: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + (state >> 40) as u8 % 26)
    })
    .take(300_000)
    .collect();
    let names: Vec<&str> = (0..300).map(|place| &name[place * 1000..(place + 1) * 1000]).collect();
    let object = gzip(format!("{},b\n{}2\n", names.join(","), "1,".repeat(300)).as_bytes());
    assert!(object.len() > 130_000);
    let outcome = run(&object, &dataset(r#"{"outputs": ["jsonl"]}"#), 100);
    assert_eq!(outcome.unwrap().report.records, 1);
    let value = gzip(format!("{{\"a\": \"{name}\"}}\n{{\"a\": 1}}\n").as_bytes());
    let outcome = run(&value, &Dataset::default(), 100).unwrap();
    assert_eq!((outcome.report.records, outcome.report.format), (2, Format::JsonLines));
}
