//! The outputs that a dataset asks for.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// Options of an output, by name. Each output checks its own when a run is planned.
pub type OutputOptions = Map<String, Value>;

/// One output of a run: `"rejects"`, or with options `{"name": "parquet", "compression": "zstd"}`.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputChoice {
    /// The output's name.
    pub name: String,
    /// The output's options; none where the name alone is given.
    pub options: OutputOptions,
}

impl OutputChoice {
    /// Chooses an output without options.
    pub fn named(name: &str) -> Self {
        OutputChoice { name: name.to_owned(), options: Map::new() }
    }
}

impl Serialize for OutputChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.options.is_empty() {
            return self.name.serialize(serializer);
        }
        let mut fields = self.options.clone();
        fields.insert("name".to_owned(), Value::String(self.name.clone()));
        fields.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for OutputChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(name) => Ok(OutputChoice { name, options: Map::new() }),
            Value::Object(mut options) => match options.remove("name") {
                Some(Value::String(name)) => Ok(OutputChoice { name, options }),
                _ => Err(D::Error::custom("outputs: an output with options needs its name as a text")),
            },
            other => Err(D::Error::custom(format!("outputs: expected a name or an object, found {other}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_or_an_object_and_back() {
        let text = r#"["rejects",{"compression":"zstd","name":"parquet"}]"#;
        let choices: Vec<OutputChoice> = serde_json::from_str(text).unwrap();
        assert_eq!(choices[0], OutputChoice::named("rejects"));
        assert_eq!((choices[1].name.as_str(), choices[1].options["compression"].as_str()), ("parquet", Some("zstd")));
        assert_eq!(serde_json::to_string(&choices).unwrap(), text);
        for (text, reason) in [("{}", "needs its name"), (r#"{"name":1}"#, "needs its name"), ("1", "found 1")] {
            let error = serde_json::from_str::<OutputChoice>(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
