//! The evidence for inferred types: what is worth saying of how values are written.

use super::sampled::{SampledColumn, SampledRecords};
use crate::message::{ColumnRule, Evidence};
use crate::value::Inference;

/// Columns of which something is said at most.
const MOST: usize = 20;

/// The evidence for the types of columns: of those that are written in a way of their own, and of texts that are
/// almost all of one type.
pub(super) fn types(sampled: &SampledRecords, names: &[String], delimiter: u8) -> Vec<Evidence> {
    let columns = names.iter().zip(&sampled.columns);
    columns.filter_map(|(name, column)| told(name, column, delimiter)).take(MOST).collect()
}

fn told(name: &str, column: &SampledColumn, delimiter: u8) -> Option<Evidence> {
    let what = format!("type of {name}");
    match column.candidates.inference(delimiter) {
        Inference::Typed(found) => {
            let rule = column.candidates.rule(found);
            let value = rule.column_type.to_string();
            let ColumnRule { format, null, decimal, thousands, true_words, false_words, .. } = rule;
            let mut ways = Vec::new();
            ways.extend(format.map(|format| format!("format {format}")));
            ways.extend(decimal.map(|sign| format!("{sign:?} before decimals")));
            ways.extend(thousands.map(|sign| format!("{sign:?} between thousands")));
            ways.extend(true_words.iter().zip(&false_words).map(|(yes, no)| format!("{yes} and {no}")));
            ways.extend((!null.is_empty()).then(|| format!("{} for null", null.join(", "))));
            (!ways.is_empty()).then(|| Evidence::new(&what, value, format!("its values have {}", ways.join(", "))))
        }
        Inference::Open { hint: Some(hint) } => {
            let sentence = format!("{hint}: say its type, and how it is written, in the dataset");
            Some(Evidence::new(&what, "string", sentence))
        }
        Inference::Open { hint: None } => None,
        Inference::Text => {
            let all: u64 = column.counts().map(|(_, count)| count).sum();
            let (most, count) = column.counts().max_by_key(|(_, count)| *count)?;
            let text = column.text.as_deref().filter(|_| most != "text" && count * 10 >= all * 9)?;
            let sentence = format!("{count} of {all} values in the samples are {most}; the first text is {text:?}");
            Some(Evidence::new(&what, "string", sentence))
        }
    }
}
