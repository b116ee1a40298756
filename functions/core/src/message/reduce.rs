//! The messages to and from the reducer.

use serde::{Deserialize, Serialize};

use super::{Plan, Summary};

/// The state machine's request to the reducer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReduceRequest {
    /// The plan, as of this round.
    pub plan: Plan,
    /// The time at which the run began: RFC 3339, as the state machine writes it.
    pub started_at: String,
}

/// The reducer's answer to the state machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ReduceResponse {
    /// Coverage doesn't hold yet: process these chunks, then reduce again.
    Repair {
        /// The plan of the next round; it lists the chunks to process again.
        plan: Box<Plan>,
    },
    /// The report is written.
    Done {
        /// The report in short.
        report: Box<Summary>,
    },
}
