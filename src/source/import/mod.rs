//! Joins the answers of the AWS CLI into snapshots: EKS by cluster name and ARN, EC2 by VPC, IAM by
//! ARN. Texts in, snapshots and what could not be joined out; no I/O.
//!
//! `collect` reads the texts and makes them canonical, `place` finds the cluster of what names none,
//! `fragments` the resource of what tells a part of one, `belongs` says what is a cluster's, and
//! `join` puts it together.

mod belongs;
mod collect;
mod fragments;
mod join;
mod place;

use crate::value::{Node, Problem};
use bumpalo::Bump;

/// A file to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What to call it in messages.
    pub name: String,
    /// Its path from the folder that is imported, with `/` between folders. Where an answer does not
    /// say what it is about, folder and file names do.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What an import gave.
#[derive(Debug, Default)]
pub struct Import<'t> {
    /// One snapshot for each cluster, by ARN or name.
    pub snapshots: Vec<Node<'t>>,
    /// What was passed over, and why.
    pub notices: Vec<Problem>,
    /// Files that are broken.
    pub errors: Vec<Problem>,
}

/// Joins the texts. Earlier files win over later ones that say otherwise.
pub fn import<'t>(texts: &'t [Text], arena: &'t Bump) -> Import<'t> {
    let mut collected = collect::Collected::read(texts, arena);
    let clusters = place::Clusters::find(&mut collected, texts);
    let fields = fragments::join(&mut collected, &clusters, texts, arena);
    collected.pieces.iter_mut().for_each(|piece| clusters.place(piece));
    let snapshots: Vec<_> = (0..clusters.all.len())
        .map(|cluster| join::snapshot(cluster, &mut collected, &clusters, &fields, arena))
        .collect();
    collected.note_unused(&clusters);
    let snapshots = clusters.order().into_iter().map(|at| snapshots[at]).collect();
    Import { snapshots, notices: collected.notices(), errors: collected.errors }
}
