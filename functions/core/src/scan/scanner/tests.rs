//! The scanner of CSV: its grammar at every cut of the input, offsets of errors, and memory.

use super::*;
use crate::scan::block;

mod refused;
mod work;

/// Records as their fields' values, pushing `text` in pieces of `piece` bytes.
fn scan(text: &[u8], dialect: &Dialect, piece: usize) -> Vec<Vec<String>> {
    let mut scanner = Scanner::new(dialect, Start::Boundary, 0, u64::MAX, 1000);
    let mut records = Vec::new();
    let mut pieces = text.chunks(piece);
    loop {
        while let Some(batch) = scanner.next_batch() {
            assert!(batch.len() < BATCH_RECORDS + block::BLOCK, "{} records", batch.len());
            for record in batch.records() {
                let raw = &text[record.offset() as usize..record.next() as usize];
                assert_eq!(raw, record.raw_with_terminator());
                let fields = record.fields().map(|field| String::from_utf8_lossy(&field.value()).into_owned());
                records.push(fields.collect());
            }
        }
        match pieces.next() {
            Some(piece) => scanner.push(piece),
            None if scanner.is_done() => {
                assert_eq!(scanner.next_boundary(), Some(text.len() as u64));
                return records;
            }
            None => scanner.finish(),
        }
    }
}

fn dialect(edit: impl FnOnce(&mut Dialect)) -> Dialect {
    let mut dialect = Dialect::default();
    edit(&mut dialect);
    dialect
}

#[test]
fn the_grammar_at_every_cut() {
    let default = Dialect::default;
    let lenient = || dialect(|d| d.quotes = Quotes::Lenient);
    let trim = || dialect(|d| d.trim = true);
    let outside = |quote| dialect(|d| (d.quote, d.escape, d.escape_outside_quotes) = (quote, Some(b'\\'), true));
    let end = |terminator| dialect(|d| d.terminator = terminator);
    let table: Vec<(&str, Dialect, &str, &[&[&str]])> = vec![
        ("empty", default(), "", &[]),
        ("one field", default(), "a", &[&["a"]]),
        ("two records", default(), "a,b\nc,d\n", &[&["a", "b"], &["c", "d"]]),
        ("no last terminator", default(), "a,b\nc,d", &[&["a", "b"], &["c", "d"]]),
        ("empty fields", default(), ",\n,,\n\"\"\n", &[&["", ""], &["", "", ""], &[""]]),
        ("blank lines", default(), "\n\r\na\n\n\r\nb\n\n", &[&["a"], &["b"]]),
        ("CRLF", default(), "a,b\r\nc,\"d\"\r\n", &[&["a", "b"], &["c", "d"]]),
        ("CRLF in quotes", default(), "\"a\r\nb\",c\r\n", &[&["a\r\nb", "c"]]),
        ("lone CR is data", default(), "a\rb,c\r\r\n", &[&["a\rb", "c\r"]]),
        ("quoted delimiter and terminator", default(), "\"a,\n\",b\n", &[&["a,\n", "b"]]),
        ("doubled quotes", default(), "\"a\"\"b\",\"\"\"\"\n", &[&["a\"b", "\""]]),
        ("quote in an unquoted field", default(), "a\"b\",c\n", &[&["a\"b\"", "c"]]),
        ("bytes after the closing quote", lenient(), "\"a\"b\"c\",d\n", &[&["ab\"c\"", "d"]]),
        ("trailing CR after a quote", lenient(), "\"a\"\r,b\r\n", &[&["a\r", "b"]]),
        ("nothing is trimmed", lenient(), " a , \"b\"\n\"c\" \n \n", &[&[" a ", " \"b\""], &["c "], &[" "]]),
        ("ragged records", default(), "a,b,c\nd\n,\n", &[&["a", "b", "c"], &["d"], &["", ""]]),
        ("mixed terminators", default(), "a\nb\r\nc\n", &[&["a"], &["b"], &["c"]]),
        ("last CR is data", default(), "a\n\r", &[&["a"], &["\r"]]),
        ("NUL is data", default(), "a\0,\"\0\"\n", &[&["a\0", "\0"]]),
        ("no quote", dialect(|d| d.quote = None), "\"a,b\"\n", &[&["\"a", "b\""]]),
        (
            "tab and single quote",
            dialect(|d| (d.delimiter, d.quote) = (b'\t', Some(b'\''))),
            "'a\tb'\tc\n",
            &[&["a\tb", "c"]],
        ),
        ("escape", dialect(|d| d.escape = Some(b'\\')), "\"a\\\"b\\\\\",c\\\n", &[&["a\"b\\", "c\\"]]),
        (
            "escape and doubling",
            dialect(|d| (d.escape, d.quotes) = (Some(b'\\'), Quotes::Lenient)),
            "\"a\"\"\\\"\\\n\\a\"\\\"b,\\\n",
            &[&["a\"\"\na\\\"b", "\\"]],
        ),
        (
            "escape outside quotes",
            outside(Some(b'"')),
            "a\\,b\\\nc,\\\"d\\\\,\"e\\\"\"\n",
            &[&["a,b\nc", "\"d\\", "e\""]],
        ),
        ("escape without quotes", outside(None), "\\a,\"\\,\n\\#\\\r\n\\", &[&["a", "\","], &["#\r"], &["\\"]]),
        ("trim", trim(), " \"a\" ,\t\"b,\" \r\n c ,\"\" \n", &[&["a", "b,"], &[" c ", ""]]),
        (
            "trim with lenient quotes",
            dialect(|d| (d.trim, d.quotes) = (true, Quotes::Lenient)),
            " \"a\" b ,\"c\" \n",
            &[&["a b ", "c"]],
        ),
        ("comment byte in quotes", dialect(|d| d.comment = Some(b'#')), "\"#a\"\n #b\n", &[&["#a"], &[" #b"]]),
        ("comment", dialect(|d| d.comment = Some(b'#')), "#x,\"\na,#b\n#\n#c", &[&["a", "#b"]]),
        ("LF keeps CR", end(Terminator::Lf), "a\r\nb\n", &[&["a\r"], &["b"]]),
        ("strict CRLF", end(Terminator::Crlf), "a\nb\rc\r\nd\r\n", &[&["a\nb\rc"], &["d"]]),
        ("CR", end(Terminator::Cr), "a\nb\rc\r", &[&["a\nb"], &["c"]]),
        ("CR LF is CR and a blank line", end(Terminator::Any), "a\r\n\r\nb\r", &[&["a"], &["b"]]),
        (
            "comment up to CRLF",
            dialect(|d| (d.comment, d.terminator) = (Some(b'#'), Terminator::Crlf)),
            "#a\nb\rc\r\nd",
            &[&["d"]],
        ),
        ("any", end(Terminator::Any), "a\nb\rc\r\nd", &[&["a"], &["b"], &["c"], &["d"]]),
    ];
    for (case, dialect, text, records) in table {
        for piece in 1..=text.len().max(1) {
            assert_eq!(scan(text.as_bytes(), &dialect, piece), records, "{case}, pieces of {piece}");
        }
    }
}

