//! The proof of inferred types by all values of the object.

use std::collections::{BTreeMap, HashMap};

use crate::message::{Chunk, ChunkResult, InferredColumn, LateKey, Plan, SeenTypes, Types, WidenedColumn};
use crate::value::SchemaColumn;

/// The types that all values of an object fit, where they are not those that were inferred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisprovedTypes {
    /// The columns whose types are inferred, with the types that all values fit.
    pub inferred: Vec<InferredColumn>,
    /// The columns whose types were disproved. Columns of which the samples showed no type are not among them.
    pub widened: Vec<WidenedColumn>,
    /// The names of all columns: those of the plan, and the keys of JSON lines that came after the samples.
    pub header: Vec<String>,
    /// Tells whether the columns or their types change, not only the way in which values are written.
    pub retyped: bool,
    /// The chunks that must be processed again.
    pub chunks: Vec<Chunk>,
}

/// The types that all chunks together leave, and the chunks to process again with them; `None` where the types of
/// the plan hold.
///
/// A column's candidates are those that all values have in common, so that the result is that of one reader over all
/// values, however the object is cut and whatever the samples were. With these types every value fits: a second pass
/// over a chunk is the last one for types.
///
/// Where a column's type changes, every chunk with a record holds values of the old one. Where only the way of
/// writing does, the values are the same, and the chunks that met something else are enough.
///
/// Coverage must have been proven.
pub fn disproved_types(plan: &Plan, results: &[ChunkResult]) -> Option<DisprovedTypes> {
    let mut seen = BTreeMap::<u64, Vec<&SeenTypes>>::new();
    for types in results.iter().flat_map(|result| &result.types) {
        seen.entry(types.column).or_default().push(types);
    }
    let delimiter = plan.delimiter();
    let (mut inferred, mut widened, mut changed, mut retyped) = (Vec::new(), Vec::new(), false, false);
    for planned in &plan.inferred {
        let types = seen.get(&planned.column).map_or(&[][..], Vec::as_slice);
        let candidates = types.iter().fold(planned.candidates, |all, types| all.and(types.candidates));
        let (before, after) = (planned.candidates.found(delimiter), candidates.found(delimiter));
        if before != after {
            changed = true;
            let column_type = |candidates| SchemaColumn::inferred("", candidates, delimiter).column_type;
            let (from, to) = (column_type(planned.candidates), column_type(candidates));
            if from != to {
                retyped = true;
                if let Some(from) = from {
                    widened.push(WidenedColumn {
                        column: planned.column,
                        from,
                        values: types.iter().map(|types| types.unfit).sum(),
                        first: types.iter().filter_map(|types| types.first.clone()).min_by_key(|first| first.record),
                    });
                }
            }
        }
        inferred.push(InferredColumn { column: planned.column, candidates });
    }
    let late = late_keys(results);
    let header: Vec<String> = plan.header.iter().cloned().chain(late.iter().map(|key| key.name.clone())).collect();
    let as_text = plan.dataset.types == Some(Types::Text);
    for (place, key) in late.iter().enumerate() {
        if !as_text && !key.candidates.is_closed() && !plan.dataset.columns.contains_key(&key.name) {
            inferred.push(InferredColumn { column: (plan.header.len() + place) as u64, candidates: key.candidates });
        }
    }
    retyped |= !late.is_empty();
    if !changed && !retyped {
        return None;
    }
    let again = results.iter().filter(|result| result.unfit || (retyped && result.records > 0));
    let chunks = again.map(|result| Chunk { first_record: result.first_record, ..result.chunk }).collect();
    Some(DisprovedTypes { inferred, widened, header, retyped, chunks })
}

/// The keys that are no columns yet, in the order of the object, with the types that all their values fit.
fn late_keys(results: &[ChunkResult]) -> Vec<LateKey> {
    let (mut keys, mut places) = (Vec::<LateKey>::new(), HashMap::new());
    for key in results.iter().flat_map(|result| &result.late_keys) {
        match places.get(key.name.as_str()) {
            Some(place) => {
                let known: &mut LateKey = &mut keys[*place];
                known.candidates = known.candidates.and(key.candidates);
            }
            None => {
                places.insert(key.name.as_str(), keys.len());
                keys.push(key.clone());
            }
        }
    }
    keys
}
