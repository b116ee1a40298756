//! The plan of a run with the parts of it that stand in an object of their own.

use std::borrow::Cow;

use fanout_core::PlanBody;
use fanout_core::message::{MessageError, Plan, from_json};

use crate::{Store, StoreError, get};

/// Returns the plan with its body, which is read from the results where the plan says so.
///
/// # Errors
///
/// [`StoreError`] where the body cannot be read, [`MessageError`] where it is none.
pub async fn whole_plan<'p, E>(plan: &'p Plan, results: &dyn Store) -> Result<Cow<'p, Plan>, E>
where
    E: From<StoreError> + From<MessageError>,
{
    let Some(location) = &plan.body else { return Ok(Cow::Borrowed(plan)) };
    let body: PlanBody = from_json(&location.to_string(), &get(results, location).await?)?;
    Ok(Cow::Owned(body.with(plan)))
}
