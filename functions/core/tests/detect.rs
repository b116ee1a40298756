//! Detection on annotated files, on kinds of files, and on tables written at random.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use fanout_core::{
    DetectError, Detected, Dialect, Format, Given, HeaderFound, Samples, TrailingDelimiter, Window, detect,
};
use serde::Deserialize;

#[path = "detect/given.rs"]
mod given;
#[path = "detect/kinds.rs"]
mod kinds;
#[path = "detect/written.rs"]
mod written;

fn read(text: &[u8]) -> Result<Detected, DetectError> {
    detect(&Samples { first: text, whole: true, windows: &[] }, &Given::default())
}

/// The things that a person sees in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Annotation {
    delimiter: Option<char>,
    quote: Option<char>,
    columns: Option<usize>,
    header: Option<bool>,
    skip_lines: Option<u64>,
    #[serde(default)]
    format: Format,
    encoding: Option<String>,
    /// The file is refused with an error that has this in it.
    refused: Option<String>,
}

impl Annotation {
    /// Lists what was detected otherwise than annotated; empty where all is right.
    fn differences(&self, found: &Result<Detected, DetectError>) -> String {
        let mut text = String::new();
        let found = match (found, &self.refused) {
            (Err(error), Some(refused)) if error.to_string().contains(refused) => return text,
            (Err(error), _) => return format!("refused: {error}"),
            (Ok(_), Some(refused)) => return format!("not refused: {refused}"),
            (Ok(found), None) => found,
        };
        let Dialect { delimiter, quote, .. } = found.dialect;
        let mut differ = |what: &str, expected: String, found: String| {
            if expected != found {
                let _ = write!(text, "{what} {found} instead of {expected}; ");
            }
        };
        differ("format", self.format.to_string(), found.format.to_string());
        if let Some(encoding) = &self.encoding {
            differ("encoding", encoding.clone(), found.encoding.encoding.name().to_owned());
        }
        if self.format == Format::JsonLines {
            return text;
        }
        if let Some(columns) = self.columns {
            differ("columns", columns.to_string(), found.columns.to_string());
        }
        if let Some(expected) = self.delimiter.filter(|_| self.columns != Some(1)) {
            differ("delimiter", format!("{expected:?}"), format!("{:?}", char::from(delimiter)));
        }
        if let Some(expected) = self.quote {
            differ("quote", format!("{expected:?}"), format!("{:?}", char::from(quote.unwrap_or(b' '))));
        }
        if let Some(header) = self.header {
            differ("header", header.to_string(), (found.header != HeaderFound::None).to_string());
        }
        if let Some(lines) = self.skip_lines {
            differ("skip_lines", lines.to_string(), found.skip_lines.to_string());
        }
        text
    }
}

/// Reads the annotated files of a folder; returns the number of files, and a line for each difference.
fn measure(folder: &Path) -> (usize, Vec<String>) {
    let text = std::fs::read_to_string(folder.join("annotations.json")).unwrap();
    let annotations: BTreeMap<String, Annotation> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for (name, annotation) in &annotations {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let differences = annotation.differences(&read(&bytes));
        if !differences.is_empty() {
            wrong.push(format!("{name}: {differences}"));
        }
    }
    (annotations.len(), wrong)
}

#[test]
fn annotated_files_are_read_as_a_person_reads_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/files");
    // A folder of one's own files, with annotations.json in it.
    let own = std::env::var_os("FANOUT_ANNOTATED_FILES").map(std::path::PathBuf::from);
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("annotations.json").exists());
    folders.sort();
    folders.extend(own);
    let mut all_wrong = Vec::new();
    println!("{:<24} {:>5} {:>5}", "files", "all", "right");
    for folder in folders {
        let (all, wrong) = measure(&folder);
        println!("{:<24} {all:>5} {:>5}", folder.file_name().unwrap().display(), all - wrong.len());
        wrong.iter().for_each(|line| println!("    {line}"));
        all_wrong.extend(wrong);
    }
    assert!(all_wrong.is_empty(), "{all_wrong:#?}");
}

