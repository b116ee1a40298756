//! Patterns of `TO_STRING`, as AWS's documentation lists them, in the words of `to_char`.

use super::moment::Moment;

/// The expression that writes a moment by a pattern, or the letter that is no part of one. `written` has the offset of
/// a moment that stands in the query; all others are in UTC.
pub(super) fn to_string(time: &str, pattern: &str, written: Option<&Moment>) -> Result<String, char> {
    let time = match written {
        Some(moment) => moment.local_literal(),
        None => format!("CAST({time} AS TIMESTAMP(6))"),
    };
    let mut pieces: Vec<String> = Vec::new();
    let mut plain = String::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        if letter == '\'' {
            let (text, after) = rest[1..].split_once('\'').ok_or('\'')?;
            plain.push_str(&text.replace('%', "%%"));
            rest = after;
            continue;
        }
        let length = rest.chars().take_while(|next| *next == letter).count();
        rest = &rest[length * letter.len_utf8()..];
        if !letter.is_ascii_alphabetic() {
            plain.extend(std::iter::repeat_n(letter, length).map(|letter| letter.to_string().replace('%', "%%")));
            continue;
        }
        match directive(letter, length, written).ok_or(letter)? {
            Written::ByFormat(format) => plain.push_str(&format),
            Written::By(function) => {
                pieces.push(by_format(&time, &std::mem::take(&mut plain)));
                pieces.push(function.replace("{time}", &time));
            }
        }
    }
    pieces.push(by_format(&time, &plain));
    Ok(format!("({})", pieces.join(" || ")))
}

fn by_format(time: &str, format: &str) -> String {
    format!("to_char({time}, '{}')", format.replace('\'', "''"))
}

/// A part of a pattern.
enum Written {
    /// By a format of `to_char`.
    ByFormat(String),
    /// By another expression over `{time}`.
    By(String),
}

fn directive(letter: char, length: usize, written: Option<&Moment>) -> Option<Written> {
    let format = |text: &str| Some(Written::ByFormat(text.to_owned()));
    match (letter, length) {
        ('y', 1 | 4) => format("%Y"),
        ('y', 2) => format("%y"),
        ('M', 1) => format("%-m"),
        ('M', 2) => format("%m"),
        ('M', 3) => format("%b"),
        ('M', 4) => format("%B"),
        ('M', 5) => Some(Written::By("left(to_char({time}, '%b'), 1)".to_owned())),
        ('d', 1) => format("%-d"),
        ('d', 2) => format("%d"),
        ('a', 1) => format("%p"),
        ('h', 1) => format("%-I"),
        ('h', 2) => format("%I"),
        ('H', 1) => format("%-H"),
        ('H', 2) => format("%H"),
        ('m', 1) => format("%-M"),
        ('m', 2) => format("%M"),
        ('s', 1) => format("%-S"),
        ('s', 2) => format("%S"),
        ('S', 1..=9) => Some(Written::By(format!("left(to_char({{time}}, '%9f'), {length})"))),
        ('n', 1) => Some(Written::By("CAST(CAST(to_char({time}, '%9f') AS BIGINT) AS VARCHAR)".to_owned())),
        ('X' | 'x', 1..=5) => {
            let utc = Moment { local: String::new(), offset: 0 };
            let moment = written.unwrap_or(&utc);
            let zone = match length {
                _ if letter == 'X' && moment.offset == 0 => "Z".to_owned(),
                1 if moment.offset % 60 == 0 => moment.zone("")[..3].to_owned(),
                3 | 5 => moment.zone(":"),
                _ => moment.zone(""),
            };
            format(&zone)
        }
        _ => None,
    }
}
