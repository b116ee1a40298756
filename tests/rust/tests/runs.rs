//! Tests of whole runs. They are one program: it is linked once, and its slow tests run side by side.

mod compressed;
mod correct;
mod earlier_versions;
mod encodings;
mod exactly_once;
mod failure;
mod fuzz_corpus;
mod hostile;
mod json_lines;
mod json_schema;
mod line_numbers;
mod log_queries;
mod logs;
mod many_rejects;
mod repair;
mod s3_faults;
mod s3_outputs;
mod select;
mod types;
mod wide;
mod written;
