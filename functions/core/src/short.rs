/// A number in six significant digits, for a person.
pub fn short(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e6).contains(&magnitude) {
        return format!("{value:.5e}");
    }
    let whole_digits = if magnitude < 1.0 { 1 } else { magnitude.log10() as usize + 1 };
    let text = format!("{value:.digits$}", digits = 6 - whole_digits.min(6));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let table = [
            (0.0, "0"),
            (1.5, "1.5"),
            (-1234.5, "-1234.5"),
            (100.0, "100"),
            (1e10, "1.00000e10"),
            (0.25, "0.25"),
            (123_456.789, "123457"),
            (1e-9, "1.00000e-9"),
            (1e300, "1.00000e300"),
        ];
        for (value, text) in table {
            assert_eq!(short(value), text);
        }
    }
}
