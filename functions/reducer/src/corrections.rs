//! The corrections of a plan whose guesses the whole object disproves, and what the report says of them.

use fanout_core::message::{Chunk, ChunkResult, ColumnReport, Evidence, Plan, TypeOrigin, WidenedColumn};
use fanout_core::{
    ColumnType, Encoding, MAX_LATE_KEYS, Schema, check_reject_ratio, disproved_encoding, disproved_types,
};

use crate::ReduceError;

/// Rounds of a run beyond which its types should have settled.
const MAX_ROUNDS: u32 = 12;

/// Late keys that are shown.
const SHOWN_KEYS: usize = 10;

/// Columns whose types were disproved that are shown.
const SHOWN: usize = 20;

/// Returns the plan as all values correct it, of this round yet, with the chunks to process again; `None` where
/// nothing was disproved. Coverage must have been proven.
///
/// # Errors
///
/// [`ReduceError::TooManyRejects`] where chunks gave up and so does the run, [`ReduceError::TooManyKeys`] where keys are
/// more than columns can be, [`ReduceError::Unsettled`] where chunks still meet values of other types after many rounds.
pub(crate) fn corrected(plan: &Plan, found: &[ChunkResult]) -> Result<Option<(Plan, Vec<Chunk>)>, ReduceError> {
    let again = disproved_encoding(plan, found);
    if !again.is_empty() {
        let mut plan = Plan { encoding: Encoding::WINDOWS_1252, encoding_assumed: false, ..plan.clone() };
        if let Some(label) = &mut plan.dataset.encoding {
            *label = Encoding::WINDOWS_1252.name().to_owned();
        }
        return Ok(Some((plan, again)));
    }
    // Before a second pass for types, which too many rejects would make vain.
    let gave_up: Vec<Chunk> = found.iter().filter(|result| result.gave_up).map(again_from).collect();
    if !gave_up.is_empty() {
        check_rejects(plan, found)?;
        return Ok(Some((Plan { all_rejects: true, ..plan.clone() }, gave_up)));
    }
    if let Some(types) = disproved_types(plan, found) {
        let late = types.header.len() - plan.header.len();
        if late > MAX_LATE_KEYS {
            return Err(ReduceError::TooManyKeys { limit: MAX_LATE_KEYS });
        }
        let mut next = Plan { inferred: types.inferred, header: types.header, ..plan.clone() };
        if types.retyped {
            next.typed_round = plan.round + 1;
            next.widened.extend(types.widened);
        }
        if late > 0 {
            next.evidence.push(late_evidence(&next.header[plan.header.len()..]));
        }
        return Ok(Some((next, types.chunks)));
    }
    // Results of a round before the types were corrected, where a failure came between.
    let stale: Vec<&ChunkResult> = found.iter().filter(|result| result.unfit).collect();
    match stale.first() {
        None => Ok(None),
        Some(result) if plan.round >= MAX_ROUNDS => {
            Err(ReduceError::Unsettled { rounds: plan.round, index: result.chunk.index })
        }
        Some(_) => Ok(Some((plan.clone(), stale.into_iter().map(again_from).collect()))),
    }
}

/// The chunk of a result, to be processed again from where it began.
fn again_from(result: &ChunkResult) -> Chunk {
    Chunk { first_record: result.first_record, ..result.chunk }
}

/// Refuses a run of which more records were refused than its dataset allows.
///
/// # Errors
///
/// [`ReduceError::TooManyRejects`] with the numbers.
pub(crate) fn check_rejects(plan: &Plan, found: &[ChunkResult]) -> Result<(), ReduceError> {
    let records = found.iter().map(|result| result.records).sum();
    let rejects = found.iter().map(|result| result.rejects.saturating_sub(result.no_records)).sum();
    check_reject_ratio(plan.dataset.max_reject_ratio, records, rejects)
        .map_err(|source| ReduceError::TooManyRejects { source, location: plan.results.join("rejects/") })
}

