//! The inputs that arguments name: files, patterns, objects of S3, standard input.

use std::io::stdin;
use std::path::Path;

use fanout_cli::{CliError, Source, argument};
use fanout_core::Location;
use fanout_render::bytes;
use fanout_store::StoreError;

use crate::meter::Meter;

/// The argument that means standard input.
const STDIN: &str = "-";

/// Returns the inputs of arguments, one by one: a pattern that is no file's name stands for all files that it
/// matches, in the order of their names. Folders among them are left out.
pub(crate) fn expanded(arguments: &[String]) -> Result<Vec<String>, CliError> {
    let mut inputs = Vec::new();
    for text in arguments {
        if !is_pattern(text) {
            inputs.push(text.clone());
            continue;
        }
        let invalid = |error: glob::PatternError| argument(&format!("pattern {text:?}"), &error.to_string());
        let found = glob::glob(text).map_err(invalid)?;
        let before = inputs.len();
        for path in found {
            let path = path
                .map_err(|error| CliError::Read { path: error.path().display().to_string(), source: error.into() })?;
            if path.is_file() {
                inputs.push(path.to_string_lossy().into_owned());
            }
        }
        if inputs.len() == before {
            let here = std::env::current_dir().unwrap_or_default();
            let at = Location::new(&here.to_string_lossy(), text);
            return Err(StoreError::NoSuchObject { at, reason: "no file matches the pattern".into() }.into());
        }
    }
    let streams = inputs.iter().filter(|input| *input == STDIN).count();
    if streams > 1 {
        return Err(argument(STDIN, "standard input can be read once only"));
    }
    Ok(inputs)
}

fn is_pattern(text: &str) -> bool {
    let has_signs = text.contains(['*', '?', '[']);
    has_signs && !text.starts_with("s3://") && !Path::new(text).exists()
}

/// Opens an input, whose bytes the meter counts. Standard input is stored in a temporary file first.
pub(crate) async fn open(text: &str, meter: &Meter) -> Result<Source, CliError> {
    let counter = meter.counter();
    if text != STDIN {
        return Ok(Source::open(text).await?.watched(counter));
    }
    meter.say("storing standard input");
    let source = Source::spool(stdin(), counter.clone()).await?;
    let size = bytes(counter.load(std::sync::atomic::Ordering::Relaxed));
    meter.note(&format!("standard input: {size} stored in {}, removed at the end", source.bucket));
    meter.say("reading samples");
    Ok(source.watched(counter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_files_and_names_for_themselves() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.csv", "odd[1].csv", "c.txt"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(folder.path().join("d.csv")).unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let paths = |names: &[&str]| names.iter().map(|name| path(name)).collect::<Vec<_>>();
        let table: [(&str, &[&str]); 4] = [
            ("*.csv", &["a.csv", "b.csv", "odd[1].csv"]),
            ("odd[1].csv", &["odd[1].csv"]),
            ("?.txt", &["c.txt"]),
            ("gone.csv", &["gone.csv"]),
        ];
        for (pattern, expected) in table {
            assert_eq!(expanded(&[path(pattern)]).unwrap(), paths(expected), "{pattern}");
        }
        let error = expanded(&[path("*.gz")]).unwrap_err().to_string();
        assert!(error.contains("no file matches"), "{error}");
        assert!(expanded(&["-".into(), "-".into()]).is_err());
        assert_eq!(expanded(&["s3://b/*.csv".into()]).unwrap(), ["s3://b/*.csv"]);
    }
}
