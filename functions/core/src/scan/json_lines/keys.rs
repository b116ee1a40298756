//! The keys of lines of JSON, which are the columns where nobody names them.

use std::collections::HashSet;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::{BLANK, MARK, objects, parse};
use crate::Encoding;
use crate::scan::Record;

/// The keys of objects, each once, in the order in which they come.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) names: Vec<String>,
    known: HashSet<String>,
    /// Lines that were looked at.
    pub(crate) lines: u64,
    /// Lines that are JSON objects.
    pub(crate) objects: u64,
}

impl Keys {
    /// Takes the keys of a line; one that isn't a JSON object has none.
    pub(crate) fn add(&mut self, line: &Record<'_>, encoding: Encoding) {
        self.lines += 1;
        let before = self.names.len();
        let Some(decoded) = encoding.decode(line.raw()) else { return };
        let text = decoded.strip_prefix(MARK).unwrap_or(&decoded).trim_start_matches(BLANK);
        if parse(text, &mut *self).is_ok() {
            self.objects += 1;
            return;
        }
        // What stands in a broken line is nothing to go by.
        for name in self.names.drain(before..) {
            self.known.remove(&name);
        }
        let starts = objects(text).unwrap_or_default();
        for (index, at) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(text.len());
            self.objects += u64::from(parse(&text[*at..end], &mut *self).is_ok());
        }
    }
}

impl<'de> Visitor<'de> for &mut Keys {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            map.next_value::<IgnoredAny>()?;
            if self.known.insert(key.clone()) {
                self.names.push(key);
            }
        }
        Ok(())
    }
}
