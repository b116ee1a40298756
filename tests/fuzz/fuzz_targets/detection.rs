//! The fuzz target `detection`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fanout_fuzz::detection(input));
