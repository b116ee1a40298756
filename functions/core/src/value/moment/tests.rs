//! Tests of dates and timestamps.

use super::*;

fn formats(text: &str) -> Vec<&'static str> {
    layouts(text.as_bytes()).map_or_else(Vec::new, |(layouts, _)| layouts.formats().collect())
}

#[test]
fn layouts_of_texts() {
    let table: [(&str, &[&str]); 32] = [
        ("2024-01-31", &["%Y-%m-%d"]),
        ("2024/1/5", &["%Y/%m/%d"]),
        ("31/01/2024", &["%d/%m/%Y"]),
        ("01/31/2024", &["%m/%d/%Y"]),
        ("03/04/2024", &["%d/%m/%Y", "%m/%d/%Y"]),
        ("3.4.2024", &["%d.%m.%Y", "%m.%d.%Y"]),
        ("1/31/24", &["%m/%d/%y"]),
        ("31.12.99", &["%d.%m.%y"]),
        ("99-12-31", &["%y-%m-%d"]),
        ("11 Feb 2017", &["%d %b %Y"]),
        ("11-FEB-17", &["%d-%b-%y"]),
        ("11 February 2017", &["%d %B %Y"]),
        ("1 May 2017", &["%d %b %Y", "%d %B %Y"]),
        ("Feb 3, 2017", &["%b %d, %Y"]),
        ("11FEB2017", &["%d%b%Y"]),
        ("20240131T101500Z", &["%Y%m%d"]),
        ("2024-01-31T10:15", &["%Y-%m-%d"]),
        ("31/01/2024 9:05:30.25 PM", &["%d/%m/%Y"]),
        ("2024-01-31 10:15:00 UTC", &["%Y-%m-%d"]),
        ("11/Feb/2017:10:00:00 +0000", &["%d/%b/%Y"]),
        ("9999-12-31", &["%Y-%m-%d"]),
        ("20240131", &[]),
        ("2024-02-30", &[]),
        ("31/31/2024", &[]),
        ("2024-01-31 10:15:60", &[]),
        ("2024-01-31 24:00:00", &[]),
        ("2024-01-31 10:15 CET", &[]),
        ("2024-01-31x", &[]),
        ("12-34-56-78", &[]),
        ("0000-00-00", &[]),
        ("1.2.3", &[]),
        ("10:30", &[]),
    ];
    for (text, expected) in table {
        assert_eq!(formats(text), expected, "{text:?}");
    }
}

#[test]
fn moments() {
    let table: [(&str, Option<i64>); 18] = [
        ("1970-01-01T00:00:01.5Z", Some(1_500_000)),
        ("1970-01-01 01:00:00+01:00", Some(0)),
        ("1970-01-01 00:00:01", Some(1_000_000)),
        ("1970-01-01 00:00:00.000 UTC", Some(0)),
        ("1970-01-01 00:00:00.0000000 +00:00", Some(0)),
        ("1970-01-01", Some(0)),
        ("1970-01-01 12:00 AM", Some(0)),
        ("1970-01-01 12:00:01 pm", Some(43_201_000_000)),
        ("1969-12-31T23:59:59.9999999Z", Some(-1)),
        ("1970-01-01T00:00:00.0000009Z", Some(0)),
        ("9999-12-31", Some(253_402_214_400_000_000)),
        ("9999-12-31T23:59:59.999999Z", Some(253_402_300_799_999_999)),
        ("0001-01-01T00:00:00+00:00", Some(-62_135_596_800_000_000)),
        ("2024-05-05T24:61:00", None),
        ("2016-12-31T23:59:60Z", None),
        ("1970-01-01 13:00 PM", None),
        ("1970-01-01T", None),
        ("1970-01-01 00:00:00 ", None),
    ];
    for (text, expected) in table {
        assert_eq!(timestamp(text.as_bytes(), DateLayout::ISO), expected, "{text:?}");
    }
    assert_eq!(timestamp(b"19700101T000001Z", DateLayout::COMPACT), Some(1_000_000));
}

#[test]
fn dates_and_back() {
    let table = [("1970-01-02", 1), ("1969-12-31", -1), ("2024-02-29", 19_782), ("9999-12-31", 2_932_896)];
    for (text, expected) in table {
        assert_eq!(date(text.as_bytes(), DateLayout::ISO), Some(expected), "{text:?}");
        assert_eq!(date_text(expected), text);
    }
    assert_eq!(timestamp_text(1_500_000), "1970-01-01T00:00:01.5Z");
    assert_eq!(timestamp_text(253_402_300_799_999_999), "9999-12-31T23:59:59.999999Z");
    assert_eq!((date(b"2023-02-29", DateLayout::ISO), date(b"2024-01-01T00:00", DateLayout::ISO)), (None, None));
}

#[test]
fn formats_of_a_dataset() {
    let table = [
        ("%d/%m/%Y", "25/04/2024", Some("2024-04-25T00:00:00Z")),
        ("%d/%m/%Y %H:%M:%S", "25/04/2024 10:00:30", Some("2024-04-25T10:00:30Z")),
        ("%d/%m/%Y %H:%M:%S", "04/25/2024 10:00:30", None),
        ("%a, %d %b %Y %H:%M:%S %z", "Thu, 25 Apr 2024 10:00:30 +0200", Some("2024-04-25T08:00:30Z")),
        ("%Y-%jT%H:%M:%S", "2024-060T01:02:03", Some("2024-02-29T01:02:03Z")),
        ("%Y-%jT%H:%M:%S", "2024-060T01:02:60", None),
    ];
    for (format, text, expected) in table {
        let found = MomentFormat::of(format).timestamp(text.as_bytes()).map(timestamp_text);
        assert_eq!(found.as_deref(), expected, "{format} {text}");
        assert_eq!(MomentFormat::validate(format), Ok(()), "{format}");
    }
    for format in ["%H:%M", "%Y", "%Q %", "day"] {
        assert!(MomentFormat::validate(format).is_err(), "{format}");
    }
    assert!(matches!(MomentFormat::of("%d.%m.%Y %H:%M"), MomentFormat::Layout(_)));
    assert!(matches!(MomentFormat::of("%d.%m.%Y week %W"), MomentFormat::Pattern(_)));
}
