//! See `ekslint_fuzz::cel`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ekslint_fuzz::cel(data));
