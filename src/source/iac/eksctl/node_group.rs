//! A node group of a file, while its resources are put together.

use crate::source::iac::{Place, TemplateValue};

/// A node group of the file.
pub(super) struct NodeGroup<'c> {
    pub(super) item: &'c TemplateValue,
    pub(super) address: String,
    /// Its name as stacks have it.
    pub(super) name: String,
    /// Its place: its name.
    pub(super) place: Place,
    pub(super) is_managed: bool,
}