/// Dialect, layout and header in a few characters.
fn summary(found: &Result<Detected, DetectError>) -> String {
    let found = match found {
        Err(error) => return format!("refused: {error}"),
        Ok(found) if found.format == Format::JsonLines => return "json lines".to_owned(),
        Ok(found) => found,
    };
    let byte = |byte: Option<u8>| byte.map_or("none".to_owned(), |byte| char::from(byte).escape_default().to_string());
    let Dialect { delimiter, quote, escape, comment, terminator, .. } = found.dialect.clone();
    let mut parts = vec![match found.columns {
        1 => "one".to_owned(),
        columns => format!("{} {columns}", byte(Some(delimiter))),
    }];
    let mut say = |holds: bool, text: String| parts.extend(holds.then_some(text));
    say(quote != Some(b'"'), format!("quote {}", byte(quote)));
    say(escape.is_some(), if found.dialect.escape_outside_quotes { "escape outside" } else { "escape" }.to_owned());
    say(comment.is_some(), format!("comment {}", byte(comment)));
    say(terminator != Default::default(), format!("{terminator:?}"));
    say(found.skip_lines > 0, format!("skip {}", found.skip_lines));
    say(found.header != HeaderFound::Record, format!("header {:?}", found.header));
    say(found.trailing_delimiter != TrailingDelimiter::None, format!("trailing {:?}", found.trailing_delimiter));
    say(found.dialect.trim, "blanks".to_owned());
    parts.join(" ")
}

/// Prints what is detected in each file of the folder `FANOUT_LISTED_FILES`, and how long it takes.
#[test]
#[ignore = "for a person, with files of one's own"]
fn listed_files() {
    let Some(folder) = std::env::var_os("FANOUT_LISTED_FILES") else { return };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let first = &bytes[..bytes.len().min(1 << 20)];
        let started = std::time::Instant::now();
        let found = detect(&Samples { first, whole: first.len() == bytes.len(), windows: &[] }, &Given::default());
        let took = started.elapsed();
        println!("{}\t{}\t{} ms", file.file_name().unwrap().display(), summary(&found), took.as_millis());
        for evidence in found.iter().flat_map(|found| &found.evidence) {
            println!("\t{evidence}");
        }
    }
}

/// Prints the time that detection takes on 2 MiB of samples of several kinds; run in release.
#[test]
#[ignore = "a benchmark"]
fn time_of_two_mebibytes() {
    let kinds: [(&str, fn(usize) -> String); 5] = [
        ("narrow", |at| format!("{at},item {at},{}.50,2024-01-{:02}\n", at * 7, at % 28 + 1)),
        ("quoted", |at| format!("\"{at}\";\"Kunde, {at}\";\"{},50\";\"a \"\"b\"\" c\"\n", at * 7)),
        ("text", |at| format!("{at}\tsome words; and others, too | as: many as one likes {at} it's\tx\n")),
        ("200 columns", |at| (0..200).map(|column| format!("{}", at * column)).collect::<Vec<_>>().join(",") + "\n"),
        ("20,000 columns", |at| {
            (0..20_000).map(|column| format!("{}", at + column)).collect::<Vec<_>>().join(",") + "\n"
        }),
    ];
    for (name, line) in kinds {
        let mut text = String::new();
        for at in 0.. {
            text += &line(at);
            if text.len() > 2 << 20 {
                break;
            }
        }
        let bytes = text.as_bytes();
        let windows: Vec<Window<'_>> = (16..32)
            .map(|at| Window { offset: at << 16, bytes: &bytes[(at as usize) << 16..((at as usize) + 1) << 16] })
            .collect();
        let samples = Samples { first: &bytes[..1 << 20], whole: false, windows: &windows };
        let started = std::time::Instant::now();
        let found = detect(&samples, &Given::default());
        println!("{name:<16} {:>6.1} ms  {}", started.elapsed().as_secs_f64() * 1000.0, summary(&found));
    }
}
