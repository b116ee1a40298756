//! The keys of JSON lines that samples did not show.

use std::collections::HashMap;

use crate::TypeCandidates;
use crate::message::LateKey;

/// Late keys that are kept of one chunk, and that a run may have.
pub const MAX_LATE_KEYS: usize = 10_000;

/// Keys that are not among the columns, in the order in which they come, with the types that their values fit.
#[derive(Debug, Default)]
pub(super) struct LateKeys {
    keys: Vec<LateKey>,
    places: HashMap<String, usize>,
    /// Those of the line being read, which may yet be refused.
    line: Vec<LateKey>,
}

impl LateKeys {
    /// Begins a line.
    pub(super) fn begin(&mut self) {
        self.line.clear();
    }

    /// Takes a key of the line, and the types that its value fits. Tells whether the line has it twice.
    pub(super) fn take(&mut self, name: &str, candidates: TypeCandidates) -> bool {
        let twice = self.line.iter().any(|key| key.name == name);
        self.line.push(LateKey { name: name.to_owned(), candidates });
        twice
    }

    /// Keeps the keys of the line, which is a record.
    pub(super) fn keep(&mut self) {
        for LateKey { name, candidates } in self.line.drain(..) {
            match self.places.get(&name) {
                Some(place) => {
                    let key = &mut self.keys[*place];
                    key.candidates = key.candidates.and(candidates);
                }
                // One more than a run may have tells that there are too many.
                None if self.keys.len() <= MAX_LATE_KEYS => {
                    self.places.insert(name.clone(), self.keys.len());
                    self.keys.push(LateKey { name, candidates });
                }
                None => {}
            }
        }
    }

    pub(super) fn keys(&self) -> &[LateKey] {
        &self.keys
    }
}
