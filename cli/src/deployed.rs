//! The deployed stack, as its people use it: runs are started, followed, listed, tried again and cleaned up through
//! CloudFormation, Step Functions, CloudWatch Logs and S3.
//!
//! Requests and answers are in `aws/`; what is told of them is decided by pure functions of the answers.

mod arn;
mod aws;
mod chunk_facts;
mod deployment;
mod dispatch;
mod ended;
mod error;
mod failure;
mod follow;
mod given;
mod history;
mod log_line;
mod logs;
mod old_runs;
mod progress;
mod runs;
mod stack;
mod stored_dataset;

pub use deployment::{Deployment, Target};
pub use dispatch::{Redriven, Started};
pub use ended::Ended;
pub use error::DeployedError;
pub use failure::{ChunkFailure, NextStep, RunFailure};
pub use follow::{Follow, News};
pub use log_line::LogLine;
pub use old_runs::OldRun;
pub use progress::{Followed, Phase};
pub use runs::{ListedRun, RunStatus};
pub use stored_dataset::StoredDataset;
