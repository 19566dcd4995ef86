//! What the AWS CLI printed, as pieces: EKS by cluster name and ARN, EC2 by VPC, IAM by ARN. Texts in,
//! snapshots and what could not be joined out; no I/O.
//!
//! `read` reads the texts, `place` finds the cluster of what names none, `fragments` the resource of
//! what tells a part of one, and `parts` says what of a resource no file has.

mod fragments;
mod parts;
mod place;
mod read;

use super::assemble::{Assembled, Conflict, Piece, SnapshotBuilder};
use crate::snapshot::{NotCollected, Section, envelope, section};
use crate::value::{Json, Pointer, Problem};
use bumpalo::Bump;
use place::{Clusters, UnusedReason};
use read::Answers;
use std::collections::BTreeSet;

/// A file to import.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// The files that hold an answer of the AWS CLI, by position.
    pub answers: BTreeSet<usize>,
    /// Those of them of which the snapshots have something.
    pub joined: BTreeSet<usize>,
}

/// Joins the texts. Earlier files win over later ones that say otherwise.
pub fn import<'t>(texts: &'t [ImportFile], arena: &'t Bump) -> Import<'t> {
    import_some(texts, arena, |_| true)
}

/// The snapshot of one of the clusters of an import, by position.
pub(super) fn import_one<'t>(texts: &'t [ImportFile], at: usize, arena: &'t Bump) -> Json<'t> {
    let snapshots = import_some(texts, arena, |position| position == at).snapshots;
    snapshots.get(at).copied().unwrap_or(Json::Null)
}

/// Joins the texts, but makes only the snapshots at some positions.
fn import_some<'t>(
    texts: &'t [ImportFile],
    arena: &'t Bump,
    is_wanted: impl Fn(usize) -> bool,
) -> Import<'t> {
    let mut answers = Answers::read(texts, arena);
    let parts: BTreeSet<_> = answers.fragments.iter().map(|fragment| fragment.file).collect();
    let whole = answers.pieces.iter().filter_map(Piece::file);
    let all: BTreeSet<_> = whole.chain(parts.iter().copied()).collect();
    let clusters = Clusters::find(&mut answers, texts);
    let fields = fragments::join(&mut answers, &clusters, texts, arena);
    for piece in &mut answers.pieces {
        clusters.place(piece);
        parts::complete(piece, &fields, arena);
    }
    let (mut snapshots, mut used, mut conflicts) = (Vec::new(), BTreeSet::new(), Vec::new());
    for (position, cluster) in clusters.order().into_iter().enumerate() {
        if !is_wanted(position) {
            snapshots.push(Json::Null);
            continue;
        }
        let made: Assembled<'t> =
            SnapshotBuilder::new(&clusters.all, cluster, &answers.pieces, arena).build();
        snapshots.push(made.snapshot);
        used.extend(made.used);
        conflicts.extend(made.conflicts);
    }
    conflicts.iter().for_each(|conflict| note_conflict(&mut answers, conflict));
    note_unused(&mut answers, &used, &clusters);
    let used = used.iter().filter_map(|at| answers.pieces[*at].file());
    let joined = used.chain(parts.into_iter().filter(|file| !answers.is_noted(*file))).collect();
    let notices = answers.notices();
    Import { snapshots, notices, errors: answers.errors, answers: all, joined }
}

/// The commands whose answers a snapshot of an import lacks: those of sections that are not there, or of which a part is
/// missing.
pub fn missing(snapshot: Json<'_>) -> Vec<&'static str> {
    let noted = NotCollected::list(snapshot);
    let api = |section: &'static Section| {
        let place = Pointer::root().key(&section.name);
        let first = section.calls.first()?.api.as_str();
        match noted.iter().find(|entry| entry.at == place) {
            Some(entry) => Some(entry.api.clone().unwrap_or_else(|| first.to_owned())),
            None => snapshot.get(&section.name).is_none().then(|| first.to_owned()),
        }
    };
    section::all()
        .iter()
        .filter_map(api)
        .filter_map(|api| envelope::of_call(&api))
        .map(|row| row.command)
        .collect()
}

fn note_conflict(answers: &mut Answers<'_>, conflict: &Conflict) {
    let Conflict { section, key, taken, other } = conflict;
    let (title, taken) = (&section.title, answers.name(*taken));
    answers.note(*other, format!("describes the {title} {key} differently from {taken}, which is used"));
}

/// Says of each answer that no snapshot took why that is.
fn note_unused(answers: &mut Answers<'_>, used: &BTreeSet<usize>, clusters: &Clusters<'_>) {
    let unused = answers.pieces.iter().enumerate().filter(|(at, _)| !used.contains(at));
    let reasons: Vec<_> =
        unused.filter_map(|(_, piece)| Some((piece.file()?, UnusedReason::of(piece, clusters)))).collect();
    reasons.into_iter().for_each(|(file, reason)| answers.note(file, reason.to_string()));
}
