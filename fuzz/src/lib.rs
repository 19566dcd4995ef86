//! Fuzzing of everything untrusted that ekslint reads. The targets are those that `cargo test` runs on the kept
//! inputs of `tests/robustness/corpus`:
//!
//!     cargo +nightly fuzz run snapshot corpus/snapshot ../tests/robustness/corpus/snapshot
//!
//! An input that breaks something goes into that folder, with the fix.

#[path = "../../tests/robustness/untrusted.rs"]
mod untrusted;

pub use untrusted::*;
