//! The publication of a plan: its chunks go into the plan or into a manifest.

use fanout_core::message::{Plan, to_json};
use fanout_core::{ChunkList, check_payload, chunk_list, chunks, take_body};
use fanout_store::Store;

use crate::PlannerError;

/// Adds the chunks to a plan: few of them in the plan, many in a manifest among the results. What of the plan
/// grows with the columns goes there as well, where it is large.
///
/// # Errors
///
/// [`PlannerError`] where the manifest cannot be written, or the plan is too large for a state's input.
pub async fn publish(mut plan: Plan, results: &dyn Store) -> Result<Plan, PlannerError> {
    match chunk_list(chunks(plan.data(), plan.chunk_size))? {
        ChunkList::Inline(chunks) => plan.chunks = Some(chunks),
        ChunkList::Manifest(lines) => {
            let location = plan.manifest_location();
            results.put(&location, lines.into()).await?;
            plan.manifest = Some(location);
        }
    }
    if let Some(body) = take_body(&mut plan)?
        && let Some(location) = &plan.body
    {
        results.put(location, to_json("plan", &body)?.into()).await?;
    }
    check_payload(&plan)?;
    Ok(plan)
}
