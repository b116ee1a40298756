//! Requests to AWS beside those of the store: sent by its signed client, a few fields of their answers read. The SDK's
//! own crates of CloudFormation, CloudWatch Logs and Step Functions take two minutes to compile, which the first command
//! of README has not.

mod client;
mod cloud_formation;
mod refusal;
mod states;
mod xml;

pub(super) use client::{Client, LOGS};
pub(super) use cloud_formation::{StackAnswer, resources, stacks};
#[cfg(test)]
pub(super) use states::ItemCounts;
pub(super) use states::{Event, Execution, Fault, MapRun, States};
