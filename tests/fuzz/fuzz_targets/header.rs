//! The fuzz target of headers.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fanout_fuzz::header(input));
