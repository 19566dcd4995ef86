//! From what sources say to snapshots. A source yields pieces: a section, resources with their place,
//! whether these are all, what is missing. One builder makes the snapshot of each cluster of them, so
//! that what is true of a section is true whichever way it came.
//!
//! `piece` is what a source yields, `normalize` what a snapshot may hold of a resource, `ownership` says
//! whose a resource is, and `builder` puts a snapshot together. What there is to know of a section
//! stands in `sections.json`.

mod builder;
mod normalize;
mod ownership;
mod piece;
mod user_data;

pub(crate) use builder::{Assembled, Conflict, SnapshotBuilder, union};
pub(crate) use normalize::{policy_document, user_data_fields};
pub(crate) use ownership::vpcs;
pub(crate) use piece::{ClusterContext, Extent, MissingField, MissingReason, Piece, PieceItem};

/// What only a source needs that asks AWS.
#[cfg(feature = "live")]
pub(crate) use {builder::region_cluster, normalize::clean, piece::MissingKind, piece::PieceOrigin};
