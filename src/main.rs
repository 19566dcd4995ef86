//! Starts ekslint.

use std::process::ExitCode;

/// Faster than the system's allocator for the many small values of an evaluation.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ekslint::cli::main()
}
