//! The rule file.

pub mod cel;
