//! The share of right guesses of where a chunk begins, and the proof that a wrong one never matters.
//!
//! The first two tests print what they counted:
//!
//!     cargo test -p fanout-tests --test evidence -- --nocapture
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod generators;

use fanout_core::{Alignment, Dialect, LOOK_BACK, Terminator, align};
use fanout_tests::{expected, parse, places, run, said};
use generators::{GENERATORS, Generator, NAMES, Pick};

/// The seed: texts and starts are the same every time.
const SEED: u64 = 20_261_122;

/// Name, dialect, and the terminator that is written.
fn dialects() -> Vec<(&'static str, Dialect, &'static [u8])> {
    let with = |edit: fn(&mut Dialect)| {
        let mut dialect = Dialect::default();
        edit(&mut dialect);
        dialect
    };
    vec![
        ("comma, LF", Dialect::default(), b"\n"),
        ("semicolon, CRLF", with(|d| d.delimiter = b';'), b"\r\n"),
        (
            "tab, no quote, only LF",
            with(|d| (d.delimiter, d.quote, d.terminator) = (b'\t', None, Terminator::Lf)),
            b"\n",
        ),
        (
            "pipe, ', any",
            with(|d| (d.delimiter, d.quote, d.terminator) = (b'|', Some(b'\''), Terminator::Any)),
            b"\r\n",
        ),
        ("\\x01, CR", with(|d| (d.delimiter, d.terminator) = (1, Terminator::Cr)), b"\r"),
        ("comma, only CRLF", with(|d| d.terminator = Terminator::Crlf), b"\r\n"),
        ("comma, \\, #", with(|d| (d.escape, d.comment) = (Some(b'\\'), Some(b'#'))), b"\n"),
    ]
}

fn cases() -> impl Iterator<Item = (&'static Generator, &'static str, Dialect, &'static [u8])> {
    let of = |generator: &'static Generator| {
        let dialects = dialects().into_iter().filter(|(_, dialect, _)| (generator.fits)(dialect));
        dialects.map(move |(name, d, end)| (generator, name, d, end))
    };
    GENERATORS.iter().flat_map(of)
}

/// Aligns as a processor does: in a window that grows where nothing is seen in it.
fn guess(text: &[u8], start: usize, dialect: &Dialect, windows: (usize, usize)) -> Alignment {
    let from = start - start.min(LOOK_BACK as usize);
    let mut wanted = windows.0;
    loop {
        let window = &text[from..text.len().min(from + wanted)];
        let ends = from + window.len() == text.len();
        match align(window, (start - from) as u64, start as u64, ends, dialect, NAMES.len()) {
            Alignment::Unseen if !ends && wanted < windows.1 => wanted *= 4,
            Alignment::Unseen => return Alignment::Unseen,
            Alignment::Boundary(place) => {
                // Whether right or wrong: at or after the start, within what was read, and after a terminator.
                assert!((start..=from + window.len()).contains(&(place as usize)), "place {place} of start {start}");
                let before = text[place as usize - 1];
                assert!(place == text.len() as u64 || b"\r\n".contains(&before), "place {place} of start {start}");
                return Alignment::Boundary(place);
            }
        }
    }
}

#[derive(Default)]
struct Count {
    right: u32,
    wrong: u32,
    unseen: u32,
}

fn count(text: &[u8], dialect: &Dialect, windows: (usize, usize), starts: u32, pick: &mut Pick) -> Count {
    let places = places(text, dialect, usize::MAX);
    let mut count = Count::default();
    for _ in 0..starts {
        let start = 1 + pick.below(text.len() - 1);
        let truth = places[places.partition_point(|place| *place < start as u64)];
        match guess(text, start, dialect, windows) {
            Alignment::Boundary(place) if place == truth => count.right += 1,
            Alignment::Boundary(_) => count.wrong += 1,
            Alignment::Unseen => count.unseen += 1,
        }
    }
    count
}

fn row(text: &str, dialect: &str, count: &Count) -> String {
    let Count { right, wrong, unseen } = *count;
    let starts = right + wrong + unseen;
    let share = 100.0 * f64::from(wrong) / f64::from(starts);
    format!("{text:<24} {dialect:<23} {starts:>6} {right:>6} {wrong:>6} {unseen:>6} {share:>8.2}\n")
}

fn report(windows: (usize, usize), size: usize, starts: u32) {
    let mut table = format!("seed {SEED}; texts of {size} bytes; windows of {} to {} bytes\n", windows.0, windows.1);
    table.push_str("text                     dialect                 starts  right  wrong unseen  wrong %\n");
    let mut pick = Pick(SEED);
    let mut all = Count::default();
    let mut not_right = Vec::new();
    for (generator, name, dialect, end) in cases() {
        let text = generator.text(&mut pick, &dialect, end, size);
        let count = count(&text, &dialect, windows, starts, &mut pick);
        table.push_str(&row(generator.name, name, &count));
        if generator.ordinary && count.right < starts {
            not_right.push((generator.name, name));
        }
        all.right += count.right;
        all.wrong += count.wrong;
        all.unseen += count.unseen;
    }
    // At once, as the tests run side by side.
    print!("{table}{}", row("all", "", &all));
    assert!(not_right.is_empty(), "every guess in ordinary texts must be right: {not_right:?}");
}

#[test]
fn guesses_in_the_windows_of_a_processor() {
    report((64 << 10, 4 << 20), 300_000, 20);
}

#[test]
fn guesses_in_small_windows() {
    report((4 << 10, 64 << 10), 100_000, 50);
}

#[test]
fn whole_runs_are_exact_whatever_the_guesses_were() {
    let mut pick = Pick(SEED);
    let mut repaired = 0;
    for (generator, name, dialect, end) in cases() {
        let dataset = said(&dialect, &NAMES);
        let text = generator.text(&mut pick, &dialect, end, 20_000);
        if text.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            // No record: refused before.
            continue;
        }
        let (jsonl, rejects) = expected(&text, &parse(&text, &dialect, usize::MAX), &NAMES);
        for chunk_size in [333, 2_000, 9_999] {
            let case = format!("{} in {name}, chunks of {chunk_size} bytes", generator.name);
            let outcome = run(&text, &dataset, chunk_size).unwrap();
            assert!(outcome.jsonl == jsonl && outcome.rejects == rejects, "{case}");
            let coverage = outcome.report.coverage;
            assert!(coverage.verified && coverage.end == text.len() as u64, "{case}");
            repaired += coverage.repaired;
        }
    }
    assert!(repaired > 0, "no guess was wrong: the texts are too easy");
}
