//! The fuzz target of the CSV scanner.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fanout_fuzz::scanner(input));
