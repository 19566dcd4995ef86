//! See `ekslint_fuzz::user_data`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ekslint_fuzz::user_data(data));
