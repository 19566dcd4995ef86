//! Findings as people read them: those of one rule on one cluster together, the worst cluster first. Outputs for programs
//! keep them apart.

use super::{FindingGroup, FindingView, Report};
use crate::rule::{Rule, Severity};
use std::cmp::Reverse;

/// The findings of one rule on one cluster, in their order.
pub(super) struct FindingBlock<'a> {
    pub(super) first: FindingView<'a>,
    pub(super) others: Vec<FindingView<'a>>,
}

/// What was found in one cluster, or in one file of the configuration, the worst first.
pub(super) struct ClusterBlocks<'a> {
    pub(super) group: FindingGroup<'a>,
    pub(super) blocks: Vec<FindingBlock<'a>>,
}

/// How many parts of messages that differ are named in one.
const NAMED: usize = 4;
/// The most words in which messages may differ: more are not the name of something.
const NAME_WORDS: usize = 2;

/// All findings that are shown, the worst cluster first.
pub(super) fn blocks<'a>(report: &Report<'a>) -> Vec<ClusterBlocks<'a>> {
    let mut clusters: Vec<ClusterBlocks<'a>> = Vec::new();
    for shown in report.findings() {
        if clusters.last().is_none_or(|last| last.group.index != shown.group.index) {
            clusters.push(ClusterBlocks { group: shown.group, blocks: Vec::new() });
        }
        if let Some(cluster) = clusters.last_mut() {
            add(&mut cluster.blocks, shown);
        }
    }
    // A stable order: what is as bad stays in the order of the inputs.
    clusters.sort_by_key(|cluster| Reverse(cluster.rank()));
    clusters
}

/// Adds a finding; those of a rule stand together.
pub(super) fn add<'a>(blocks: &mut Vec<FindingBlock<'a>>, shown: FindingView<'a>) {
    let same = |block: &&mut FindingBlock<'a>| {
        block.first.finding.rule == shown.finding.rule && block.severity() == shown.severity()
    };
    match blocks.iter_mut().find(same) {
        Some(block) => block.others.push(shown),
        None => blocks.push(FindingBlock { first: shown, others: Vec::new() }),
    }
}

impl ClusterBlocks<'_> {
    /// How bad it is: its findings by severity, critical ones first.
    fn rank(&self) -> Vec<usize> {
        let count = |severity: &Severity| {
            let of = self.blocks.iter().filter(|block| block.severity() == *severity);
            of.map(FindingBlock::len).sum()
        };
        Severity::ALL.iter().map(count).collect()
    }
}

impl<'a> FindingBlock<'a> {
    pub(super) fn len(&self) -> usize {
        self.others.len() + 1
    }

    pub(super) fn rule(&self) -> &'a Rule {
        self.first.rule
    }

    pub(super) fn severity(&self) -> Severity {
        self.first.severity()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &FindingView<'a>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// What is wrong, in one sentence for all of them, if one can say it.
    pub(super) fn message(&self) -> Option<String> {
        joined(&self.all().map(|shown| &*shown.finding.message).collect::<Vec<_>>())
    }
}

/// One message for several that differ in one place: `log type api, audit of prod is off`. Nothing where they differ in
/// more, or in too much.
fn joined(messages: &[&str]) -> Option<String> {
    let words: Vec<Vec<&str>> = messages.iter().map(|message| message.split(' ').collect()).collect();
    let (first, rest) = words.split_first()?;
    if rest.iter().all(|other| other == first) {
        return Some(first.join(" "));
    }
    let shortest = words.iter().map(Vec::len).min()?;
    let same_start = |at: &usize| rest.iter().all(|other| other[*at] == first[*at]);
    let start = (0..shortest).take_while(same_start).count();
    let same_end =
        |at: &usize| rest.iter().all(|other| other[other.len() - 1 - at] == first[first.len() - 1 - at]);
    let end = (0..shortest - start).take_while(same_end).count();
    let parts: Vec<_> = words.iter().map(|words| words[start..words.len() - end].join(" ")).collect();
    let is_name = |part: &String| !part.is_empty() && part.split(' ').count() <= NAME_WORDS;
    if parts.len() > NAMED || !parts.iter().all(is_name) {
        return None;
    }
    let before = first[..start].join(" ");
    let after = first[first.len() - end..].join(" ");
    let text = [before, parts.join(", "), after];
    Some(text.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn messages_that_differ_in_one_place_become_one() {
        let of = |messages: &[&str]| joined(messages);
        assert_eq!(of(&["log type api of a is off"]).as_deref(), Some("log type api of a is off"));
        assert_eq!(
            of(&["log type api of a is off", "log type audit of a is off"]).as_deref(),
            Some("log type api, audit of a is off")
        );
        assert_eq!(of(&["node a", "node b"]).as_deref(), Some("node a, b"));
        assert_eq!(of(&["x is open", "y is open"]).as_deref(), Some("x, y is open"));
        // The same, twice.
        assert_eq!(of(&["it is off", "it is off"]).as_deref(), Some("it is off"));
        // More than a name.
        assert_eq!(of(&["a is 3 days old", "b was 5 days old"]), None);
        // One says less than the other.
        assert_eq!(of(&["it is off", "it is off now"]), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_messages_say_nothing_panics(messages in proptest::collection::vec("[ab ]{0,12}", 1..6)) {
            let messages: Vec<_> = messages.iter().map(String::as_str).collect();
            if let Some(text) = joined(&messages) {
                proptest::prop_assert!(messages.len() <= super::NAMED || messages.iter().all(|m| *m == messages[0]));
                proptest::prop_assert!(text.len() <= messages.iter().map(|m| m.len() + 2).sum());
            }
        }
    }
}
