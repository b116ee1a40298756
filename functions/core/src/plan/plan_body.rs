//! The parts of a plan that grow with the object's columns: in the plan, or in an object of their own.

use serde::{Deserialize, Serialize};

use super::limits::MAX_PAYLOAD;
use crate::PlanError;
use crate::message::{Dataset, Evidence, InferredColumn, MessageError, Plan, SampledTypes, WidenedColumn, to_json};

/// The parts of a plan that grow with the object's columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    dataset: Dataset,
    header: Vec<String>,
    evidence: Vec<Evidence>,
    #[serde(default)]
    inferred: Vec<InferredColumn>,
    #[serde(default)]
    sampled: Vec<SampledTypes>,
    #[serde(default)]
    widened: Vec<WidenedColumn>,
}

/// Takes the body out of a plan that is too large for a state of the state machine; `None` where it isn't.
/// The plan then says where the body is to be written.
///
/// # Errors
///
/// [`MessageError`] where the plan cannot be written as JSON.
pub fn take_body(plan: &mut Plan) -> Result<Option<PlanBody>, MessageError> {
    if to_json("plan", plan)?.len() <= MAX_PAYLOAD {
        return Ok(None);
    }
    let body = PlanBody {
        dataset: std::mem::take(&mut plan.dataset),
        header: std::mem::take(&mut plan.header),
        evidence: std::mem::take(&mut plan.evidence),
        inferred: std::mem::take(&mut plan.inferred),
        sampled: std::mem::take(&mut plan.sampled),
        widened: std::mem::take(&mut plan.widened),
    };
    plan.body = Some(plan.results.join(&format!("manifest/plan-{}.json", plan.round)));
    Ok(Some(body))
}

impl PlanBody {
    /// Returns the whole plan.
    pub fn with(self, plan: &Plan) -> Plan {
        let PlanBody { dataset, header, evidence, inferred, sampled, widened } = self;
        Plan { dataset, header, evidence, inferred, sampled, widened, body: None, ..plan.clone() }
    }
}

/// Refuses a plan that no state of the state machine could take.
///
/// # Errors
///
/// [`PlanError::TooLarge`] beyond [`MAX_PAYLOAD`] bytes of JSON.
pub fn check_payload(plan: &Plan) -> Result<(), PlanError> {
    let size = serde_json::to_vec(plan).map_or(usize::MAX, |json| json.len());
    if size > MAX_PAYLOAD { Err(PlanError::TooLarge { size }) } else { Ok(()) }
}
