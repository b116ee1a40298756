//! The scanner's work is linear in the text, whatever is refused.

use super::*;

/// Bytes that the scanner looks at or moves for each byte of `text`, at most, whatever the pieces are.
fn work(text: &[u8], dialect: &Dialect, utf16: bool, limit: usize) -> f64 {
    let of = |piece: usize| {
        let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, limit);
        if utf16 {
            scanner = scanner.utf16();
        }
        for piece in text.chunks(piece) {
            scanner.push(piece);
            while scanner.next_batch().is_some() {}
        }
        scanner.finish();
        while scanner.next_batch().is_some() {}
        assert_eq!(scanner.next_boundary(), Some(text.len() as u64 * if utf16 { 2 } else { 1 }));
        scanner.work.get() as f64 / text.len() as f64
    };
    [300, text.len()].map(of).into_iter().fold(0.0, f64::max)
}

#[test]
fn the_work_is_linear_in_the_text_whatever_it_is() {
    let size = 60_000;
    let table: [(&str, &[&str]); 13] = [
        ("plain", &["1,\"a\",b\n"]),
        ("open at each line end", &["x\",\"\n"]),
        ("closed or malformed", &["x\",\"\n", "x,\"\",\"\"y\n"]),
        ("closed now and then", &["x\",\"\n", "x\",\"\n", "\",\"\",\n"]),
        ("one quote a line", &["a,\"\n"]),
        ("one quote a line, at its end", &["aaaaaaaaaaaaaaaaa\"\n"]),
        ("doubled quotes", &["\"\"\"\n"]),
        ("blank lines in quotes", &["\"a\n", "\n", "\n", "\n", "\n"]),
        ("blanks", &["      \"x\"          ,\"\n", "                   \n"]),
        ("line breaks", &["\n"]),
        ("comments", &["#\"\n", "x\",\"\n"]),
        ("escapes", &["x\",\"\\\n", "\\\"\n"]),
        ("records of many lines", &["\"a\n", "b\n", "c\n", "d\"\n"]),
    ];
    let plain = Dialect::default();
    let other = dialect(|d| (d.escape, d.comment) = (Some(b'\\'), Some(b'#')));
    let lenient = dialect(|d| d.quotes = Quotes::Lenient);
    for (case, lines) in table {
        let text = lines.concat().repeat(size / lines.concat().len());
        // After a quote that swallows the rest, and before one that closes it.
        for text in [text.clone(), format!("\"{text}"), format!("\"{text}\"\n"), format!("\"{text}x\"y")] {
            let outside = &dialect(|d| (d.escape, d.escape_outside_quotes, d.trim) = (Some(b'\\'), true, true));
            for (dialect, utf16) in
                [(&plain, false), (&other, false), (&lenient, false), (outside, false), (&plain, true)]
            {
                for limit in [20_000, 1 << 20] {
                    let work = work(text.as_bytes(), dialect, utf16, limit);
                    // A line that is read again costs at least a block of 64 bytes.
                    assert!(work < 20.0, "{case}, at most {limit} bytes a record: {work} times the text");
                }
            }
        }
    }
}
