//! What a run has not read yet, and what is said of it when the run ends early.

use crate::text::first_names;
use std::collections::BTreeSet;

/// How many names a message lists.
const NAMED: usize = 10;

/// What was not read yet.
#[derive(Debug, Default)]
pub(super) struct Unread {
    /// Regions whose clusters are not listed.
    pub(super) regions: BTreeSet<String>,
    /// Account, region and name.
    pub(super) clusters: BTreeSet<(String, String, String)>,
}

impl Unread {
    /// What a run that ended early did not read.
    pub(super) fn say(&self, ended: &str, found: usize) -> String {
        let read = found.saturating_sub(self.clusters.len());
        let mut said = match found {
            0 => format!("{ended}: no cluster was found by then"),
            found => format!("{ended}: {read} of {found} clusters read to the end"),
        };
        if !self.clusters.is_empty() {
            let names: Vec<_> =
                self.clusters.iter().map(|(_, region, name)| format!("{name} ({region})")).collect();
            said.push_str(&format!("; not read: {}", first_names(&names, NAMED)));
        }
        if !self.regions.is_empty() {
            said.push_str(&format!(
                "; not listed: the clusters of {}",
                first_names(&self.regions.iter().collect::<Vec<_>>(), NAMED)
            ));
        }
        format!("{said}; the result is incomplete")
    }
}

#[cfg(test)]
mod tests {
    use super::Unread;

    #[test]
    fn what_was_not_read_is_named() {
        let mut unread = Unread::default();
        assert_eq!(
            unread.say("interrupted", 0),
            "interrupted: no cluster was found by then; the result is incomplete"
        );
        let cluster = |at: usize| ("1".to_owned(), "eu-west-1".to_owned(), format!("c{at:02}"));
        unread.clusters.insert(cluster(1));
        unread.regions.insert("us-east-1".to_owned());
        assert_eq!(
            unread.say("interrupted", 4),
            "interrupted: 3 of 4 clusters read to the end; not read: c01 (eu-west-1); not listed: the clusters of us-east-1; the result is incomplete"
        );
        unread.clusters.extend((0..20).map(cluster));
        assert!(unread.say("interrupted", 20).contains("c09 (eu-west-1) and 10 more; "));
    }
}
