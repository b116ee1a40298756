//! Generators of random text in a dialect, the same for the same seed.

use fanout_core::{Dialect, Terminator};

/// Columns of every generated text.
pub(crate) const NAMES: [&str; 3] = ["c0", "c1", "c2"];

/// Numbers that look random and are the same every time (SplitMix64).
pub(crate) struct Pick(pub(crate) u64);

impl Pick {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `[0, limit)`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn of<'i, T>(&mut self, items: &'i [T]) -> &'i T {
        &items[self.below(items.len())]
    }

    fn words(&mut self, most: usize) -> String {
        const WORDS: [&str; 8] = ["spindle", "ab", "O'Neil", "7 inch", "n/a", "5\" disk", "C:\\tmp\\", "naïve"];
        (0..1 + self.below(most)).map(|_| *self.of(&WORDS)).collect::<Vec<_>>().join(" ")
    }
}

/// A generator of text of about `size` bytes in a dialect.
pub(crate) struct Generator {
    pub(crate) name: &'static str,
    /// Every guess must be right: records are well formed, and none is longer than a small window.
    pub(crate) ordinary: bool,
    /// Tells whether it means something in a dialect.
    pub(crate) fits: fn(&Dialect) -> bool,
    make: fn(&mut Pick, &mut Text, usize),
}

impl Generator {
    pub(crate) fn text(&self, pick: &mut Pick, dialect: &Dialect, end: &'static [u8], size: usize) -> Vec<u8> {
        let mut text = Text { dialect, end, bytes: Vec::new() };
        (self.make)(pick, &mut text, size);
        text.bytes
    }
}

/// Text that is being written in a dialect.
struct Text<'d> {
    dialect: &'d Dialect,
    end: &'static [u8],
    bytes: Vec<u8>,
}

impl Text<'_> {
    /// Writes a record as a careful program does.
    fn record(&mut self, fields: [&str; 3]) {
        for (index, field) in fields.into_iter().enumerate() {
            if index > 0 {
                self.bytes.push(self.dialect.delimiter);
            }
            self.field(field.as_bytes());
        }
        self.bytes.extend(self.end);
    }

    fn field(&mut self, value: &[u8]) {
        let Dialect { delimiter, quote, escape, comment, .. } = *self.dialect;
        let meanings = [Some(delimiter), quote, escape, comment, Some(b'\n'), Some(b'\r')];
        let special = |byte: &u8| meanings.contains(&Some(*byte));
        let Some(quote) = quote.filter(|_| value.iter().any(special)) else { return self.bytes.extend(value) };
        self.bytes.push(quote);
        for &byte in value {
            if escape.is_some() && (byte == quote || escape == Some(byte)) {
                self.bytes.extend(escape);
            } else if byte == quote {
                self.bytes.push(quote);
            }
            self.bytes.push(byte);
        }
        self.bytes.push(quote);
    }

    /// Lines of text that are records of the same dialect and width.
    fn embedded(&self, lines: usize) -> String {
        let delimiter = char::from(self.dialect.delimiter);
        let end = String::from_utf8_lossy(self.end);
        (0..lines).map(|line| format!("{line}{delimiter}fake{delimiter}{}{end}", line % 7)).collect()
    }
}

pub(crate) const GENERATORS: [Generator; 9] = [
    Generator { name: "plain", ordinary: true, fits: |_| true, make: plain },
    Generator { name: "quoted line breaks", ordinary: true, fits: has_quote, make: quoted },
    Generator { name: "embedded CSV", ordinary: false, fits: has_quote, make: embedded },
    Generator { name: "long fields of prose", ordinary: false, fits: has_quote, make: long_prose },
    Generator { name: "long fields of CSV", ordinary: false, fits: has_quote, make: long_csv },
    Generator { name: "only quotes", ordinary: false, fits: has_quote, make: only_quotes },
    Generator { name: "only terminators", ordinary: false, fits: |_| true, make: only_terminators },
    Generator { name: "random bytes of meaning", ordinary: false, fits: |_| true, make: random },
    Generator {
        name: "comments with quotes",
        ordinary: true,
        fits: |dialect| dialect.comment.is_some(),
        make: comments,
    },
];

