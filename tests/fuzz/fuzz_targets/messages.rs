//! The fuzz target of messages.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fanout_fuzz::messages(input));
