//! Sizes and counts as a person writes them on the command line: `64MB`, `64MiB`, `1.5GB`, `1k`, `1_000_000`; and ages: `30d`.

/// Units of bytes and their letters: kB is 1000 bytes, KiB 1024.
const BYTES: [(&str, u64); 14] = [
    ("", 1),
    ("b", 1),
    ("k", 1000),
    ("kb", 1000),
    ("kib", 1 << 10),
    ("m", 1_000_000),
    ("mb", 1_000_000),
    ("mib", 1 << 20),
    ("g", 1_000_000_000),
    ("gb", 1_000_000_000),
    ("gib", 1 << 30),
    ("t", 1_000_000_000_000),
    ("tb", 1_000_000_000_000),
    ("tib", 1 << 40),
];

/// Units of counts.
const COUNTS: [(&str, u64); 4] = [("", 1), ("k", 1000), ("m", 1_000_000), ("g", 1_000_000_000)];

/// Reads a size in bytes.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    quantity(text, &BYTES).ok_or_else(|| format!("{text:?} is no size in bytes, as 64MB, 64MiB or 1000000"))
}

/// Reads a count.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    quantity(text, &COUNTS).ok_or_else(|| format!("{text:?} is no count, as 1000, 1k or 1.5M"))
}

/// Reads a count of at least 1 that fits this machine.
pub(crate) fn positive(text: &str) -> Result<usize, String> {
    let found = usize::try_from(count(text)?).map_err(|_| format!("{text:?} is too many"))?;
    if found == 0 { Err("expected at least 1".to_owned()) } else { Ok(found) }
}

/// Units of an age, in seconds.
const AGES: [(&str, u64); 3] = [("h", 3600), ("d", 86_400), ("w", 7 * 86_400)];

/// Reads an age, in seconds.
pub(crate) fn age(text: &str) -> Result<u64, String> {
    quantity(text, &AGES).ok_or_else(|| format!("{text:?} is no age, as 30d, 12h or 2w"))
}

/// A whole number of the smallest unit; nothing where it is none, or does not fit.
fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|character: char| character.is_ascii_alphabetic() || character == ' ').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_ascii_lowercase();
    let (_, unit) = units.iter().find(|(name, _)| *name == unit)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.replace(['_', ','], "");
    if whole.is_empty() || number.ends_with('.') {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let scaled = digits.parse::<u128>().ok()?.checked_mul(u128::from(*unit))?;
    if scaled % scale != 0 { None } else { u64::try_from(scaled / scale).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let table = [
            ("0", Some(0)),
            ("1000000", Some(1_000_000)),
            ("1_000_000", Some(1_000_000)),
            ("1,000", Some(1000)),
            ("64MB", Some(64_000_000)),
            ("64MiB", Some(64 << 20)),
            ("64 mib", Some(64 << 20)),
            ("64M", Some(64_000_000)),
            ("1.5GB", Some(1_500_000_000)),
            ("0.5KiB", Some(512)),
            ("16EiB", None),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("0.0001k", None),
            ("", None),
            ("MB", None),
            (".5MB", None),
            ("5.", None),
            ("-1", None),
            ("1e6", None),
            ("64MBB", None),
        ];
        for (text, expected) in table {
            assert_eq!(size(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn ages() {
        let table =
            [("30d", Some(2_592_000)), ("12h", Some(43_200)), ("2w", Some(1_209_600)), ("0d", Some(0)), ("30", None)];
        for (text, expected) in table {
            assert_eq!(age(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn counts() {
        let table = [("1k", Some(1000)), ("1.5M", Some(1_500_000)), ("2G", Some(2_000_000_000)), ("1KiB", None)];
        for (text, expected) in table {
            assert_eq!(count(text).ok(), expected, "{text:?}");
        }
        assert_eq!((positive("2k").ok(), positive("0").ok()), (Some(2000), None));
    }
}
