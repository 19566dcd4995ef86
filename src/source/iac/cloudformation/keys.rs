//! Keys of objects that are functions.

/// How a key begins that is a loop.
const LOOP: &str = "Fn::ForEach::";

/// Whether a key is a loop.
pub(super) fn is_loop(key: &str) -> bool {
    key.starts_with(LOOP)
}
