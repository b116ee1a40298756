//! Coverage over a sound chain of chunks, and over chains with one broken link each.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::Compression;
use crate::message::SelectStats;

const RUN: &str = "run";

type Results = Vec<Option<ChunkResult>>;

fn result(chunk: Chunk, first: Option<u64>, next: Option<u64>, records: u64) -> ChunkResult {
    ChunkResult {
        version: 1,
        run_id: RUN.to_owned(),
        etag: "e".to_owned(),
        chunk,
        first_record: first,
        next_record: next,
        records,
        no_records: 0,
        rejects: 0,
        bytes: DataBytes { accepted: next.unwrap_or(0).saturating_sub(first.unwrap_or(0)), ..DataBytes::default() },
        types: Vec::new(),
        late_keys: Vec::new(),
        unfit: false,
        gave_up: false,
        round: 0,
        lines: 0,
        seen: Default::default(),
        marks: 0,
        bytes_read: 0,
        started_ms: 0,
        elapsed_ms: 0,
        read_ms: 0,
        usage: Default::default(),
        select: None,
        failure: None,
        parts: Vec::new(),
        partial: BTreeMap::new(),
    }
}

/// Four chunks of ten bytes over [10, 50); records begin at 10, 14, 22, 41: none in the third chunk.
fn sound() -> Results {
    let boundaries = [(10, 22, 2), (22, 41, 1), (41, 41, 0), (41, 50, 1)];
    chunks(ScanRange::new(10, 50), 10)
        .zip(boundaries)
        .map(|(chunk, (first, next, records))| Some(result(chunk, Some(first), Some(next), records)))
        .collect()
}

/// The plan of those chunks.
fn plan(round: u32) -> Plan {
    let plan = json!({
        "run_id": RUN, "object": {"bucket": "b", "key": "k", "etag": "e", "size": 50}, "dataset": {}, "reader": "range",
        "outputs": [], "header": ["a"], "data_start": 10, "chunk_size": 10, "chunk_count": 4, "round": round,
        "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
    });
    serde_json::from_value(plan).unwrap()
}

fn check(results: &[Option<ChunkResult>], round: u32) -> Result<Coverage, CoverageError> {
    verify(&plan(round), results)
}

/// Numbers and proposed starts of the chunks to repair.
fn repairs(results: &[Option<ChunkResult>]) -> Vec<(u64, Option<u64>)> {
    match check(results, 0).unwrap() {
        Coverage::Repair(chunks) => chunks.iter().map(|chunk| (chunk.index, chunk.first_record)).collect(),
        proven => panic!("{proven:?}"),
    }
}

fn edited(index: usize, edit: impl FnOnce(&mut ChunkResult)) -> Results {
    let mut results = sound();
    edit(results[index].as_mut().unwrap());
    results
}

#[test]
fn a_sound_chain_is_proven() {
    let bytes = DataBytes { accepted: 40, ..DataBytes::default() };
    let report = CoverageReport { verified: true, data_start: 10, end: 50, bytes, repaired: 0 };
    assert_eq!(check(&sound(), 0), Ok(Coverage::Proven(report)));
    let nothing = CoverageReport { data_start: 50, bytes: DataBytes::default(), ..report };
    assert_eq!(verify(&Plan { data_start: 50, ..plan(0) }, &[]), Ok(Coverage::Proven(nothing)));
    // A chunk within one record may think what it likes, as long as it yields nothing.
    assert_eq!(check(&edited(2, |r| (r.first_record, r.next_record) = (None, None)), 0), Ok(Coverage::Proven(report)));
}

#[test]
fn every_broken_link_is_named() {
    let mut dropped = sound();
    dropped[1] = None;
    let mut last_dropped = sound();
    last_dropped[3] = None;
    let table: Vec<(&str, Results, Vec<(u64, Option<u64>)>)> = vec![
        ("wrong start", edited(1, |r| r.first_record = Some(25)), vec![(1, Some(22))]),
        (
            "unseen although one begins",
            edited(1, |r| (r.first_record, r.next_record, r.records) = (None, None, 0)),
            vec![(1, Some(22))],
        ),
        ("records where none begin", edited(2, |r| (r.first_record, r.records) = (Some(33), 1)), vec![(2, Some(41))]),
        ("rejects where none begin", edited(2, |r| r.rejects = 1), vec![(2, Some(41))]),
        ("a blank line where none begins", edited(2, |r| r.bytes.skipped = 1), vec![(2, Some(41))]),
        ("first chunk elsewhere", edited(0, |r| r.first_record = Some(11)), vec![(0, Some(10))]),
        ("stopped before its end", edited(0, |r| r.next_record = Some(14)), vec![(0, Some(10))]),
        ("last stops early", edited(3, |r| r.next_record = Some(49)), vec![(3, Some(41))]),
        ("of another version of the object", edited(1, |r| r.etag = "old".into()), vec![(1, Some(22))]),
        ("dropped", dropped, vec![(1, Some(22))]),
        ("last dropped", last_dropped, vec![(3, Some(41))]),
        (
            "failure after a wrong start",
            edited(1, |r| {
                r.first_record = Some(25);
                r.failure = Some(Failure { code: Code::RecordTooLarge, message: "m".into() });
            }),
            vec![(1, Some(22))],
        ),
        ("all dropped", vec![None, None, None, None], vec![(0, Some(10)), (1, None), (2, None), (3, None)]),
    ];
    for (case, results, expected) in table {
        assert_eq!(repairs(&results), expected, "{case}");
    }
    let mut two = edited(1, |r| r.first_record = Some(25));
    two[3].as_mut().unwrap().first_record = Some(44);
    assert_eq!(repairs(&two), [(1, Some(22)), (3, Some(41))], "the second by what the chunks between say");
}

