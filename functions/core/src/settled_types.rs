//! The dataset of a run that has ended, in which its types are declared: for records that are added to its results.

use crate::message::{Dataset, InferredColumn, Plan, Types};

/// Returns the dataset of a plan with the types of its inferred columns declared, as they are written. A record that
/// comes later then fits them or is refused: it cannot change the type of values that were written.
///
/// The plan is that of the last round, whose types all values have proven.
pub fn settled_types(plan: &Plan) -> Dataset {
    let mut dataset = plan.dataset.clone();
    for InferredColumn { column, candidates } in &plan.inferred {
        if let (Some(name), Some(found)) = (plan.header.get(*column as usize), candidates.found(plan.delimiter())) {
            dataset.columns.insert(name.clone(), candidates.rule(found));
        }
    }
    dataset.types = Some(Types::Text);
    dataset
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::TypeCandidates;

    #[test]
    fn inferred_types_are_declared_and_open_ones_are_text() {
        let all = |values: &[&str]| {
            values
                .iter()
                .map(|value| TypeCandidates::of(value.as_bytes()))
                .fold(TypeCandidates::ALL, TypeCandidates::and)
        };
        let columns =
            [all(&["1", "NA", "22"]), all(&["01/02/2024", "31/12/2024"]), all(&["x"]), all(&["01/02/2024"]), all(&[])];
        let inferred: Vec<InferredColumn> =
            (0..).zip(columns).map(|(column, candidates)| InferredColumn { column, candidates }).collect();
        let plan: Plan = serde_json::from_value(json!({
            "run_id": "run", "object": {"bucket": "b", "key": "k", "etag": "1", "size": 1},
            "dataset": {"columns": {"f": "string"}}, "reader": "range", "outputs": [],
            "header": ["a", "b", "c", "d", "e", "f"], "inferred": inferred, "data_start": 0, "chunk_size": 1,
            "chunk_count": 1, "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
        }))
        .unwrap();
        let settled = serde_json::to_value(settled_types(&plan)).unwrap();
        let columns = json!({"f": "string", "a": {"type": "int64", "null": ["NA"]},
            "b": {"type": "date", "format": "%d/%m/%Y"}});
        assert_eq!((&settled["columns"], &settled["types"]), (&columns, &json!("text")));
    }
}
