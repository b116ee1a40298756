//! Reports for people: the page of a run, the tables of a terminal, and how numbers and texts are
//! written in both. Pure functions of messages: nothing is read or written here.

mod comparison;
mod concurrency;
mod corrected;
mod detected;
mod escape;
mod findings;
mod notice;
mod numbers;
mod page;
mod place;
mod table;

pub use comparison::{Comparison, compare, comparison_text};
pub use concurrency::concurrency_line;
pub use corrected::{corrected_line, corrected_sum};
pub use detected::detected_line;
pub use notice::{Notice, Sender, failure_notice, object_url, success_notice};
pub use numbers::{bytes, count, counted, duration, rate};
pub use page::{comparison_page, failure_page, page};
pub use table::{RunRow, check_table, plan_table, query_table, report_table, run_line, runs_table};
