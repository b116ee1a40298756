//! A dataset from samples: detection, and a type for each column.

use super::sampled::SampledColumn;
use super::{Resolved, Samples, resolve};
use crate::message::{ColumnRule, Dataset, Evidence, Types};
use crate::value::Inference;
use crate::{ColumnType, Format, HeaderError};

/// A dataset, and the evidence for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Inferred {
    /// The dataset, for a person to edit.
    pub dataset: Dataset,
    /// The things detected, each with its reason.
    pub evidence: Vec<Evidence>,
}

/// Infers a dataset from the samples of an object of `size` bytes, for a person to edit.
///
/// The dataset is the one that [`resolve`] finds, with the names of the header, and with the types of columns
/// that `dataset` does not declare: those that a run would begin with, and how their values are written. Every
/// column may be null. A column without a value isn't declared, nor one whose values fit several types or ways of
/// writing, nor one with nested JSON, as a string would change it.
///
/// `None` asks for a longer first sample.
///
/// # Errors
///
/// As [`resolve`].
pub fn infer(samples: &Samples<'_>, size: u64, dataset: &Dataset) -> Result<Option<Inferred>, HeaderError> {
    let Some(Resolved { dataset: mut resolved, header, evidence, sampled, .. }) = resolve(samples, size, dataset)?
    else {
        return Ok(None);
    };
    if resolved.expected_names().is_empty() {
        // Of names that had to be made unique nothing can be expected.
        let mut expecting = resolved.clone();
        expecting.header.get_or_insert_default().expect = header.names.clone();
        if resolve(samples, size, &expecting).is_ok() {
            resolved = Dataset { header: expecting.header, ..resolved };
        }
    }
    if header.format == Format::JsonLines && resolved.expected_names().is_empty() {
        resolved.header.get_or_insert_default().expect = header.names.clone();
    }
    if dataset.types != Some(Types::Text) {
        let delimiter = resolved.dialect.dialect().delimiter;
        for (name, column) in header.names.iter().zip(&sampled.columns) {
            if !dataset.columns.contains_key(name)
                && let Some(rule) = rule(column, delimiter)
            {
                resolved.columns.insert(name.clone(), rule);
            }
        }
    }
    Ok(Some(Inferred { dataset: resolved, evidence }))
}

/// The rule that declares a column as its values in the samples are.
fn rule(column: &SampledColumn, delimiter: u8) -> Option<ColumnRule> {
    match column.candidates.inference(delimiter) {
        Inference::Typed(found) => Some(column.candidates.rule(found)),
        Inference::Text if !column.bare => Some(ColumnRule::of(ColumnType::String)),
        Inference::Text | Inference::Open { .. } => None,
    }
}

#[cfg(test)]
mod tests;
