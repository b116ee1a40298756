//! The examples of the "SQL reference for Amazon S3 Select" in AWS's documentation run as they stand. Each table says
//! where an answer differs, and why.

use super::run::run;

const PEOPLE: &str = "1,Anna,1.50,10,2024-02-29\n2,Bob,,20,2024-03-01\n3,,7.00,,2023-01-01\n";

fn rows(query: &str) -> Vec<String> {
    let (lines, _) = run(&[PEOPLE.to_owned()], query).unwrap_or_else(|error| panic!("{query}: {error}"));
    lines
}

/// The value of an expression, as JSON.
fn value(expr: &str) -> String {
    let row = rows(&format!("SELECT {expr} AS v FROM S3Object s LIMIT 1"));
    row[0].strip_prefix(r#"{"v":"#).unwrap().strip_suffix('}').unwrap().to_owned()
}

fn check(table: &[(&str, &str)]) {
    for (expr, expected) in table {
        assert_eq!(value(expr), *expected, "{expr}");
    }
}

#[test]
fn statements() {
    let table: &[(&str, &[&str])] = &[
        ("SELECT * FROM S3Object LIMIT 1", &[r#"{"id":1,"Word":"Anna","pay":1.50,"n":10,"day":"2024-02-29"}"#]),
        ("select s.* from S3Object as s limit 1;", &[r#"{"id":1,"Word":"Anna","pay":1.50,"n":10,"day":"2024-02-29"}"#]),
        ("SELECT s._2 FROM S3Object s WHERE s.id = 2", &[r#"{"Word":"Bob"}"#]),
        ("SELECT _2 FROM S3Object WHERE _1 = '2'", &[r#"{"Word":"Bob"}"#]),
        ("SELECT s.word FROM S3Object[*] s WHERE CAST(s._1 AS INT) > 1 AND s.word LIKE 'B%'", &[r#"{"Word":"Bob"}"#]),
        ("SELECT s.\"Word\" AS w FROM s3object [*] AS s WHERE s.id IN (1, 2) AND s.id <> 1", &[r#"{"w":"Bob"}"#]),
        ("SELECT s.id FROM S3Object s WHERE s.id BETWEEN 2 AND 3", &[r#"{"id":2}"#, r#"{"id":3}"#]),
        ("SELECT s.id FROM S3Object s WHERE NOT s.id = 1 AND s.word IS NOT NULL", &[r#"{"id":2}"#]),
        ("SELECT s.id FROM S3Object s WHERE s.word IS MISSING OR s.n != 10", &[r#"{"id":2}"#, r#"{"id":3}"#]),
        ("SELECT s.id FROM S3Object s WHERE s.word IS NOT MISSING AND s.pay = 1.5", &[r#"{"id":1}"#]),
        ("SELECT COUNT(*) AS c, COUNT(0) AS d FROM S3Object s WHERE s.pay IS NOT NULL", &[r#"{"c":2,"d":2}"#]),
        (
            "SELECT MIN(s.n) AS a, MAX(s.n) AS b, SUM(s.n) AS c, AVG(s.n) AS d FROM S3Object s",
            &[r#"{"a":10,"b":20,"c":30,"d":15.0}"#],
        ),
        ("SELECT AVG(CAST(s.pay AS FLOAT)) AS v FROM S3Object s", &[r#"{"v":4.25}"#]),
        ("SELECT s.id FROM S3Object s WHERE s.day > `2024-02T` AND s.day < `2024-03-01T`", &[r#"{"id":1}"#]),
        ("SELECT s.id FROM S3Object s WHERE s.word LIKE '_nn%' OR s.word LIKE '%!%' ESCAPE '!'", &[r#"{"id":1}"#]),
        ("SELECT s.id FROM S3Object s WHERE s.n = 'N/A' OR 'x' <> s.n AND s.id = '2'", &[r#"{"id":2}"#]),
        ("SELECT s.id FROM S3Object s WHERE s.word > 100 OR 2 < s.word OR s.id = 3", &[r#"{"id":3}"#]),
        // Functions of text read numbers too: a field of CSV is text in S3 Select.
        (
            "SELECT SUBSTRING(s.n, 1, 1) AS v FROM S3Object s WHERE CHAR_LENGTH(s.n) = 2 AND s.n LIKE '2%'",
            &[r#"{"v":"2"}"#],
        ),
    ];
    for (query, expected) in table {
        assert_eq!(rows(query), *expected, "{query}");
    }
}

#[test]
fn operators() {
    check(&[
        ("-3*3", "-9"),
        ("10-3*2", "4"),
        ("13-10/5", "11"),
        ("13-10%5", "13"),
        ("false OR NOT false", "true"),
        ("true AND true OR false", "true"),
        ("3 BETWEEN -1 AND 3", "true"),
    ]);
}

#[test]
fn conditions() {
    check(&[
        ("CASE 1 WHEN 1 THEN 'one' ELSE 'other' END", r#""one""#),
        ("CASE WHEN s.id > 1 THEN 'many' WHEN s.id = 1 THEN 'one' END", r#""one""#),
        ("COALESCE(1)", "1"),
        ("COALESCE(1, null)", "1"),
        ("COALESCE(null, null, 1)", "1"),
        ("COALESCE(missing, 1)", "1"),
        ("COALESCE(null, 'string')", r#""string""#),
        ("COALESCE(null)", "null"),
        ("COALESCE(null, null)", "null"),
        ("COALESCE(missing)", "null"),
        ("COALESCE(missing, missing)", "null"),
        ("NULLIF(1, 1)", "null"),
        ("NULLIF(1, 2)", "1"),
        ("NULLIF(1, 1.0)", "null"),
        ("NULLIF(1, 'a')", "1"),
        ("NULLIF(null, null)", "null"),
        ("NULLIF(missing, null)", "null"),
    ]);
}

#[test]
fn casts() {
    check(&[
        ("CAST('true' AS BOOL)", "true"),
        ("CAST('13' AS INT)", "13"),
        ("CAST('5000000000' AS INTEGER)", "5000000000"),
        ("CAST(true AS STRING)", r#""true""#),
        ("CAST('13.3' AS FLOAT)", "13.3"),
        ("CAST('14.3' AS DECIMAL(5, 2))", "14.30"),
        ("CAST('14.3' AS NUMERIC(5, 2))", "14.30"),
        ("CAST('2007-04-05T14:30Z' AS TIMESTAMP)", r#""2007-04-05T14:30:00""#),
        ("CAST('2007T' AS TIMESTAMP)", r#""2007-01-01T00:00:00""#),
    ]);
}

#[test]
fn dates() {
    check(&[
        ("DATE_ADD(year, 5, `2010-01-01T`)", r#""2015-01-01T00:00:00""#),
        ("DATE_ADD(month, 1, `2010T`)", r#""2010-02-01T00:00:00""#),
        ("DATE_ADD(month, 13, `2010T`)", r#""2011-02-01T00:00:00""#),
        ("DATE_ADD(day, -1, `2017-01-10T`)", r#""2017-01-09T00:00:00""#),
        ("DATE_ADD(hour, 1, `2017T`)", r#""2017-01-01T01:00:00""#),
        ("DATE_ADD(hour, 1, `2017-01-02T03:04Z`)", r#""2017-01-02T04:04:00""#),
        ("DATE_ADD(minute, 1, `2017-01-02T03:04:05.006Z`)", r#""2017-01-02T03:05:05.006""#),
        ("DATE_ADD(second, 1, `2017-01-02T03:04:05.006Z`)", r#""2017-01-02T03:04:06.006""#),
        ("DATE_ADD(day, 1, s.day)", r#""2024-03-01""#),
        ("DATE_ADD(hour, 1, s.day)", r#""2024-02-29T01:00:00""#),
        ("DATE_DIFF(year, `2010-01-01T`, `2011-01-01T`)", "1"),
        // The documentation has 4, the months.
        ("DATE_DIFF(year, `2010T`, `2010-05T`)", "0"),
        ("DATE_DIFF(month, `2010T`, `2010-05T`)", "4"),
        ("DATE_DIFF(month, `2010T`, `2011T`)", "12"),
        ("DATE_DIFF(month, `2011T`, `2010T`)", "-12"),
        ("DATE_DIFF(month, `2010-01-31T`, `2010-02-28T`)", "0"),
        ("DATE_DIFF(month, `2010-03-01T`, `2010-01-31T`)", "-1"),
        ("DATE_DIFF(day, `2010-01-01T23:00`, `2010-01-02T01:00`)", "0"),
        ("DATE_DIFF(day, s.day, `2024-03-02T`)", "2"),
        ("DATE_DIFF(hour, `2010-01-01T23:00`, `2010-01-02T01:00`)", "2"),
        ("EXTRACT(YEAR FROM `2010-01-01T`)", "2010"),
        ("EXTRACT(MONTH FROM `2010T`)", "1"),
        ("EXTRACT(MONTH FROM `2010-10T`)", "10"),
        ("EXTRACT(HOUR FROM `2017-01-02T03:04:05+07:08`)", "3"),
        ("EXTRACT(MINUTE FROM `2017-01-02T03:04:05+07:08`)", "4"),
        ("EXTRACT(TIMEZONE_HOUR FROM `2017-01-02T03:04:05+07:08`)", "7"),
        ("EXTRACT(TIMEZONE_MINUTE FROM `2017-01-02T03:04:05+07:08`)", "8"),
        ("EXTRACT(DAY FROM s.day)", "29"),
        ("EXTRACT(TIMEZONE_HOUR FROM s.day)", "0"),
        ("TO_STRING(`1969-07-20T20:18Z`,  'MMMM d, y')", r#""July 20, 1969""#),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MMM d, yyyy')", r#""Jul 20, 1969""#),
        ("TO_STRING(`1969-07-20T20:18Z`, 'M-d-yy')", r#""7-20-69""#),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MM-d-y')", r#""07-20-1969""#),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MMMM d, y h:m a')", r#""July 20, 1969 8:18 PM""#),
        ("TO_STRING(`1969-07-20T20:18Z`, 'y-MM-dd''T''H:m:ssX')", r#""1969-07-20T20:18:00Z""#),
        // The documentation has 20:18:00Z of a moment eight hours before.
        ("TO_STRING(`1969-07-20T20:18+08:00Z`, 'y-MM-dd''T''H:m:ssX')", r#""1969-07-20T20:18:00+08""#),
        ("TO_STRING(`1969-07-20T20:18+08:00`, 'y-MM-dd''T''H:m:ssXXXX')", r#""1969-07-20T20:18:00+0800""#),
        ("TO_STRING(`1969-07-20T20:18+08:00`, 'y-MM-dd''T''H:m:ssXXXXX')", r#""1969-07-20T20:18:00+08:00""#),
        ("TO_STRING(`2017-01-02T03:04:05.006Z`, 'MMMMM SS n % x')", r#""J 00 6000000 % +00""#),
        ("TO_STRING(s.day, 'd.M.yy')", r#""29.2.24""#),
        // Moments of a result are in UTC.
        ("TO_TIMESTAMP('2007T')", r#""2007-01-01T00:00:00""#),
        ("TO_TIMESTAMP('2007-02-23T12:14:33.079-08:00')", r#""2007-02-23T20:14:33.079""#),
        ("UTCNOW()", r#""2017-10-13T16:02:11.123""#),
    ]);
}

#[test]
fn texts() {
    check(&[
        ("CHAR_LENGTH('')", "0"),
        ("CHAR_LENGTH('abcdefg')", "7"),
        ("CHARACTER_LENGTH('abcdefg')", "7"),
        ("LOWER('AbCdEfG!@#$')", r#""abcdefg!@#$""#),
        ("UPPER('AbCdEfG!@#$')", r#""ABCDEFG!@#$""#),
        (r#"SUBSTRING("123456789", 0)"#, r#""123456789""#),
        (r#"SUBSTRING("123456789", 1)"#, r#""123456789""#),
        (r#"SUBSTRING("123456789", 2)"#, r#""23456789""#),
        (r#"SUBSTRING("123456789", -4)"#, r#""123456789""#),
        (r#"SUBSTRING("123456789", 0, 999)"#, r#""123456789""#),
        (r#"SUBSTRING("123456789", 1, 5)"#, r#""12345""#),
        ("SUBSTRING('John' FROM 2)", r#""ohn""#),
        ("SUBSTRING('John' FROM 2 FOR 2)", r#""oh""#),
        ("SUBSTRING('John' FROM -1 FOR 2)", r#""""#),
        ("TRIM('       foobar         ')", r#""foobar""#),
        ("TRIM('      \tfoobar\t         ')", r#""\tfoobar\t""#),
        ("TRIM(LEADING FROM '       foobar         ')", r#""foobar         ""#),
        ("TRIM(TRAILING FROM '       foobar         ')", r#""       foobar""#),
        ("TRIM(BOTH FROM '       foobar         ')", r#""foobar""#),
        ("TRIM(BOTH '12' FROM '1112211foobar22211122')", r#""foobar""#),
    ]);
}

#[test]
fn names_in_quotes_that_are_near_to_a_column_are_no_texts() {
    let error = run(&[PEOPLE.to_owned()], r#"SELECT UPPER("Wrod") FROM S3Object"#).unwrap_err().to_string();
    assert!(error.contains("did you mean \"Word\"?"), "{error}");
}

#[test]
fn values_within_json() {
    let text = r#"1,"{""name"":""Susan"",""org"":{""unit"":7},""projects"":[{""project_name"":""one""},{""a b"":null}]}",,,
2,no JSON,,,
"#;
    let table = [
        ("SELECT s.word.name FROM S3Object[*] s", [r#"{"name":"Susan"}"#, r#"{"name":null}"#]),
        ("SELECT CAST(s.word.org.unit AS INT) + 1 AS v FROM S3Object s", [r#"{"v":8}"#, r#"{"v":null}"#]),
        ("SELECT s.word.org FROM S3Object s", [r#"{"org":"{\"unit\":7}"}"#, r#"{"org":null}"#]),
        (
            "SELECT s.word.projects[0].project_name FROM S3Object s",
            [r#"{"project_name":"one"}"#, r#"{"project_name":null}"#],
        ),
        ("SELECT s.word.projects[1]['a b'] AS v FROM S3Object s", [r#"{"v":null}"#, r#"{"v":null}"#]),
        ("SELECT word.name AS v FROM S3Object", [r#"{"v":"Susan"}"#, r#"{"v":null}"#]),
        ("SELECT _1.id FROM S3Object[*]", [r#"{"id":1}"#, r#"{"id":2}"#]),
        ("SELECT _1.word.name AS v FROM S3Object[*]", [r#"{"v":"Susan"}"#, r#"{"v":null}"#]),
    ];
    for (query, expected) in table {
        let (lines, _) = run(&[text.to_owned()], query).unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(lines, expected, "{query}");
    }
    let error = run(&[text.to_owned()], "SELECT id FROM S3Object[*].word[*].id").unwrap_err().to_string();
    assert!(error.contains("a path after the table"), "{error}");
}
