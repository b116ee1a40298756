//! The keys and values of one object of JSON lines.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::late_keys::LateKeys;
use super::{Line, OtherKeys, Place};
use crate::TypeCandidates;
use crate::scan::batch::FieldSpan;
use crate::scan::fault::Fault;

/// The keys and values of one line.
pub(super) struct Object<'l, 't> {
    pub(super) text: &'t str,
    pub(super) place: Place<'l>,
    pub(super) names: &'l [String],
    pub(super) columns: &'l HashMap<String, usize>,
    pub(super) other_keys: OtherKeys,
    pub(super) late: &'l mut LateKeys,
    pub(super) line: &'l mut Line,
    pub(super) values: &'l mut Vec<u8>,
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(column) = map.next_key_seed(Key(&mut self))? {
            match column {
                KeyPlace::Column(column) => {
                    let value: &RawValue = map.next_value()?;
                    let span = self.value(value.get()).map_err(|_| A::Error::custom("invalid escape in a string"))?;
                    self.line.slots[column] = Some(span);
                    self.line.likely = column + 1;
                }
                KeyPlace::Nowhere => drop(map.next_value::<IgnoredAny>()?),
                KeyPlace::Late(name) => {
                    let value: &RawValue = map.next_value()?;
                    if self.late.take(&name, candidates(value.get())) {
                        self.line.fault.get_or_insert(Fault::DuplicateKey { key: shortened(&name) });
                    }
                }
            }
        }
        Ok(())
    }
}

impl Object<'_, '_> {
    /// The column of a key that is read for the first time.
    fn column(&mut self, key: &str) -> KeyPlace {
        let likely = self.line.likely;
        let column = if self.names.get(likely).is_some_and(|name| name == key) {
            Some(likely)
        } else {
            self.columns.get(key).copied()
        };
        let fault = match column {
            Some(column) if self.line.slots[column].is_none() => return KeyPlace::Column(column),
            Some(_) => Fault::DuplicateKey { key: shortened(key) },
            None => match self.other_keys {
                OtherKeys::PassedOver => return KeyPlace::Nowhere,
                OtherKeys::Collected => return KeyPlace::Late(key.to_owned()),
                OtherKeys::Refused => Fault::UnknownKey { key: shortened(key) },
            },
        };
        self.line.fault.get_or_insert(fault);
        KeyPlace::Nowhere
    }

    /// Appends a value, given as its JSON text, to the values.
    fn value(&mut self, json: &str) -> serde_json::Result<FieldSpan> {
        let start = self.values.len();
        let flags = match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            _ if json == "null" => 0,
            None => {
                self.values.extend_from_slice(json.as_bytes());
                0
            }
            Some(characters) => {
                let characters = match memchr::memchr(b'\\', characters.as_bytes()) {
                    None => Cow::Borrowed(characters),
                    Some(_) => Cow::Owned(serde_json::from_str::<String>(json)?),
                };
                if characters.contains('\0') {
                    let within = json.as_ptr() as usize - self.text.as_ptr() as usize;
                    self.line.fault.get_or_insert(Fault::Nul { at: self.place.of(within) });
                }
                self.values.push(b'"');
                self.values.extend_from_slice(characters.as_bytes());
                self.values.push(b'"');
                FieldSpan::QUOTED
            }
        };
        Ok(FieldSpan::new(start, self.values.len(), flags))
    }
}

fn shortened(key: &str) -> String {
    key.chars().take(100).collect()
}

/// The place of a key's value.
enum KeyPlace {
    Column(usize),
    Late(String),
    Nowhere,
}

/// The types that a value, given as its JSON text, fits.
fn candidates(json: &str) -> TypeCandidates {
    match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        _ if json == "null" => TypeCandidates::ALL,
        None => TypeCandidates::of_json(json.as_bytes(), false),
        Some(characters) if !characters.contains('\\') => TypeCandidates::of_json(characters.as_bytes(), true),
        Some(_) => {
            let text = serde_json::from_str::<String>(json).unwrap_or_default();
            TypeCandidates::of_json(text.as_bytes(), true)
        }
    }
}

/// Looks a key up.
struct Key<'k, 'l, 't>(&'k mut Object<'l, 't>);

impl<'de> DeserializeSeed<'de> for Key<'_, '_, '_> {
    type Value = KeyPlace;

    fn deserialize<D: serde::Deserializer<'de>>(self, key: D) -> Result<KeyPlace, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_, '_> {
    type Value = KeyPlace;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<KeyPlace, E> {
        Ok(self.0.column(key))
    }
}
