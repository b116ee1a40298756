//! The job that a person starts.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Dataset, OutputChoice, current_version};

/// A job: the input with which a person starts an execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// See [`super::VERSION`].
    #[serde(default = "current_version")]
    pub version: u32,
    /// The bucket of the object.
    pub bucket: String,
    /// The key of the object, as it is (not URL-encoded).
    pub key: String,
    /// The version of the object; absent for the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// The dataset, by name or as it is; absent for the empty dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<DatasetRef>,
    /// The reader of the object.
    #[serde(default)]
    pub reader: Reader,
    /// Bytes of a chunk; absent for automatic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk_size: Option<u64>,
    /// The outputs, by name or with options; absent for those of the dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Vec<OutputChoice>>,
    /// SQL over the records, of the output `sql`, which it adds to the outputs; absent for that of the dataset. Where no
    /// outputs are named, they are `rejects` and `sql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The id of the run; absent for the execution's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
}

/// The reader of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// One ranged `GetObject` for each chunk.
    #[default]
    Range,
    /// S3 Select with a ScanRange for each chunk: the dataset's `expression` over what its dialect
    /// and the object allow. There is no proof of coverage, as no offsets come back.
    Select,
    /// The reader `select` where that is possible, else `range`, which is no choice for a dataset with an
    /// `expression`. A plan has one or the other.
    Auto,
}

impl Reader {
    /// The reader as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Reader::Range => "range",
            Reader::Select => "select",
            Reader::Auto => "auto",
        }
    }
}

/// A dataset by name (`datasets/<name>.json` in the results bucket), or the dataset itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum DatasetRef {
    /// The name.
    Name(String),
    /// The dataset.
    Inline(Box<Dataset>),
}

impl<'de> Deserialize<'de> for DatasetRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not serde's untagged: its errors don't name the field that is wrong.
        let value = serde_json::Value::deserialize(deserializer)?;
        if let serde_json::Value::String(name) = value {
            return Ok(DatasetRef::Name(name));
        }
        let dataset =
            Dataset::deserialize(value).map_err(|error| serde::de::Error::custom(format!("dataset: {error}")))?;
        Ok(DatasetRef::Inline(Box::new(dataset)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::from_json;
    use super::*;

    #[test]
    fn errors_name_the_field() {
        let table = [
            (r#"{"bucket":"b","key":"k","chunksize":5}"#, "unknown field `chunksize`"),
            (r#"{"bucket":"b"}"#, "missing field `key`"),
            (r#"{"bucket":"b","key":"k","dataset":{"colour":1}}"#, "dataset: unknown field `colour`"),
            (
                r#"{"bucket":"b","key":"k","reader":"fast"}"#,
                "unknown variant `fast`, expected one of `range`, `select`, `auto`",
            ),
            (r#"{"bucket":"b","key":"k","chunk_size":-1}"#, "invalid value: integer `-1`"),
        ];
        for (text, expected) in table {
            let error = from_json::<Job>("job", text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let job: Job = from_json("job", br#"{"bucket":"b","key":"k","dataset":"people"}"#).unwrap();
        assert_eq!(job.dataset, Some(DatasetRef::Name("people".into())));
    }
}
