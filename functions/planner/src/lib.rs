//! The planner: from an upload or a job to a plan.
//!
//! Called by S3 (or EventBridge) it plans each upload and starts its execution; called by the state
//! machine it plans a job and returns the plan. A bad header or an unreadable object ends here,
//! before anything fans out.

mod config;
mod dataset;
mod error;
mod executions;
mod handler;
mod plan;
mod publish;
mod reader;

pub use config::{Config, ConfigError, PlanConfig};
pub use dataset::NamedDataset;
pub use error::PlannerError;
pub use executions::{Executions, StartError, Started, StateMachine};
pub use handler::{Answer, Context, handle};
pub use plan::{Planner, RunName};
pub use publish::publish;
