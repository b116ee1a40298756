//! Queries over records in chunks give what they give over all records at once; states of all kinds, refusals, errors.

use fanout_core::Coded;
use fanout_core::message::QueryReport;
use fanout_outputs::OutputError;

use super::run::{cut, records, run};

#[test]
fn the_report_has_the_result() {
    let (lines, report) =
        run(&cut(&records(100), 9), "SELECT word, sum(n) AS n FROM records GROUP BY 1 ORDER BY 1").unwrap();
    assert_eq!(lines[0], r#"{"Word":"w0","n":17}"#);
    let columns: Vec<(&str, &str)> =
        report.columns.iter().map(|column| (column.name.as_str(), column.column_type.as_str())).collect();
    assert_eq!(columns, [("Word", "string"), ("n", "int64")]);
    assert_eq!((report.rows_in, report.rows_out), (100, 6));
    assert_eq!(report.rows[0], [Some("w0".to_owned()), Some("17".to_owned())]);
    assert_eq!(report.rows[5], [None, None]);
}

#[test]
fn a_state_too_large_for_a_partial_is_a_part() {
    let records = records(5000);
    let query = "SELECT id, count(*) AS n FROM records GROUP BY id ORDER BY id DESC LIMIT 3";
    let (lines, report) = run(&cut(&records, 2500), query).unwrap();
    assert_eq!(lines[0], r#"{"id":4999,"n":1}"#);
    assert_eq!((report.rows_in, report.rows_out), (5000, 3));
}

#[test]
fn a_limit_takes_the_first_rows() {
    for each in [1, 2, 7, 100] {
        let (lines, _) = run(&cut(&records(50), each), "SELECT id FROM records LIMIT 3 OFFSET 2").unwrap();
        assert_eq!(lines, [r#"{"id":2}"#, r#"{"id":3}"#, r#"{"id":4}"#], "{each}");
    }
}

#[test]
fn errors_say_what_and_where() {
    let maximum = i64::MAX;
    let text = format!("1,a,1.00,1,2024-01-01\n2,b,1.00,0,2024-01-01\n{maximum},c,1.00,{maximum},2024-01-01\n");
    let table = [
        ("SELECT id / n FROM records", "QueryFailed", "the record at byte 22: division by zero"),
        ("SELECT id + n FROM records", "QueryFailed", "the record at byte 44: a number overflows"),
        ("SELECT id * 2 AS x FROM records WHERE id > 1", "QueryFailed", "the record at byte 44: a number overflows"),
        ("SELECT sum(id) FROM records", "QueryFailed", "Int64"),
        ("SELECT CAST(word AS INT) FROM records", "QueryFailed", "the record at byte 0: Cannot cast string 'a'"),
        ("SELECT wrod FROM records", "InvalidQuery", "there is no column \"wrod\", did you mean \"Word\"?"),
        ("SELECT id FROM", "InvalidQuery", "Expected"),
        ("SELECT id FROM records WHERE\n id = = 2", "InvalidQuery", "Line: 2"),
        ("SELECT sum(word) FROM records", "InvalidQuery", "sum"),
        ("SELECT random(), id FROM records", "InvalidQuery", "random() gives another value"),
        ("SELECT nothing(id) FROM records", "InvalidQuery", "nothing"),
        ("SELECT id FROM records GROUP BY word", "InvalidQuery", "GROUP BY"),
    ];
    for (query, code, expected) in table {
        let error = run(std::slice::from_ref(&text), query).unwrap_err();
        assert_eq!(error.code().as_str(), code, "{query}: {error}");
        assert!(error.to_string().contains(expected), "{query}: {error}");
    }
}

/// A random query of parts that all fit together.
fn random_query(random: &mut fastrand::Rng) -> String {
    const VALUES: [&str; 6] = ["id", "n", "pay", "id % 4", "n + 1", "length(word)"];
    const FILTERS: [&str; 4] = ["id", "n", "coalesce(n, 1)", "id % 5"];
    const COMPARED: [&str; 5] = ["<", ">", "=", "<>", "IS NULL OR 3 >"];
    const KEYS: [&str; 4] = ["word", "n", "day", "id % 3"];
    const AGGREGATES: [&str; 6] = ["sum(", "min(", "max(", "count(", "median(", "count(DISTINCT "];
    const ENDS: [&str; 3] = ["", "LIMIT 5", "LIMIT 3 OFFSET 2"];
    let keys: Vec<&str> = KEYS.into_iter().filter(|_| random.u8(..3) == 0).collect();
    let mut items: Vec<String> = keys.iter().enumerate().map(|(place, key)| format!("{key} AS k{place}")).collect();
    for place in 0..random.usize(1..4) {
        items.push(format!("{}{}) AS a{place}", AGGREGATES[random.usize(..6)], VALUES[random.usize(..6)]));
    }
    let (left, compared, right) = (FILTERS[random.usize(..4)], COMPARED[random.usize(..5)], random.u8(..40));
    let grouped = if keys.is_empty() { String::new() } else { format!("GROUP BY {}", keys.join(", ")) };
    let order: Vec<String> = (1..=items.len()).map(|place| place.to_string()).collect();
    format!(
        "SELECT {} FROM records WHERE {left} {compared} {right} {grouped} ORDER BY {} {}",
        items.join(", "),
        order.join(", "),
        ENDS[random.usize(..3)]
    )
}

#[test]
fn chunks_give_what_all_records_give() {
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let query = random_query(&mut random);
        let records = records(random.usize(..120));
        let told = |found: Result<(Vec<String>, QueryReport), OutputError>| {
            found.map(|(lines, _)| lines).map_err(|error| error.to_string())
        };
        let whole = told(run(&[records.concat()], &query));
        let chunked = told(run(&cut(&records, random.usize(1..60)), &query));
        assert_eq!(whole, chunked, "{seed}: {query}");
    }
}
