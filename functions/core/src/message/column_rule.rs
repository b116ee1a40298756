//! The rule for a column: its type, and how its values are written.

use serde::{Deserialize, Serialize};

use crate::ColumnType;
use crate::value::MomentFormat;

/// The type of a column: `"int64"`, or an object with more to say:
/// `{"type": "float64", "nullable": false, "decimal": ",", "null": ["NA"]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRule {
    /// The declared type.
    pub column_type: ColumnType,
    /// Tells whether an empty field is a value (null).
    pub nullable: bool,
    /// The format of a date or a timestamp, in the directives of `strftime`; absent for ISO 8601. After a date in one
    /// of the usual layouts any time of day is read, whether the format has one or not.
    pub format: Option<String>,
    /// Words for null, exactly as they are written, besides an empty field.
    pub null: Vec<String>,
    /// The decimal separator of numbers; absent for a point.
    pub decimal: Option<char>,
    /// The separator of groups of three digits; absent for none.
    pub thousands: Option<char>,
    /// Words for true, in any case; none for the usual ones.
    pub true_words: Vec<String>,
    /// Words for false, in any case; none for the usual ones.
    pub false_words: Vec<String>,
}

impl ColumnRule {
    /// A rule for a column of this type, nullable and written as programs write it.
    pub fn of(column_type: ColumnType) -> Self {
        Self {
            column_type,
            nullable: true,
            format: None,
            null: Vec::new(),
            decimal: None,
            thousands: None,
            true_words: Vec::new(),
            false_words: Vec::new(),
        }
    }

    /// Refuses a way of writing that the type does not have, or that contradicts itself.
    ///
    /// # Errors
    ///
    /// The reason, for a person.
    pub fn validate(&self) -> Result<(), String> {
        let column_type = self.column_type;
        let number = matches!(column_type, ColumnType::Int64 | ColumnType::Float64 | ColumnType::Decimal { .. });
        let moment = matches!(column_type, ColumnType::Date | ColumnType::Timestamp);
        let words = !self.true_words.is_empty() || !self.false_words.is_empty();
        if let Some(format) = &self.format {
            if !moment {
                return Err(format!("format {format:?} is for dates and timestamps, and the type is {column_type}"));
            }
            MomentFormat::validate(format).map_err(|reason| format!("format {format:?}: {reason}"))?;
        }
        if (self.decimal.is_some() || self.thousands.is_some()) && !number {
            return Err(format!("decimal and thousands are for numbers, and the type is {column_type}"));
        }
        if let Some(decimal) = self.decimal.filter(|decimal| !matches!(decimal, '.' | ',')) {
            return Err(format!("decimal is {decimal:?}, expected \".\" or \",\""));
        }
        let separates = |sign: char| !sign.is_alphanumeric() && !matches!(sign, '-' | '+' | '"');
        if let Some(thousands) = self.thousands.filter(|sign| !separates(*sign)) {
            return Err(format!("thousands is {thousands:?}, expected a sign between digits"));
        }
        if self.thousands == Some(self.decimal.unwrap_or('.')) {
            return Err(format!("decimal and thousands are both {:?}", self.decimal.unwrap_or('.')));
        }
        if words && column_type != ColumnType::Boolean {
            return Err(format!("true and false are for booleans, and the type is {column_type}"));
        }
        if words && (self.true_words.is_empty() || self.false_words.is_empty()) {
            return Err("true and false: one is named, the other is not".to_owned());
        }
        let both = |word: &&String| self.false_words.iter().any(|other| other.eq_ignore_ascii_case(word));
        match self.true_words.iter().find(both) {
            Some(word) => Err(format!("{word:?} is a word for true and for false")),
            None => Ok(()),
        }
    }
}

/// One word, or several.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Several(Vec<String>),
}

impl From<Words> for Vec<String> {
    fn from(words: Words) -> Self {
        match words {
            Words::One(word) => vec![word],
            Words::Several(words) => words,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LongRule {
    #[serde(rename = "type")]
    column_type: ColumnType,
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    nullable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    null: Option<Words>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decimal: Option<char>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thousands: Option<char>,
    #[serde(default, rename = "true", skip_serializing_if = "Option::is_none")]
    true_words: Option<Words>,
    #[serde(default, rename = "false", skip_serializing_if = "Option::is_none")]
    false_words: Option<Words>,
}

fn yes() -> bool {
    true
}

fn words(words: &[String]) -> Option<Words> {
    match words {
        [] => None,
        [word] => Some(Words::One(word.clone())),
        several => Some(Words::Several(several.to_vec())),
    }
}

impl Serialize for ColumnRule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::of(self.column_type) {
            return self.column_type.serialize(serializer);
        }
        let rule = LongRule {
            column_type: self.column_type,
            nullable: self.nullable,
            format: self.format.clone(),
            null: (!self.null.is_empty()).then(|| Words::Several(self.null.clone())),
            decimal: self.decimal,
            thousands: self.thousands,
            true_words: words(&self.true_words),
            false_words: words(&self.false_words),
        };
        rule.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ColumnRule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not an untagged enum: its errors don't name the field that is wrong.
        let value = serde_json::Value::deserialize(deserializer)?;
        if value.is_string() {
            return ColumnType::deserialize(value).map(Self::of).map_err(serde::de::Error::custom);
        }
        let rule = LongRule::deserialize(value).map_err(serde::de::Error::custom)?;
        Ok(Self {
            column_type: rule.column_type,
            nullable: rule.nullable,
            format: rule.format,
            null: rule.null.map_or_else(Vec::new, Vec::from),
            decimal: rule.decimal,
            thousands: rule.thousands,
            true_words: rule.true_words.map_or_else(Vec::new, Vec::from),
            false_words: rule.false_words.map_or_else(Vec::new, Vec::from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_and_what_is_wrong_with_them() {
        let table = [
            (r#""int64""#, ""),
            (r#"{"type":"int64","nullable":false}"#, ""),
            (r#"{"type":"date","format":"%d/%m/%Y"}"#, ""),
            (r#"{"type":"float64","null":["NA","-"],"decimal":",","thousands":"."}"#, ""),
            (r#"{"type":"boolean","true":["Y","yes"],"false":"N"}"#, ""),
            (r#"{"type":"date","format":"%H"}"#, "format \"%H\": "),
            (r#"{"type":"int64","format":"%Y"}"#, "format \"%Y\" is for dates and timestamps, and the type is int64"),
            (r#"{"type":"date","decimal":","}"#, "decimal and thousands are for numbers, and the type is date"),
            (r#"{"type":"int64","decimal":"x"}"#, "decimal is 'x', expected \".\" or \",\""),
            (r#"{"type":"int64","thousands":"."}"#, "decimal and thousands are both '.'"),
            (r#"{"type":"int64","thousands":"e"}"#, "thousands is 'e', expected a sign between digits"),
            (r#"{"type":"string","true":"a","false":"b"}"#, "true and false are for booleans, and the type is string"),
            (r#"{"type":"boolean","true":"a"}"#, "true and false: one is named, the other is not"),
            (r#"{"type":"boolean","true":"a","false":"A"}"#, "\"a\" is a word for true and for false"),
        ];
        for (text, expected) in table {
            let rule: ColumnRule = serde_json::from_str(text).unwrap();
            let found = rule.validate().err().unwrap_or_default();
            assert!(found.starts_with(expected) && found.is_empty() == expected.is_empty(), "{text}: {found}");
            assert_eq!(serde_json::to_string(&rule).unwrap(), text);
        }
    }
}
