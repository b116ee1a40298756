//! Reports for people: the page of a run, the tables of a terminal, and how numbers and texts are
//! written in both. Pure functions of messages: nothing is read or written here.

mod detected;
mod escape;
mod numbers;
mod page;
mod table;

pub use detected::detected_line;
pub use numbers::{bytes, count, counted, duration, rate};
pub use page::page;
pub use table::{check_table, plan_table, report_table, run_line};
