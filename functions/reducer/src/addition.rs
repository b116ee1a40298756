//! Corrected records as a part of a run that has ended: its results merged anew, with one result more.

use std::collections::BTreeMap;

use fanout_core::message::{
    ChunkResult, CorrectedReport, OutputChoice, OutputReport, Part, Plan, Report, Status, to_json, to_json_pretty,
};
use fanout_core::{Coverage, ObjectVersion, verify};
use fanout_render::page;
use fanout_store::{Store, whole_plan};

use crate::corrections::tell_source;
use crate::merges::Merges;
use crate::reduce::{PAGE, PARTS, finish, parts_by_output, read_results};
use crate::{Context, ReduceError};

/// The output whose parts and partials are replaced: records that were refused at first are refused no more.
const REJECTS: &str = "rejects";

/// Corrected records of a run, processed.
pub struct Addition {
    /// The file that has them.
    pub object: ObjectVersion,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Their result; its chunk is the one after the last of the run. Its parts are below the run's prefix.
    pub result: ChunkResult,
}

/// Merges the results of a run and of its corrected records, and writes list of parts, page and report anew, the latter
/// last. `report` is the one of the run; `plan` that of its last round.
///
/// What the chunks found is read again and verified again: nothing is taken from an earlier addition, so that another
/// file of corrected records replaces the one before.
///
/// # Errors
///
/// [`ReduceError`] where the results of the run are not whole any more, where the corrected records are more or fewer
/// than were refused, or the store or an output fails.
pub async fn add(plan: &Plan, report: Report, addition: Addition, context: &Context) -> Result<Report, ReduceError> {
    let store = context.results.clone();
    let results: &dyn Store = &*store;
    let plan = &*whole_plan::<ReduceError>(plan, results).await?;
    let (refusing, others) = plan.outputs.iter().cloned().partition(|output: &OutputChoice| output.name == REJECTS);
    // Lines of the corrected file are not those of the object.
    let only = |outputs: Vec<OutputChoice>| Plan { outputs, lines_before: None, ..plan.clone() };
    let mut merges = Merges::start(&only(others), context.outputs)?;
    let mut rejects = Merges::start(&only(refusing), context.outputs)?;
    let found = read_results(plan, results, &mut merges).await?;
    let coverage = match verify(plan, &found)? {
        Coverage::Proven(coverage) => coverage,
        Coverage::Repair(chunks) => {
            return Err(ReduceError::NotWhole { index: chunks.first().map_or(0, |chunk| chunk.index) });
        }
    };
    let found: Vec<ChunkResult> = found.into_iter().flatten().collect();
    let Addition { object, sha256, mut result } = addition;
    let corrected = CorrectedReport {
        object,
        sha256,
        accepted_at_first: found.iter().map(|result| result.records).sum(),
        refused: found.iter().map(|result| result.rejects).sum(),
        accepted: result.records,
        still_refused: result.rejects,
    };
    if corrected.refused != corrected.accepted + corrected.still_refused {
        return Err(ReduceError::OtherNumber { found: result.records + result.rejects, refused: corrected.refused });
    }
    merges.add(&mut result.clone());
    rejects.add(&mut result);
    let mut sections: BTreeMap<_, _> = finish(merges, plan, store.clone()).await?.into_iter().collect();
    sections.extend(finish(rejects, plan, store.clone()).await?);
    let mut all = found;
    for result in &mut all {
        result.parts.retain(|part| part.output != REJECTS);
    }
    all.push(result);
    let mut report = Report {
        status: if corrected.still_refused == 0 { Status::Succeeded } else { Status::SucceededWithRejects },
        records: corrected.accepted_at_first + corrected.accepted,
        rejects: corrected.still_refused,
        no_records: report.no_records.min(corrected.still_refused),
        corrected: Some(corrected),
        coverage,
        columns: Vec::new(),
        outputs: Vec::new(),
        ..report
    };
    let mut merged = Vec::new();
    for OutputChoice { name, .. } in &plan.outputs {
        let Some(mut section) = sections.remove(name) else { continue };
        section.columns.iter_mut().for_each(|column| tell_source(plan, column));
        if report.columns.is_empty() {
            (report.columns, report.sample) = (section.columns, section.sample);
        }
        if section.parts_are_merged {
            all.iter_mut().for_each(|result| result.parts.retain(|part| part.output != *name));
        }
        let of_chunks = || all.iter().flat_map(|result| &result.parts).filter(|part| part.output == *name);
        let parts = || of_chunks().chain(&section.parts);
        report.outputs.push(OutputReport {
            name: name.clone(),
            parts: parts().count() as u64,
            records: section.records,
            bytes: parts().map(|part: &Part| part.bytes).sum(),
            section: section.section,
        });
        for (name, bytes) in section.files {
            results.put(&plan.results.join(&name), bytes.into()).await?;
        }
        merged.extend(section.parts);
    }
    let parts = parts_by_output(all.iter().flat_map(|result| &result.parts).chain(&merged));
    results.put(&plan.results.join(PARTS), to_json("list of parts", &parts)?.into()).await?;
    results.put(&plan.results.join(PAGE), page(&report, &parts).into()).await?;
    results.put(&plan.report_location(), to_json_pretty("report", &report)?.into()).await?;
    Ok(report)
}
