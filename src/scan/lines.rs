//! Looks up the lines of findings in the text that they are about.

use super::read::Opened;
use crate::engine::Finding;
use crate::snapshot::secrets::secrets;
use crate::value::Location;
use crate::value::location::Excerpt;
use crate::value::position::LineIndex;
use std::cell::OnceCell;

/// A text, and its lines once they are needed: most files have no findings.
pub(super) struct Lines<'t> {
    text: &'t str,
    index: OnceCell<LineIndex<'t>>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, index: OnceCell::new() }
    }

    /// Looks up the places of all findings of a document, and others in it, in one pass over its text.
    pub(super) fn find(
        &self,
        opened: &Opened<'_>,
        findings: Vec<&mut Finding>,
        others: Vec<&mut Location>,
        excerpts: bool,
    ) {
        if findings.is_empty() && others.is_empty() {
            return;
        }
        // Only excerpts could show a secret.
        let secrets = if excerpts { secrets(&opened.snapshots) } else { Vec::new() };
        let of_findings = findings.iter().flat_map(|finding| finding.pointers());
        let of_others = others.iter().map(|place| &place.pointer);
        let pointers: Vec<_> = of_findings.chain(of_others).chain(&secrets).collect();
        let ranges = opened.document.places(&pointers);
        let (ranges, secrets) = ranges.split_at(ranges.len() - secrets.len());
        let mut secrets = secrets.to_vec();
        secrets.sort_unstable_by_key(|secret| (secret.start, secret.end));
        let index = self.index.get_or_init(|| LineIndex::new(self.text));
        let mut ranges = ranges.iter();
        for finding in findings {
            let Some(range) = ranges.next() else { return };
            finding.primary.span = index.region(range);
            let excerpt = || Box::new(Excerpt::new(self.text, index, range, &secrets));
            finding.primary.excerpt = excerpts.then(excerpt);
            for (related, range) in finding.related.iter_mut().zip(&mut ranges) {
                related.location.span = index.region(range);
            }
        }
        for (place, range) in others.into_iter().zip(ranges) {
            place.span = index.region(range);
        }
    }
}
