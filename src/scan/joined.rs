//! What is found in a cluster that several files describe is found in the file that says it.

use super::{ClusterScan, excerpt, sort_findings};
use crate::engine::RuleTrace;
use crate::snapshot::Snapshot;
use crate::source::Documents;
use crate::source::joined::{JoinedCluster, JoinedPlace};
use crate::value::location::Excerpt;
use crate::value::position::LineIndex;
use crate::value::{Location, Pointer, SourceFile, SourceFileKind};
use bumpalo::Bump;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A file, and what is looked up in it.
struct File<'j> {
    text: &'j str,
    lines: LineIndex<'j>,
    /// The places of what must not be shown, in order.
    secrets: Vec<Range<usize>>,
}

/// Puts findings from the snapshot of a cluster into its files.
pub(super) fn relocate(cluster: &JoinedCluster, scans: &mut [ClusterScan], excerpts: bool) {
    let described = Pointer::root().key("cluster");
    let pointers: Vec<_> = scans.iter_mut().flat_map(locations).map(|place| place.pointer.clone()).collect();
    let pointers: Vec<_> = std::iter::once(&described).chain(&pointers).collect();
    let mut places = cluster.places(&pointers).into_iter();
    let mut files = Files { cluster, open: HashMap::new(), sources: HashMap::new(), excerpts };
    let Some(description) = places.next() else { return };
    let description = files.source(&description);
    for scan in scans {
        scan.file = Arc::clone(&description);
        for location in locations(scan) {
            if let Some(place) = places.next() {
                files.put(location, &place);
            }
        }
        sort_findings(&mut scan.judgement.findings);
    }
}

/// All places in what was made of a cluster.
fn locations(scan: &mut ClusterScan) -> Vec<&mut Location> {
    let findings = scan.judgement.findings.iter_mut().flat_map(|finding| finding.locations_mut());
    findings.chain(scan.traces.iter_mut().flat_map(RuleTrace::locations_mut)).collect()
}

struct Files<'j> {
    cluster: &'j JoinedCluster,
    open: HashMap<usize, File<'j>>,
    sources: HashMap<(usize, Option<u32>), Arc<SourceFile>>,
    excerpts: bool,
}

impl Files<'_> {
    fn source(&mut self, place: &JoinedPlace) -> Arc<SourceFile> {
        let JoinedPlace { file, document, .. } = *place;
        let name = || self.cluster.files().get(file).map(|file| file.name.clone()).unwrap_or_default();
        let new = || {
            Arc::new(SourceFile { document, kind: SourceFileKind::PartOfCluster, ..SourceFile::new(name()) })
        };
        Arc::clone(self.sources.entry((file, document)).or_insert_with(new))
    }

    fn put(&mut self, location: &mut Location, place: &JoinedPlace) {
        location.file = self.source(place);
        location.pointer = place.pointer.clone();
        let (cluster, excerpts) = (self.cluster, self.excerpts);
        let file = self.open.entry(place.file).or_insert_with(|| {
            let text = cluster.files().get(place.file).map_or("", |file| file.text.as_str());
            File {
                text,
                lines: LineIndex::new(text),
                secrets: if excerpts { secrets(text) } else { Vec::new() },
            }
        });
        location.span = file.lines.region(&place.range);
        let excerpt = || Box::new(Excerpt::new(file.text, &file.lines, &place.range, &file.secrets));
        // Of a place that had one, as it stood in the snapshot.
        location.excerpt = (location.excerpt.is_some() && excerpts).then(excerpt);
    }
}

/// The places of values in a text that must never be shown.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let (arena, mut documents, mut found) = (Bump::new(), Documents::of(text), Vec::new());
    while let Some(read) = documents.next(&arena) {
        let Ok(document) = read else { continue };
        let snapshots = Snapshot::read_each(document.root, document.repeats, &arena);
        let snapshots: Vec<_> = snapshots.into_iter().filter_map(|(_, read)| read.ok()).collect();
        let pointers = excerpt::secrets(&snapshots);
        found.extend(document.places(&pointers.iter().collect::<Vec<_>>()));
    }
    found.sort_unstable_by_key(|secret| (secret.start, secret.end));
    found
}
