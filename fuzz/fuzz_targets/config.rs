//! See `ekslint_fuzz::config`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ekslint_fuzz::config(data));
