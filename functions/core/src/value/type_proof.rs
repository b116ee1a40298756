//! The proof of one column's inferred type by the values of a chunk.

use super::TypeCandidates;
use super::candidates::InferredType;
use crate::message::{SeenTypes, UnfitValue};

/// Characters that are kept of a value.
const SHOWN: usize = 100;

/// The types that the values of a chunk fit, of one column whose type was inferred.
#[derive(Debug)]
pub(super) struct TypeProof {
    planned: TypeCandidates,
    candidates: TypeCandidates,
    /// The planned type; `None` for text that may yet turn out to be typed.
    pub(super) found: Option<InferredType>,
    /// Tells that a value of the planned type leaves all candidates, so that none must be looked at.
    pub(super) implied: bool,
    unfit: u64,
    first: Option<UnfitValue>,
}

impl TypeProof {
    pub(super) fn new(planned: TypeCandidates, delimiter: u8) -> Self {
        let found = planned.found(delimiter);
        let implied = found.is_some_and(|found| planned.are_implied_by(found));
        Self { planned, candidates: planned, found, implied, unfit: 0, first: None }
    }

    /// Tells whether all values so far are of the planned type.
    pub(super) fn holds(&self) -> bool {
        self.unfit == 0
    }

    /// Tells whether further values can change what is known.
    pub(super) fn is_over(&self) -> bool {
        self.candidates.is_closed() && self.found.is_none()
    }

    /// Takes a batch of values that are all of the planned type, `int64`.
    pub(super) fn take_integers(&mut self, values: &[i64]) {
        if self.candidates.loses_floats(values) {
            self.candidates = self.candidates.without_floats();
        }
    }

    /// Takes one value; `value` gives the offset of its record and its text.
    #[inline]
    pub(super) fn take(&mut self, candidates: TypeCandidates, value: impl FnOnce() -> (u64, String)) {
        self.candidates = self.candidates.and(candidates);
        if self.found.is_some_and(|found| !candidates.fit(found)) {
            self.unfit += 1;
            self.first.get_or_insert_with(|| {
                let (record, text) = value();
                UnfitValue { record, text: text.chars().take(SHOWN).collect() }
            });
        }
    }

    /// Returns the types for the chunk's result; `None` where they are those of the plan.
    pub(super) fn seen(&self, column: usize) -> Option<SeenTypes> {
        (self.candidates != self.planned || self.unfit > 0).then(|| SeenTypes {
            column: column as u64,
            candidates: self.candidates,
            unfit: self.unfit,
            first: self.first.clone(),
        })
    }
}
