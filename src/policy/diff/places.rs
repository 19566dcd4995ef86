//! Reads the files of clusters that differ once more: for their fields, and at the end for the lines
//! of those that changed. All clusters of a file are read together.

use super::canonical::{CanonicalSnapshot, CanonicalSnapshots};
use super::cluster_pair::ClusterPair;
use super::{Change, ClusterDiff, Side, State};
use crate::explain::explain;
use crate::facts::AsOf;
use crate::scan::{Opened, read_each};
use crate::source::{InputContent, InputPart};
use crate::value::position::{LineIndex, LineSpan};
use crate::value::{Location, Pointer, SourceFile};
use bumpalo::Bump;
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Reads the snapshots that need it.
/// `flows` says of which clusters it is wanted which way their traffic goes.
pub(super) fn normals(
    states: [State<'_>; 2],
    cases: &[ClusterPair<'_>],
    as_of: AsOf,
    flows: impl Fn(&ClusterPair<'_>) -> bool + Sync,
) -> CanonicalSnapshots {
    let mut wanted: BTreeMap<(Side, usize), BTreeMap<usize, bool>> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.needs_causes()) {
        for (side, doc) in [Side::Old, Side::New].into_iter().zip(case.pair.docs) {
            if let Some(doc) = doc {
                wanted.entry((side, doc.file)).or_default().insert(doc.snapshot, flows(case));
            }
        }
    }
    let read = |((side, file), snapshots): (&(Side, usize), &BTreeMap<usize, bool>)| {
        let made = each(states[*side as usize], *file, |opened, first, arena, _| {
            let numbered = (first..).zip(&opened.snapshots);
            let made = numbered.filter_map(|(at, snapshot)| {
                let explain = || Arc::new(explain(snapshot, as_of, arena));
                let flows = snapshots.get(&at)?.then(explain);
                let mut normal = CanonicalSnapshot::of(opened, snapshot);
                normal.flows = flows;
                Some((at, normal))
            });
            made.collect()
        });
        made.into_iter().map(|(snapshot, normal)| ((*side, *file, snapshot), normal)).collect()
    };
    CanonicalSnapshots::new(wanted.par_iter().flat_map_iter::<_, Vec<_>>(read))
}

/// The text of a file, and its lines once they are needed.
struct TextLines<'t> {
    text: &'t str,
    index: OnceCell<LineIndex<'t>>,
}

/// Reads a file of a state and makes something of each document: given are the document, the
/// position of its first snapshot, and the lines of the file.
fn each<T>(
    state: State<'_>,
    file: usize,
    mut make: impl for<'d> FnMut(&'d Opened<'d>, usize, &'d Bump, &TextLines<'_>) -> Vec<T>,
) -> Vec<T> {
    let Some(input) = state.inputs.get(file) else { return Vec::new() };
    // What cannot be read any more has no causes; the scan said what was wrong, if it was then.
    let Ok(content) = input.open() else { return Vec::new() };
    let (name, mut first, mut made) = (input.name(), 0, Vec::new());
    for part in &content.parts {
        let lines = TextLines { text: part.text(), index: OnceCell::new() };
        let read =
            read_each(part.name(&name), part.text(), input.named, &mut Bump::new(), |opened, arena| {
                let made = make(opened, first, arena, &lines);
                first += opened.snapshots.len();
                made
            });
        made.extend(read.made);
    }
    made
}

/// Finds the lines of all changes.
pub(super) fn locate(states: [State<'_>; 2], cases: &[ClusterPair<'_>], clusters: &mut [ClusterDiff<'_>]) {
    let mut wanted: BTreeMap<(Side, usize), BTreeSet<(usize, Pointer)>> = BTreeMap::new();
    for (case, cluster) in cases.iter().zip(clusters.iter_mut()) {
        for change in changes(cluster) {
            if let Some(doc) = case.pair.docs[change.side as usize] {
                let of_file = wanted.entry((change.side, doc.file)).or_default();
                of_file.insert((doc.snapshot, change.at.pointer.clone()));
            }
        }
    }
    let read = |((side, file), wanted): (&(Side, usize), &BTreeSet<(usize, Pointer)>)| {
        let found = each(states[*side as usize], *file, |opened, first, _, lines| {
            regions(opened, first, lines, wanted)
        });
        found.into_iter().map(|((at, pointer), region)| ((*side, *file, at, pointer), region)).collect()
    };
    let found: HashMap<_, LineSpan> = wanted.par_iter().flat_map_iter::<_, Vec<_>>(read).collect();
    for (case, cluster) in cases.iter().zip(clusters) {
        for change in changes(cluster) {
            let Some(doc) = case.pair.docs[change.side as usize] else { continue };
            let place = (change.side, doc.file, doc.snapshot, change.at.pointer.clone());
            change.at.span = found.get(&place).copied().unwrap_or_default();
        }
    }
}

/// Puts changes of clusters that are not written down as one document into their files.
pub(super) fn relocate(states: [State<'_>; 2], cases: &[ClusterPair<'_>], clusters: &mut [ClusterDiff<'_>]) {
    let mut opened: HashMap<(Side, usize), Option<InputContent>> = HashMap::new();
    for (case, cluster) in cases.iter().zip(clusters) {
        for side in [Side::Old, Side::New] {
            let mut of_side: Vec<_> = changes(cluster).filter(|change| change.side == side).collect();
            let Some(doc) = case.pair.docs[side as usize].filter(|_| !of_side.is_empty()) else { continue };
            let Some(input) = states[side as usize].inputs.get(doc.file) else { continue };
            let open = || input.composes().then(|| input.open().ok()).flatten();
            let content = opened.entry((side, doc.file)).or_insert_with(open);
            // Each of these parts holds one snapshot.
            let part = content.as_ref().and_then(|content| content.parts.get(doc.snapshot));
            let Some(composed) = part.and_then(InputPart::composed) else { continue };
            let pointers: Vec<_> = of_side.iter().map(|change| change.at.pointer.clone()).collect();
            let places = composed.places(&pointers.iter().collect::<Vec<_>>());
            for (change, place) in of_side.iter_mut().zip(places) {
                let Some((name, text)) = composed.file(place.file) else { continue };
                let source = SourceFile { document: place.document, ..SourceFile::new(name) };
                change.at = Location::new(Arc::new(source), place.pointer);
                change.at.span = LineIndex::new(text).region(&place.range);
            }
        }
    }
}

fn changes<'c>(cluster: &'c mut ClusterDiff<'_>) -> impl Iterator<Item = &'c mut Change> {
    let groups = [&mut cluster.new, &mut cluster.fixed, &mut cluster.no_longer_evaluated];
    groups.into_iter().flatten().flat_map(|shift| &mut shift.changes)
}

/// The regions of the pointers that lead into a document.
fn regions(
    opened: &Opened<'_>,
    first: usize,
    lines: &TextLines<'_>,
    wanted: &BTreeSet<(usize, Pointer)>,
) -> Vec<((usize, Pointer), LineSpan)> {
    let here = first..first + opened.snapshots.len();
    let inside: Vec<_> = wanted.iter().filter(|(snapshot, _)| here.contains(snapshot)).collect();
    if inside.is_empty() {
        return Vec::new();
    }
    let index = lines.index.get_or_init(|| LineIndex::new(lines.text));
    let pointers: Vec<_> = inside.iter().map(|(_, pointer)| pointer).collect();
    let places = opened.document.places(&pointers);
    let region = |(wanted, range): (&(usize, Pointer), _)| (wanted.clone(), index.region(&range));
    inside.into_iter().zip(places).map(region).collect()
}
