//! The dataset's word on the dialect: each setting said, or left to detection.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Dialect, DialectError, Quotes, Terminator};

/// The grammar of CSV as a dataset says it. What is absent is detected; `null` for quote, escape or
/// comment says that there is none.
///
/// ```
/// use fanout_core::message::DialectRule;
///
/// let rule: DialectRule = serde_json::from_str(r#"{"delimiter": ";", "escape": null}"#)?;
/// assert_eq!((rule.delimiter, rule.quote, rule.escape), (Some(b';'), None, Some(None)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DialectRule {
    /// The byte between two fields. A single ASCII character.
    #[serde(with = "said_byte", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "json-schema", schemars(with = "char"))]
    pub delimiter: Option<u8>,
    /// The byte that encloses a field, doubled inside it; `null` for none.
    #[serde(with = "said_or_none", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<char>"))]
    pub quote: Option<Option<u8>>,
    /// The byte that makes the next one literal inside quotes; `null` for none.
    #[serde(with = "said_or_none", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<char>"))]
    pub escape: Option<Option<u8>>,
    /// The byte that begins a line without a record; `null` for none.
    #[serde(with = "said_or_none", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<char>"))]
    pub comment: Option<Option<u8>>,
    /// The end of a record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminator: Option<Terminator>,
    /// The reading of bytes after a closing quote; absent for strict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotes: Option<Quotes>,
    /// Tells whether the escape works outside quotes too; absent for no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escape_outside_quotes: Option<bool>,
    /// Tells whether blanks around quotes, names and numbers are no part of them; absent for no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trim: Option<bool>,
    /// Tells whether a delimiter stands at the end of each record, after which no field follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trailing_delimiter: Option<bool>,
}

impl DialectRule {
    /// Returns the dialect that is said; what is absent is as in RFC 4180.
    pub fn dialect(&self) -> Dialect {
        let default = Dialect::default();
        Dialect {
            delimiter: self.delimiter.unwrap_or(default.delimiter),
            quote: self.quote.unwrap_or(default.quote),
            escape: self.escape.unwrap_or(default.escape),
            comment: self.comment.unwrap_or(default.comment),
            terminator: self.terminator.unwrap_or(default.terminator),
            quotes: self.quotes.unwrap_or(default.quotes),
            escape_outside_quotes: self.escape_outside_quotes.unwrap_or(default.escape_outside_quotes),
            trim: self.trim.unwrap_or(default.trim),
        }
    }

    /// Refuses rules in which one byte would have two meanings.
    ///
    /// # Errors
    ///
    /// [`DialectError`] with the first byte that is wrong.
    pub fn validate(&self) -> Result<(), DialectError> {
        let mut dialect = self.dialect();
        if self.delimiter.is_none() {
            // Detection finds one that has no other meaning: here stands one that can't be said.
            dialect.delimiter = 0x01;
        }
        dialect.validate()
    }
}

impl From<&Dialect> for DialectRule {
    fn from(dialect: &Dialect) -> Self {
        Self {
            delimiter: Some(dialect.delimiter),
            quote: Some(dialect.quote),
            escape: Some(dialect.escape),
            comment: Some(dialect.comment),
            terminator: Some(dialect.terminator),
            quotes: (dialect.quotes != Quotes::Strict).then_some(dialect.quotes),
            escape_outside_quotes: dialect.escape_outside_quotes.then_some(true),
            trim: dialect.trim.then_some(true),
            trailing_delimiter: None,
        }
    }
}

fn byte_of(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(format!("expected one ASCII character, found {text:?}")),
    }
}

/// A byte as a one-character string, the way people write it in a dataset.
mod said_byte {
    use serde::de::Error;

    use super::{Deserialize, Deserializer, Serialize, Serializer, byte_of};

    pub(super) fn serialize<S: Serializer>(byte: &Option<u8>, serializer: S) -> Result<S::Ok, S::Error> {
        byte.map(char::from).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
        byte_of(&String::deserialize(deserializer)?).map(Some).map_err(D::Error::custom)
    }
}

/// The same, where `null` is a word of its own.
mod said_or_none {
    use serde::de::Error;

    use super::{Deserialize, Deserializer, Serialize, Serializer, byte_of};

    pub(super) fn serialize<S: Serializer>(byte: &Option<Option<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        byte.flatten().map(char::from).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| byte_of(&text)).transpose().map(Some).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_and_null_differ() {
        let table = [
            ("{}", None, None),
            (r#"{"quote":null}"#, Some(None), None),
            (r#"{"quote":"'","escape":"\\"}"#, Some(Some(b'\'')), Some(Some(b'\\'))),
        ];
        for (text, quote, escape) in table {
            let rule: DialectRule = serde_json::from_str(text).unwrap();
            assert_eq!((rule.quote, rule.escape), (quote, escape), "{text}");
            assert_eq!(serde_json::to_string(&rule).unwrap(), text);
        }
        for text in [r#"{"delimiter":"ab"}"#, r#"{"delimiter":"é"}"#, r#"{"delimiter":null}"#, r#"{"colour":"red"}"#] {
            assert!(serde_json::from_str::<DialectRule>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_quote_like_the_usual_delimiter_leaves_the_delimiter_to_detection() {
        let rule = |text: &str| serde_json::from_str::<DialectRule>(text).unwrap().validate().is_ok();
        assert!(rule(r#"{"quote":","}"#));
        assert!(!rule(r#"{"quote":",","delimiter":","}"#));
        assert!(!rule(r#"{"delimiter":"\""}"#));
        assert!(rule(r#"{"delimiter":"\"","quote":null}"#));
    }
}
