//! The dataset: the description of one kind of file.

use std::collections::HashSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{ColumnRule, DialectRule, MessageError, OutputChoice};
use crate::{DEFAULT_MAX_RECORD, Format, Schema, SchemaColumn};

/// A dataset: the look of one kind of file, and the outputs made of it.
///
/// All that it says holds; what it leaves unsaid is detected in each object. So the empty dataset
/// works on any CSV and on any JSON lines. Types of columns that are not declared are inferred, and proven by
/// all values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Dataset {
    /// The encoding of the text, by a label of the Encoding Standard; absent to detect it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The format of the text; absent to detect it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The dialect of CSV.
    #[serde(skip_serializing_if = "is_silent")]
    pub dialect: DialectRule,
    /// Lines before the header, or before the first record where there is none; absent to detect them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_lines: Option<u64>,
    /// The rule for the header: with it, even an empty one, there is a header, unless its match is
    /// `none`; absent to detect whether there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<HeaderRule>,
    /// Declared types by column name.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub columns: IndexMap<String, ColumnRule>,
    /// The types of columns that are not declared; absent to infer them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<Types>,
    /// The fate of records with another number of fields than the header; absent to refuse them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ragged: Option<Ragged>,
    /// The outputs of a run; absent for the default ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Vec<OutputChoice>>,
    /// SQL over the records, of the output `sql`, which it adds to the outputs. Where no outputs are named, they are
    /// `rejects` and `sql`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// SQL of S3 Select, for the reader `select` alone; absent for `SELECT * FROM S3Object`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// Share of records, 0 to 1, that may be refused before the run fails; absent for one half.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_reject_ratio: Option<f64>,
    /// Bytes that a record may have, terminator not counted; absent for 16 MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_record: Option<usize>,
}

fn is_silent(rule: &DialectRule) -> bool {
    *rule == DialectRule::default()
}

/// The types of columns that are not declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Types {
    /// Types are inferred from samples, and hold for all values: one that does not fit widens its column.
    #[default]
    Infer,
    /// All of them are text, as it stands.
    Text,
}

/// The fate of records with another number of fields than the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ragged {
    /// A refusal of each such record.
    #[default]
    Refuse,
    /// Missing fields at the end are null. More fields than the header has refuse the record, unless
    /// those beyond are empty.
    Pad,
}

/// A rule for the header. JSON lines have none: their columns are the names expected here, in that
/// order, whatever the order of the keys and whether or not a line has them all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct HeaderRule {
    /// The expected names; none expects nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<String>,
    /// The comparison with the names found.
    #[serde(rename = "match", skip_serializing_if = "is_exact")]
    pub matches: HeaderMatch,
}

fn is_exact(matches: &HeaderMatch) -> bool {
    *matches == HeaderMatch::Exact
}

/// The comparison of expected names with those found. Records always follow the order of the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HeaderMatch {
    /// The same names in the same order.
    #[default]
    Exact,
    /// The same names in any order.
    AnyOrder,
    /// All expected names, and possibly others, in any order. Of JSON lines: other keys are passed
    /// over; else they refuse their record.
    Superset,
    /// The object has no header record: the names are those expected, else `column_1`, `column_2` and
    /// so on.
    None,
}

impl Dataset {
    /// Bytes that a record may have.
    pub fn max_record(&self) -> usize {
        self.max_record.unwrap_or(DEFAULT_MAX_RECORD)
    }

    /// Returns the comparison of the header; exact where nothing is said.
    pub fn header_match(&self) -> HeaderMatch {
        self.header.as_ref().map(|header| header.matches).unwrap_or_default()
    }

    /// Returns the expected names; none where nothing is expected.
    pub fn expected_names(&self) -> &[String] {
        self.header.as_ref().map_or(&[], |header| header.expect.as_slice())
    }

