//! The names of runs and of their files.

use sha2::{Digest, Sha256};

/// Length of a run id at most, as Step Functions bounds an execution's name.
const MAX_LENGTH: usize = 80;

/// The id of the run of an uploaded object: the same for every notification of the same upload.
///
/// `version` is the object's version id, or its ETag in a bucket without versions; `dataset` is the
/// dataset's JSON. The id has 1 to 80 characters of `[0-9A-Za-z_-]`, the file's name first so that
/// a person finds it in a list of executions.
pub fn run_id(bucket: &str, key: &str, version: &str, dataset: &str) -> String {
    let mut hash = Sha256::new();
    for part in [bucket, key, version, dataset] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: String = hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{digest}", file_stem(key))
}

/// Tells whether `id` can be a run id: a folder's name, and the name of an execution.
pub fn is_run_id(id: &str) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The last part of a key without its extension, in at most 40 characters that a run id may have.
pub fn file_stem(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or(key);
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let stem: String = stem.chars().take(40).map(safe).collect();
    if stem.is_empty() { "object".to_owned() } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_uploads_apart_and_are_names() {
        let one = run_id("b", "incoming/people.csv", "v1", "{}");
        assert!(one.starts_with("people-") && is_run_id(&one), "{one}");
        assert_eq!(one, run_id("b", "incoming/people.csv", "v1", "{}"));
        for other in [
            run_id("c", "incoming/people.csv", "v1", "{}"),
            run_id("b", "incoming/people2.csv", "v1", "{}"),
            run_id("b", "incoming/people.csv", "v2", "{}"),
            run_id("b", "incoming/people.csv", "v1", "{\"a\":1}"),
            run_id("bi", "ncoming/people.csv", "v1", "{}"),
        ] {
            assert_ne!(one, other);
        }
        for key in ["", "a/", "ü b+c%.csv", &"long".repeat(99), ".csv"] {
            assert!(is_run_id(&run_id("b", key, "v", "{}")), "{key}");
        }
        assert!(!is_run_id("") && !is_run_id("a/b") && !is_run_id(".."));
    }
}
