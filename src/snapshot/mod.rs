//! The snapshot: all that is known about one cluster, as one JSON document, and what each part of
//! it is called, where it stands in the document, and what its absence means.

pub mod envelope;
mod graft;
mod identity;
pub(crate) mod nature;
pub mod node_tags;
mod not_a_snapshot;
mod not_collected;
pub mod parts;
pub mod repeated;
pub mod schema;
pub mod secrets;
pub mod section;
pub mod shared_vpc;
pub mod template;
pub mod unknown;

pub use identity::Identity;
pub(crate) use identity::partition_of_region;
pub use not_a_snapshot::NotASnapshot;
pub use not_collected::NotCollected;
pub use parts::{ClusterType, Part, Snapshot, SymbolKeys};
pub use repeated::Repeated;
pub use schema::{Schema, Type, schema};
pub use section::Section;
pub use template::{NO_CLUSTER, TemplateAddress, TemplateSource};
pub use unknown::{Unknown, UnknownKind};