#[test]
fn records_that_two_chunks_have_are_found() {
    let stretched = edited(1, |r| {
        r.chunk = Chunk { end: 50, first_record: Some(22), ..r.chunk };
        (r.next_record, r.records, r.bytes.accepted) = (Some(50), 2, 28);
    });
    assert_eq!(repairs(&stretched), [(3, Some(50))], "the last one's record is the second one's too");
    let twice: Results = sound().into_iter().flat_map(|result| [result.clone(), result]).collect();
    assert_eq!(check(&twice, 0).unwrap_err().code(), Code::CoverageFailed);
}

#[test]
fn results_of_other_chunks_are_refused() {
    let mut swapped = sound();
    swapped.swap(0, 1);
    let mut doubled = sound();
    doubled[2] = doubled[1].clone();
    let of_chunks = |size| {
        let whole = |chunk: Chunk| Some(result(chunk, Some(chunk.start), Some(chunk.end), 1));
        chunks(ScanRange::new(10, 50), size).map(whole).collect()
    };
    let table = [
        ("swapped", swapped, "chunk 0 [10, 20): its result is of chunk 1 [20, 30) of run run"),
        ("doubled", doubled, "chunk 2 [30, 40): its result is of chunk 1 [20, 30) of run run"),
        (
            "swapped numbers",
            edited(1, |r| r.chunk.index = 2),
            "chunk 1 [20, 30): its result is of chunk 2 [20, 30) of run run",
        ),
        ("other chunk size", of_chunks(11), "chunk 0 [10, 20): its result is of chunk 0 [10, 21) of run run"),
        (
            "other chunk size, one chunk",
            edited(1, |r| r.chunk.end = 31),
            "chunk 1 [20, 30): its result is of chunk 1 [20, 31) of run run",
        ),
        (
            "other run",
            edited(3, |r| r.run_id = "old".into()),
            "chunk 3 [40, 50): its result is of chunk 3 [40, 50) of run old",
        ),
    ];
    for (case, results, text) in table {
        let error = check(&results, 0).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.code()), (text, Code::CoverageFailed), "{case}");
    }
}

#[test]
fn bytes_that_are_not_accounted_for_are_found() {
    let table = [
        (edited(1, |r| r.bytes.accepted -= 1), "chunk 1: from byte 22 to byte 41", "have 18 bytes, expected 19"),
        (edited(3, |r| r.bytes.rejected = 2), "chunk 3: from byte 41 to byte 50", "have 11 bytes, expected 9"),
    ];
    for (results, boundary, figures) in table {
        let error = check(&results, 0).unwrap_err();
        let text = format!("{boundary} its records, blank lines and comments {figures}");
        assert_eq!((error.to_string(), error.code()), (text, Code::CoverageFailed));
    }
}

#[test]
fn a_compressed_object_is_one_chunk_from_a_known_place() {
    // Twenty bytes, of which a text of 7,000 comes.
    let mut plan = Plan { compression: Some(Compression::Gzip), chunk_size: 20, chunk_count: 1, ..plan(0) };
    plan.object.size = 20;
    let chunk = chunks(plan.data(), plan.chunk_size).next().unwrap();
    let whole = result(chunk, Some(10), Some(7_000), 500);
    let check = |edit: &dyn Fn(&mut ChunkResult)| {
        let mut result = whole.clone();
        edit(&mut result);
        verify(&plan, &[Some(result)])
    };
    let bytes = DataBytes { accepted: 6_990, ..DataBytes::default() };
    let report = CoverageReport { verified: true, data_start: 10, end: 7_000, bytes, repaired: 0 };
    assert_eq!(check(&|_| ()), Ok(Coverage::Proven(report)));
    let again = Coverage::Repair(vec![Chunk { first_record: Some(10), ..chunk }]);
    assert_eq!(verify(&plan, &[None]), Ok(again.clone()));
    assert_eq!(check(&|result| result.etag = "old".into()), Ok(again));
    let failure = || Failure { code: Code::CorruptObject, message: "m".into() };
    let table: [(&str, &dyn Fn(&mut ChunkResult), Code); 5] = [
        ("failed", &|result| result.failure = Some(failure()), Code::CorruptObject),
        ("of another run", &|result| result.run_id = "old".into(), Code::CoverageFailed),
        (
            "began elsewhere",
            &|result| (result.first_record, result.bytes.accepted) = (Some(11), 6_989),
            Code::CoverageFailed,
        ),
        ("no end", &|result| (result.next_record, result.bytes.accepted) = (None, 0), Code::CoverageFailed),
        ("bytes missing", &|result| result.bytes.accepted = 1, Code::CoverageFailed),
    ];
    for (case, edit, code) in table {
        assert_eq!(check(edit).unwrap_err().code(), code, "{case}");
    }
}