fn has_quote(dialect: &Dialect) -> bool {
    dialect.quote.is_some()
}

fn plain(pick: &mut Pick, text: &mut Text, size: usize) {
    while text.bytes.len() < size {
        let (id, number) = (pick.below(1_000_000).to_string(), pick.below(1000).to_string());
        text.record([&id, *pick.of(&["", "a", "some words", "x-y_z", "naïve"]), &number]);
    }
}

fn quoted(pick: &mut Pick, text: &mut Text, size: usize) {
    let delimiter = char::from(text.dialect.delimiter);
    while text.bytes.len() < size {
        let id = pick.below(1_000_000).to_string();
        let lines: Vec<String> = (0..1 + pick.below(5)).map(|_| pick.words(6)).collect();
        let break_ = *pick.of(&["\n", "\r\n", ", ", "\n\n"]);
        let more = format!("{}{delimiter}{}", pick.words(3), pick.words(2));
        text.record([&id, &lines.join(break_), if pick.below(3) == 0 { &more } else { "0.5" }]);
    }
}

fn embedded(pick: &mut Pick, text: &mut Text, size: usize) {
    while text.bytes.len() < size {
        let id = pick.below(1_000_000).to_string();
        let field = text.embedded(pick.below(size / 300));
        text.record([&id, &field, "real"]);
        plain(pick, text, size.min(text.bytes.len() + 200));
    }
}

/// Every other field is as long as many chunks.
fn long_prose(pick: &mut Pick, text: &mut Text, size: usize) {
    while text.bytes.len() < size {
        let field: String = (0..size / 120).map(|_| format!("{}\n", pick.words(9))).collect();
        text.record(["1", &field, "real"]);
        plain(pick, text, size.min(text.bytes.len() + 2000));
    }
}

fn long_csv(pick: &mut Pick, text: &mut Text, size: usize) {
    while text.bytes.len() < size {
        let field = text.embedded(size / 30);
        text.record(["1", &field, "real"]);
        plain(pick, text, size.min(text.bytes.len() + 2000));
    }
}

fn only_quotes(_: &mut Pick, text: &mut Text, size: usize) {
    text.bytes = vec![text.dialect.quote.unwrap_or(b'"'); size];
}

fn only_terminators(pick: &mut Pick, text: &mut Text, size: usize) {
    let mixed: &[&[u8]] = match text.dialect.terminator {
        Terminator::Auto => &[b"\n", b"\r\n"],
        Terminator::Any => &[b"\n", b"\r", b"\r\n"],
        Terminator::Lf => &[b"\n"],
        Terminator::Crlf => &[b"\r\n"],
        Terminator::Cr => &[b"\r"],
    };
    while text.bytes.len() < size {
        text.bytes.extend(*pick.of(mixed));
    }
}

fn random(pick: &mut Pick, text: &mut Text, size: usize) {
    let Dialect { delimiter, quote, escape, comment, .. } = *text.dialect;
    let quote = quote.unwrap_or(b'"');
    let bytes =
        [b'a', b'b', b'\n', b'\r', delimiter, delimiter, quote, escape.unwrap_or(b'\\'), comment.unwrap_or(b'#')];
    text.bytes = (0..size).map(|_| *pick.of(&bytes)).collect();
}

fn comments(pick: &mut Pick, text: &mut Text, size: usize) {
    let Dialect { delimiter, quote, comment, .. } = *text.dialect;
    while text.bytes.len() < size {
        quoted(pick, text, size.min(text.bytes.len() + 100));
        text.bytes.extend(comment);
        text.bytes.extend(pick.words(4).as_bytes());
        text.bytes.push(delimiter);
        text.bytes.extend(quote);
        text.bytes.extend(pick.words(4).as_bytes());
        text.bytes.extend(text.end);
    }
}