#[test]
fn fields_without_blanks() {
    let dialect = dialect(|d| (d.trim, d.escape, d.escape_outside_quotes) = (true, Some(b'\\'), true));
    let table = [
        ("a", "a"),
        (" \ta b ", "a b"),
        ("\" a \"", " a "),
        ("   ", ""),
        ("a\\ ", "a "),
        ("a\\\\ ", "a\\"),
        ("a\\  ", "a "),
    ];
    for (text, trimmed) in table {
        let mut scanner = Scanner::new(&dialect, Start::Boundary, 0, u64::MAX, 1000);
        scanner.push(format!("{text}\n").as_bytes());
        let batch = scanner.next_batch().unwrap();
        assert_eq!(batch.record(0).field(0).trimmed(), trimmed.as_bytes(), "{text:?}");
    }
}

#[test]
fn a_long_text_in_any_pieces() {
    let mut text = String::new();
    for id in 0..5000 {
        text.push_str(&format!("{id},\"{}\",{}\n", "x\n\"\"".repeat(id % 40), "y".repeat(id % 70)));
    }
    let whole = scan(text.as_bytes(), &Dialect::default(), text.len());
    assert_eq!(whole.len(), 5000);
    for piece in [1, 7, 63, 64, 65, 1000, 4096] {
        assert!(scan(text.as_bytes(), &Dialect::default(), piece) == whole, "pieces of {piece}");
    }
}

#[test]
fn batches_are_bounded_with_and_without_quotes() {
    for line in ["a,b\n", "\"a\",b\n"] {
        let text = line.repeat(5000);
        assert_eq!(scan(text.as_bytes(), &Dialect::default(), text.len()).len(), 5000, "{line}");
    }
}

#[test]
fn the_range_ends_at_the_first_boundary_at_or_after_its_end() {
    let text = b"a,b\n\nc,d\ne,f\n";
    let table = [(0, 0, 0), (1, 1, 4), (4, 1, 4), (5, 1, 5), (6, 2, 9), (9, 2, 9), (10, 3, 13), (13, 3, 13)];
    for (end, records, next) in table {
        let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, end, 1000);
        scanner.push(text);
        let found = scanner.next_batch().map_or(0, |batch| batch.len());
        assert!(scanner.next_batch().is_none());
        assert_eq!((found, scanner.next_boundary(), scanner.is_done()), (records, Some(next), true), "end {end}");
    }
}

#[test]
fn memory_follows_the_piece_and_not_the_input() {
    let piece = "0123456789,\"quoted\nfield\",x\n".repeat(100);
    let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, 1000);
    for _ in 0..1000 {
        scanner.push(&piece.as_bytes()[..2000]);
        while scanner.next_batch().is_some() {}
        scanner.push(&piece.as_bytes()[2000..]);
        while scanner.next_batch().is_some() {}
    }
    assert!(scanner.buffer.capacity() < 4 * piece.len(), "{} bytes", scanner.buffer.capacity());
}
