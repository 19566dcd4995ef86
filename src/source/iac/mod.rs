//! Templates: what describes clusters before they exist, such as Terraform.
//!
//! Data flows one way: a source reads its files into a [`Template`] (resources whose values know where they are written),
//! a table turns resources into the sections of snapshots ([`Draft`]), and a draft is written as the text of a snapshot with
//! a map from each pointer to the place in the template. From there on a template is a snapshot like any other.

mod draft;
mod mapped;
mod place;
mod template;
pub mod terraform;
pub mod tree;
mod value;

pub use draft::{Draft, DraftSection};
pub use mapped::{Attachment, Mapped, MappedItem};
pub use place::{FileId, Place, Via};
pub use template::{Certainty, Missing, Mode, Template, TemplateFile, TemplateResource};
pub use value::{Origin, Symbol, TemplateValue, TextPart, UnknownValue, ValueKind};
