//! The fuzz target of alignment.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fanout_fuzz::alignment(input));