#[test]
fn a_chunk_that_an_earlier_version_gave_up_is_processed_again() {
    let results = edited(1, |r| {
        r.failure = Some(Failure { code: Code::UnterminatedQuote, message: "record at byte 22: …".into() });
        r.next_record = None;
    });
    assert_eq!(repairs(&results), [(1, Some(22))]);
}

#[test]
fn another_object_is_final_wherever_it_was_noticed() {
    let mut results = edited(2, |r| {
        r.failure = Some(Failure { code: Code::ObjectChanged, message: "b/k: the object changed: …".into() });
        (r.first_record, r.next_record) = (None, None);
    });
    results[0] = None;
    let error = check(&results, 0).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        (Code::ObjectChanged, "chunk 2: b/k: the object changed: …")
    );
}

#[test]
fn repair_ends_in_one_piece() {
    let mut results = edited(1, |r| r.first_record = Some(25));
    assert!(matches!(check(&results, MAX_REPAIR_ROUNDS - 1), Ok(Coverage::Repair(chunks)) if chunks.len() == 1));
    let Ok(Coverage::Repair(last)) = check(&results, MAX_REPAIR_ROUNDS) else { panic!() };
    let shape: Vec<_> = last.iter().map(|chunk| (chunk.index, chunk.end, chunk.first_record)).collect();
    assert_eq!(shape, [(1, 50, Some(22)), (2, 40, Some(50)), (3, 50, Some(50))]);
    for (chunk, records) in last.into_iter().zip([3, 0, 0]) {
        results[chunk.index as usize] = Some(result(chunk, chunk.first_record, Some(50), records));
    }
    assert!(matches!(check(&results, MAX_REPAIR_ROUNDS + 1), Ok(Coverage::Proven(report)) if report.repaired == 3));
    let error = check(&edited(1, |r| r.first_record = Some(25)), MAX_REPAIR_ROUNDS + 1).unwrap_err();
    assert_eq!(error.code(), Code::CoverageFailed);
    assert_eq!(
        error.to_string(),
        "after 4 rounds of repair chunk 1 [20, 30) still does not begin at byte 22, where the one before it stopped"
    );
}

#[test]
fn every_chunk_of_s3_select_must_have_its_own_whole_answer() {
    let plan = Plan { reader: Reader::Select, ..plan(0) };
    let answer = |chunk| ChunkResult { select: Some(SelectStats::default()), ..result(chunk, None, None, 1) };
    let all: Results = chunks(plan.data(), plan.chunk_size).map(|chunk| Some(answer(chunk))).collect();
    let again = |round: u32, edit: &dyn Fn(&mut Results)| {
        let mut results = all.clone();
        edit(&mut results);
        match verify(&Plan { round, ..plan.clone() }, &results) {
            Ok(Coverage::Repair(chunks)) => Ok(chunks.iter().map(|chunk| chunk.index).collect::<Vec<_>>()),
            Ok(Coverage::Proven(report)) => {
                assert_eq!((report.verified, report.data_start, report.end), (false, 10, 50));
                Ok(Vec::new())
            }
            Err(error) => Err(error.code()),
        }
    };
    fn of(results: &mut Results, index: usize) -> &mut ChunkResult {
        results[index].as_mut().unwrap()
    }
    assert_eq!(again(0, &|_| ()), Ok(vec![]));
    assert_eq!(again(0, &|results| results[1] = None), Ok(vec![1]));
    assert_eq!(again(0, &|results| results.truncate(1)), Ok(vec![1, 2, 3]));
    assert_eq!(again(0, &|results| of(results, 2).etag = "other".into()), Ok(vec![2]));
    assert_eq!(again(0, &|results| of(results, 0).select = None), Ok(vec![0]));
    assert_eq!(again(MAX_REPAIR_ROUNDS, &|results| results[1] = None), Err(Code::CoverageFailed));
    assert_eq!(again(0, &|results| results.swap(0, 1)), Err(Code::CoverageFailed));
    assert_eq!(again(0, &|results| of(results, 0).run_id = "other".into()), Err(Code::CoverageFailed));
    let failure = Failure { code: Code::RecordTooLarge, message: "m".into() };
    let failed = again(0, &|results| of(results, 1).failure = Some(failure.clone()));
    assert_eq!(failed, Err(Code::RecordTooLarge));
}
