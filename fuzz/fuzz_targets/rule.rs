//! See `ekslint_fuzz::rule`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ekslint_fuzz::rule(data));
