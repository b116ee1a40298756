//! Reports and plans as text for a terminal, in the width that it has.

mod columns;
mod costs;
mod grid;
mod plan;
mod query;
mod rejects;
mod report;
mod runs;
mod text;

pub use plan::plan_table;
pub use query::query_table;
pub use report::{check_table, report_table, run_line};
pub use runs::{RunRow, runs_table};
