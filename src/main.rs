//! Starts ekslint.

fn main() {}
