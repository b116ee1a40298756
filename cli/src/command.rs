//! The commands: each takes its arguments, prints what it is asked for, and returns how it ended.

mod check;
mod correct;
mod datasets;
mod diff;
mod infer;
mod jobs;
mod packaging;
mod plan;
mod run;
mod sample;
mod several;

pub(crate) use check::check;
pub(crate) use correct::correct;
pub(crate) use diff::diff;
pub(crate) use infer::infer;
pub(crate) use packaging::{completions, man};
pub(crate) use plan::plan;
pub(crate) use run::run;
pub(crate) use sample::sample;
