//! The fuzz target of JSON lines.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fanout_fuzz::json_lines(input));