/// Returns the evidence of the plan; where the run found another encoding or other types, those of the run.
/// `marks` are byte-order marks within the text.
pub(crate) fn evidence(plan: &Plan, marks: u64) -> Vec<Evidence> {
    let mut evidence = plan.evidence.clone();
    let found = plan.round > 0 && plan.encoding == Encoding::WINDOWS_1252;
    let supposed = |one: &&mut Evidence| found && one.what == "encoding" && one.value == Encoding::UTF_8.name();
    if let Some(encoding) = evidence.iter_mut().find(supposed) {
        encoding.value = plan.encoding.name().to_owned();
        encoding.sentence = "the samples are ASCII, but the rest has bytes that UTF-8 does not allow, and no \
                             character of UTF-8 of more than one byte"
            .to_owned();
    }
    let schema = plan.schema();
    for widened in plan.widened.iter().take(SHOWN) {
        let told = type_evidence(&schema, widened);
        evidence.retain(|one| one.what != told.what);
        evidence.push(told);
    }
    evidence.iter_mut().for_each(|one| settle(one, &schema));
    if marks > 0 {
        evidence.push(Evidence {
            what: "marks".to_owned(),
            value: format!("{marks} byte-order marks within the text"),
            sentence: "they stand at the start of records and were dropped: files were glued together".to_owned(),
        });
    }
    evidence
}

/// Tells which keys became columns.
fn late_evidence(names: &[String]) -> Evidence {
    let shown = names.iter().take(SHOWN_KEYS).cloned().collect::<Vec<_>>().join(", ");
    let more = if names.len() > SHOWN_KEYS { format!(" and {} more", names.len() - SHOWN_KEYS) } else { String::new() };
    Evidence {
        what: "late keys".to_owned(),
        value: format!("{shown}{more}"),
        sentence: "they come after the samples, and are columns like the others".to_owned(),
    }
}

/// The words before a column's name.
const TYPE_OF: &str = "type of ";

/// Replaces what the samples left open by what all values are.
fn settle(evidence: &mut Evidence, schema: &Schema) {
    let name = evidence.what.strip_prefix(TYPE_OF).filter(|_| evidence.value == ColumnType::String.to_string());
    let column = name.and_then(|name| schema.columns.iter().find(|column| column.name == name));
    if let Some(found) = column.and_then(|column| column.column_type).filter(|found| *found != ColumnType::String) {
        evidence.value = found.to_string();
        evidence.sentence = "the samples left it open, and all values are of this type".to_owned();
    }
}

/// Tells which values changed a column's type.
fn type_evidence(schema: &Schema, widened: &WidenedColumn) -> Evidence {
    let WidenedColumn { column, from, values, first } = widened;
    let column = schema.columns.get(*column as usize);
    let name = column.map_or("", |column| column.name.as_str());
    let to = column.and_then(|column| column.column_type).unwrap_or(ColumnType::String);
    let are = if *values == 1 { "1 value is not".to_owned() } else { format!("{values} values are not") };
    let first = first.as_ref().map_or_else(String::new, |first| {
        format!(": the first is {:?}, in the record at byte {}", first.text, first.record)
    });
    Evidence {
        what: format!("{TYPE_OF}{name}"),
        value: to.to_string(),
        sentence: format!(
            "the samples show {from}, and {are}{first}; declare the column {from} to refuse such records instead"
        ),
    }
}

/// Says of a column of the report what its samples showed, and whether its type was widened.
pub(crate) fn tell_source(plan: &Plan, column: &mut ColumnReport) {
    let is = |place: u64| plan.header.get(place as usize) == Some(&column.name);
    if let Some(sampled) = plan.sampled.iter().find(|one| is(one.column)) {
        column.sampled.clone_from(&sampled.values);
    }
    let Some(widened) = plan.widened.iter().find(|one| is(one.column)) else { return };
    column.origin = TypeOrigin::Widened;
    column.widened = Some(widened.clone());
}
