//! The planner, which makes a plan of an upload or a job.
//!
//! When S3 (or EventBridge) calls it, it plans each upload and starts its execution. When the state
//! machine calls it, it plans a job and returns the plan. A bad header or an unreadable object ends here,
//! before anything fans out.

mod account;
mod config;
mod dataset;
mod error;
mod executions;
mod handler;
#[cfg(feature = "lambda")]
mod lambda_account;
mod outputs;
mod plan;
mod publish;
mod reader;
mod size;
#[cfg(feature = "lambda")]
mod state_machine;
mod tell;

pub use account::{Account, UnknownConcurrency};
pub use config::{Config, ConfigError, PlanConfig};
pub use dataset::NamedDataset;
pub use error::PlannerError;
pub use executions::{Executions, StartError, Started};
pub use handler::{Answer, Context, handle};
#[cfg(feature = "lambda")]
pub use lambda_account::LambdaAccount;
pub use plan::{Planner, RunName};
pub use publish::publish;
#[cfg(feature = "lambda")]
pub use state_machine::StateMachine;
