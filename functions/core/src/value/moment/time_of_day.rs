//! The time of day after a date, in any of the usual ways of writing.

const MICROSECONDS: i64 = 1_000_000;

/// Hours by which a zone may differ from UTC.
const MAX_ZONE_HOURS: i64 = 23;

/// Microseconds from midnight in UTC of the date to the time that `rest` is: what follows a date, from the `T` or
/// the blank on. `compact` texts have no colons.
///
/// `T10:30`, ` 9:05:30.25 PM`, ` 10:00:00 UTC`, `T10:00:00+01:00`, ` 10:00:00 +00`, `T101500Z`. A time without a zone
/// is one of UTC. A 60th second is none.
pub(super) fn microseconds(rest: &[u8], compact: bool) -> Option<i64> {
    let mut at = match rest {
        [b'T' | b't' | b':', ..] => 1,
        [b' ', ..] => rest.iter().take_while(|byte| **byte == b' ').count(),
        _ => return None,
    };
    let (hour, digits) = number(rest, at);
    if digits == 0 || digits > 2 || (compact && digits != 2) {
        // Compact times are one run of digits.
        return if compact { compact_time(rest, at) } else { None };
    }
    at += digits;
    (rest.get(at) == Some(&b':')).then_some(())?;
    let (minute, digits) = number(rest, at + 1);
    (digits == 2).then_some(())?;
    at += 3;
    let (mut second, mut fraction) = (0, 0);
    if rest.get(at) == Some(&b':') {
        let (found, digits) = number(rest, at + 1);
        (digits == 2).then_some(())?;
        (second, at) = (found, at + 3);
        (fraction, at) = fraction_at(rest, at);
    }
    finish(rest, at, [hour, minute, second], fraction)
}

/// `101500` or `1015`, with a fraction.
fn compact_time(rest: &[u8], at: usize) -> Option<i64> {
    let (time, digits) = number(rest, at);
    let (hour, minute, second) = match digits {
        6 => (time / 10_000, time / 100 % 100, time % 100),
        4 => (time / 100, time % 100, 0),
        _ => return None,
    };
    let (fraction, end) = fraction_at(rest, at + digits);
    finish(rest, end, [hour, minute, second], fraction)
}

/// Adds the half of the day and the zone that stand at a position.
fn finish(rest: &[u8], mut at: usize, [mut hour, minute, second]: [i64; 3], fraction: i64) -> Option<i64> {
    let word = at + blanks(rest, at);
    if let Some([half @ (b'A' | b'a' | b'P' | b'p'), b'M' | b'm']) = rest.get(word..word + 2) {
        (1..=12).contains(&hour).then_some(())?;
        hour = hour % 12 + if half.eq_ignore_ascii_case(&b'p') { 12 } else { 0 };
        at = word + 2;
    }
    (hour <= 23 && minute <= 59 && second <= 59).then_some(())?;
    let zone = &rest[at + blanks(rest, at)..];
    let offset = match zone {
        [] if at == rest.len() => 0,
        [b'Z' | b'z'] => 0,
        zone if zone.eq_ignore_ascii_case(b"UTC") || zone.eq_ignore_ascii_case(b"GMT") => 0,
        [sign @ (b'+' | b'-'), digits @ ..] => offset_minutes(digits)? * if *sign == b'-' { -1 } else { 1 },
        _ => return None,
    };
    Some(((hour * 60 + minute - offset) * 60 + second) * MICROSECONDS + fraction)
}

/// `01:00`, `0100` or `01`.
fn offset_minutes(text: &[u8]) -> Option<i64> {
    let (hours, minutes) = match text.len() {
        2 => (text, &b"00"[..]),
        4 => text.split_at(2),
        5 if text[2] == b':' => (&text[..2], &text[3..]),
        _ => return None,
    };
    let ((hours, 2), (minutes, 2)) = (number(hours, 0), number(minutes, 0)) else { return None };
    (hours <= MAX_ZONE_HOURS && minutes <= 59).then_some(hours * 60 + minutes)
}

/// The microseconds of a fraction at a position, and the position after it. Further digits are cut.
fn fraction_at(text: &[u8], at: usize) -> (i64, usize) {
    if !matches!(text.get(at), Some(b'.' | b',')) || !text.get(at + 1).is_some_and(u8::is_ascii_digit) {
        return (0, at);
    }
    let digits = text[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let shown = &text[at + 1..at + 1 + digits.min(6)];
    let value = shown.iter().fold(0, |value, byte| value * 10 + i64::from(byte - b'0'));
    (value * 10_i64.pow(6 - shown.len() as u32), at + 1 + digits)
}

fn blanks(text: &[u8], at: usize) -> usize {
    text[at..].iter().take_while(|byte| **byte == b' ').count()
}

/// A run of digits at a position: its value and its length; of more than six digits the length alone.
fn number(text: &[u8], at: usize) -> (i64, usize) {
    let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let value = text[at..at + digits.min(6)].iter().fold(0, |value, byte| value * 10 + i64::from(byte - b'0'));
    (value, digits)
}
