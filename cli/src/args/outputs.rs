//! The outputs that an argument asks for: names, or a list as a job has it, with options.

use fanout_core::message::{MessageError, OutputChoice, from_json};

/// Outputs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outputs(pub(crate) Vec<OutputChoice>);

/// Reads `profile,parquet`, or `[{"name": "parquet", "compression": "zstd"}, "rejects"]`.
pub(super) fn outputs(text: &str) -> Result<Outputs, MessageError> {
    if text.trim_start().starts_with('[') {
        return from_json("--outputs", text.as_bytes()).map(Outputs);
    }
    Ok(Outputs(text.split(',').map(|name| OutputChoice::named(name.trim())).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_or_a_list() {
        let names = outputs("profile, jsonl").unwrap();
        assert_eq!(names, outputs(r#"["profile", "jsonl"]"#).unwrap());
        let Outputs(list) = outputs(r#" [{"name": "parquet", "compression": "zstd"}, "rejects"]"#).unwrap();
        assert_eq!((list.len(), list[0].options["compression"].as_str()), (2, Some("zstd")));
        let error = outputs(r#"[{"compression": "zstd"}]"#).unwrap_err().to_string();
        assert!(error.starts_with("--outputs: outputs: an output with options needs its name"), "{error}");
    }
}