    /// Refuses what can't be meant; `what` names the dataset in the error.
    ///
    /// # Errors
    ///
    /// [`MessageError`] with the first setting that is wrong.
    pub fn validate(&self, what: &str) -> Result<(), MessageError> {
        let refuse = |reason: String| Err(MessageError { what: what.to_owned(), reason });
        if let Err(error) = self.dialect.validate() {
            return refuse(error.to_string());
        }
        if self.format == Some(Format::JsonLines) && !is_silent(&self.dialect) {
            return refuse("dialect: JSON lines have none".to_owned());
        }
        for (name, rule) in &self.columns {
            if let Err(reason) = rule.validate() {
                return refuse(format!("columns: {name}: {reason}"));
            }
        }
        let mut seen = HashSet::new();
        if let Some(name) = self.expected_names().iter().find(|name| !seen.insert(name.as_str())) {
            return refuse(format!("header: expect has the name {name:?} twice"));
        }
        match self.max_reject_ratio {
            Some(ratio) if !(0.0..=1.0).contains(&ratio) => {
                refuse(format!("max_reject_ratio is {ratio}, expected a number from 0 to 1"))
            }
            _ if self.max_record == Some(0) => refuse("max_record is 0, expected at least 1 byte".to_owned()),
            _ => Ok(()),
        }
    }

    /// The columns of a run whose object has this header.
    pub fn schema(&self, header: &[String]) -> Schema {
        let column = |name: &String| match self.columns.get(name) {
            Some(rule) => SchemaColumn::declared(name, rule.clone()),
            None => SchemaColumn::text(name),
        };
        Schema { columns: header.iter().map(column).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::from_json;
    use super::*;
    use crate::ColumnType;

    #[test]
    fn a_dataset_as_people_write_it() {
        let text = br#"{"dialect":{"delimiter":";"},"header":{"expect":["id","pay"],"match":"superset"},
            "columns":{"id":{"type":"int64","nullable":false},"pay":"decimal(10,2)"},"max_reject_ratio":0.01}"#;
        let dataset: Dataset = from_json("dataset", text).unwrap();
        let header = ["pay", "id", "more"].map(str::to_owned);
        let schema = dataset.schema(&header);
        assert_eq!(schema.columns[0].column_type, Some(ColumnType::Decimal { precision: 10, scale: 2 }));
        assert_eq!((schema.columns[1].nullable, schema.columns[2].column_type), (false, None));
        let again: Dataset = from_json("dataset", &serde_json::to_vec(&dataset).unwrap()).unwrap();
        assert_eq!(again, dataset);
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let table = [
            (r#"{"colour":"red"}"#, "unknown field `colour`"),
            (r#"{"dialect":{"sep":";"}}"#, "unknown field `sep`"),
            (r#"{"columns":{"a":"int"}}"#, "unknown type \"int\""),
            (r#"{"columns":{"a":{"type":"int64","nil":true}}}"#, "unknown field `nil`"),
            (r#"{"columns":{"a":{"type":"int64","format":"%d"}}}"#, "columns: a: format \"%d\" is for dates"),
            (r#"{"header":{"match":"some"}}"#, "unknown variant `some`"),
            (r#"{"max_reject_ratio":2}"#, "max_reject_ratio is 2"),
            (r#"{"header":{"expect":["a","a"]}}"#, "\"a\" twice"),
            (r#"{"max_record":0}"#, "max_record is 0"),
            (r#"{"format":"json"}"#, "unknown variant `json`, expected `csv` or `json_lines`"),
            (r#"{"format":"json_lines","dialect":{"delimiter":";"}}"#, "JSON lines have none"),
            (r#"{"dialect":{"delimiter":"\""}}"#, "both byte 0x22"),
            (r#"{"ragged":"cut"}"#, "unknown variant `cut`, expected `refuse` or `pad`"),
        ];
        for (text, expected) in table {
            let result =
                from_json::<Dataset>("dataset x.json", text.as_bytes()).and_then(|d| d.validate("dataset x.json"));
            let error = result.unwrap_err().to_string();
            assert!(error.starts_with("dataset x.json: ") && error.contains(expected), "{text}: {error}");
        }
    }
}
