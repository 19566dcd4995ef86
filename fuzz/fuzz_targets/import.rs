//! See `ekslint_fuzz::import`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ekslint_fuzz::import(data));
