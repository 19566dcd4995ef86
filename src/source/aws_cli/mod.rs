//! What the AWS CLI printed, as pieces: EKS by cluster name and ARN, EC2 by VPC, IAM by ARN. Texts in,
//! snapshots and what could not be joined out; no I/O.
//!
//! `read` reads the texts, `place` finds the cluster of what names none, `fragments` the resource of
//! what tells a part of one, and `parts` says what of a resource no file has.

mod fragments;
mod parts;
mod place;
mod read;

use super::assemble::{Assembled, Conflict, SnapshotBuilder};
use crate::value::{Json, Problem};
use bumpalo::Bump;
use place::{Clusters, UnusedReason};
use read::Answers;
use std::collections::BTreeSet;

/// A file to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFile {
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
    pub snapshots: Vec<Json<'t>>,
    /// What was passed over, and why.
    pub notices: Vec<Problem>,
    /// Files that are broken.
    pub errors: Vec<Problem>,
}

/// Joins the texts. Earlier files win over later ones that say otherwise.
pub fn import<'t>(texts: &'t [ImportFile], arena: &'t Bump) -> Import<'t> {
    let mut answers = Answers::read(texts, arena);
    let clusters = Clusters::find(&mut answers, texts);
    let fields = fragments::join(&mut answers, &clusters, texts, arena);
    for piece in &mut answers.pieces {
        clusters.place(piece);
        parts::complete(piece, &fields, arena);
    }
    let (mut snapshots, mut used, mut conflicts) = (Vec::new(), BTreeSet::new(), Vec::new());
    for cluster in 0..clusters.all.len() {
        let made: Assembled<'t> =
            SnapshotBuilder::new(&clusters.all, cluster, &answers.pieces, arena).build();
        snapshots.push(made.snapshot);
        used.extend(made.used);
        conflicts.extend(made.conflicts);
    }
    conflicts.iter().for_each(|conflict| note_conflict(&mut answers, conflict));
    note_unused(&mut answers, &used, &clusters);
    let snapshots = clusters.order().into_iter().map(|at| snapshots[at]).collect();
    Import { snapshots, notices: answers.notices(), errors: answers.errors }
}

fn note_conflict(answers: &mut Answers<'_>, conflict: &Conflict) {
    let Conflict { section, key, taken, other } = conflict;
    let (title, taken) = (&section.title, answers.name(*taken));
    answers.note(*other, format!("describes the {title} {key} otherwise than {taken}, which was taken"));
}

/// Says of each answer that no snapshot took why that is.
fn note_unused(answers: &mut Answers<'_>, used: &BTreeSet<usize>, clusters: &Clusters<'_>) {
    let unused = answers.pieces.iter().enumerate().filter(|(at, _)| !used.contains(at));
    let reasons: Vec<_> =
        unused.filter_map(|(_, piece)| Some((piece.file()?, UnusedReason::of(piece, clusters)))).collect();
    reasons.into_iter().for_each(|(file, reason)| answers.note(file, reason.to_string()));
}
