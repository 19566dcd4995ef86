//! What is found in a cluster that is not written down as one document is found where people wrote it.

use super::{ClusterScan, addresses, sort_findings};
use crate::engine::{Finding, RelatedLocation, RuleTrace};
use crate::source::composed::{ComposedCluster, ComposedPlace};
use crate::value::location::Excerpt;
use crate::value::position::{LineIndex, LineSpan};
use crate::value::{Location, Pointer, SourceFile, SourceFileKind};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A file, and what is looked up in it.
struct File<'c> {
    text: &'c str,
    lines: LineIndex<'c>,
    /// The places of what must not be shown, in order; none if nothing may be.
    secrets: Option<Cow<'c, [Range<usize>]>>,
}

/// Puts findings from the snapshot of a cluster into its files.
pub(super) fn relocate(cluster: &dyn ComposedCluster, scans: &mut [ClusterScan], excerpts: bool) {
    let described = Pointer::root().key("cluster");
    let pointers: Vec<_> = scans.iter_mut().flat_map(locations).map(|place| place.pointer.clone()).collect();
    let pointers: Vec<_> = std::iter::once(&described).chain(&pointers).collect();
    let mut places = cluster.places(&pointers).into_iter();
    let mut files = Files { cluster, open: HashMap::new(), sources: HashMap::new(), excerpts };
    let Some(description) = places.next() else { return };
    let description = files.source(&description);
    for scan in scans {
        addresses::put(cluster, scan);
        scan.file = Arc::clone(&description);
        for finding in &mut scan.judgement.findings {
            files.put_finding(finding, &mut places);
        }
        for location in scan.traces.iter_mut().flat_map(RuleTrace::locations_mut) {
            places.next().into_iter().for_each(|place| files.put(location, &place));
        }
        for location in scan.explained.iter_mut().flat_map(|explained| explained.locations.values_mut()) {
            places.next().into_iter().for_each(|place| files.put(location, &place));
        }
        scan.explained.iter_mut().for_each(|explained| explained.is_joined = true);
        sort_findings(&mut scan.judgement.findings);
    }
}

/// All places in what was made of a cluster, in the order in which they are looked up.
fn locations(scan: &mut ClusterScan) -> Vec<&mut Location> {
    let findings = scan.judgement.findings.iter_mut().flat_map(Finding::locations_mut);
    let traced = scan.traces.iter_mut().flat_map(RuleTrace::locations_mut);
    let explained = scan.explained.iter_mut().flat_map(|explained| explained.locations.values_mut());
    findings.chain(traced).chain(explained).collect()
}

/// Where pointers into the snapshot of a cluster lead in its files.
pub(crate) fn located(cluster: &dyn ComposedCluster, pointers: &[&Pointer]) -> Vec<Location> {
    let mut files = Files { cluster, open: HashMap::new(), sources: HashMap::new(), excerpts: false };
    cluster.places(pointers).into_iter().map(|place| files.location(&place)).collect()
}

struct Files<'c> {
    cluster: &'c dyn ComposedCluster,
    open: HashMap<usize, File<'c>>,
    sources: HashMap<(usize, Option<u32>), Arc<SourceFile>>,
    excerpts: bool,
}

impl Files<'_> {
    fn source(&mut self, place: &ComposedPlace) -> Arc<SourceFile> {
        let ComposedPlace { file, document, .. } = *place;
        let name = || self.cluster.file(file).map(|(name, _)| name.to_owned()).unwrap_or_default();
        let new = || {
            Arc::new(SourceFile { document, kind: SourceFileKind::PartOfCluster, ..SourceFile::new(name()) })
        };
        Arc::clone(self.sources.entry((file, document)).or_insert_with(new))
    }

    /// Puts a finding where its values are written. Where the value that it is about came through another place, that
    /// one is the first of its other places.
    fn put_finding(&mut self, finding: &mut Finding, places: &mut impl Iterator<Item = ComposedPlace>) {
        let mut via = None;
        for (at, location) in finding.locations_mut().enumerate() {
            let Some(place) = places.next() else { return };
            self.put(location, &place);
            via = if at == 0 { place.via } else { via };
        }
        let Some((words, place)) = via.map(|via| *via) else { return };
        let came_from = RelatedLocation { message: words.into(), location: self.location(&place) };
        let others = std::mem::take(&mut finding.related).into_vec();
        finding.related = std::iter::once(came_from).chain(others).collect();
    }

    /// A place of a cluster as a place of its file.
    fn location(&mut self, place: &ComposedPlace) -> Location {
        let file = self.source(place);
        let mut location =
            Location { file, pointer: Pointer::root(), span: LineSpan::default(), excerpt: None };
        self.put(&mut location, place);
        location
    }

    fn put(&mut self, location: &mut Location, place: &ComposedPlace) {
        location.file = self.source(place);
        location.pointer = place.pointer.clone();
        let (cluster, excerpts) = (self.cluster, self.excerpts);
        let file = self.open.entry(place.file).or_insert_with(|| {
            let text = cluster.file(place.file).map_or("", |(_, text)| text);
            let secrets = if excerpts { cluster.secrets(place.file) } else { None };
            File { text, lines: LineIndex::new(text), secrets }
        });
        location.span = file.lines.region(&place.range);
        // Of a place that had one, as it stood in the snapshot.
        let secrets = file.secrets.as_deref().filter(|_| location.excerpt.is_some());
        let excerpt = |secrets| Box::new(Excerpt::new(file.text, &file.lines, &place.range, secrets));
        location.excerpt = secrets.map(excerpt);
    }
}
