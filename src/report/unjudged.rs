//! What was not judged, a row each, for outputs that are lists: a list of findings alone would let
//! what is unknown look like what is fine.

use super::Report;
use super::advice::advice;
use crate::engine::RuleError;
use crate::rule::{Frameworks, Rule};
use crate::scan::ClusterScan;
use crate::snapshot::{Identity, Unknown, UnknownKind};
use crate::value::Problem;
use crate::value::position::LineColumn;

/// Something that was not judged.
#[derive(Debug)]
pub(super) struct Unjudged<'a> {
    /// Why there is no judgement.
    pub(super) cause: Cause,
    /// The rule that could not judge; of an input that could not be read, none.
    pub(super) rule: Option<&'a Rule>,
    /// The cluster, where one is known.
    pub(super) cluster: Option<&'a Identity>,
    /// The file.
    pub(super) file: &'a str,
    /// In NDJSON: the line of the document.
    pub(super) document: Option<u32>,
    /// Where in the file, if it has a place there.
    pub(super) place: Option<LineColumn>,
    /// The place in the snapshot, as a JSON pointer; positions in lists are written `*`.
    pub(super) at: &'a str,
    /// Why, in words.
    pub(super) reason: &'a str,
    /// The way out, as a sentence.
    pub(super) way_out: Option<String>,
}

/// Why there is no judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Something that decides is not known; the sort of reason in the words of the output `json`.
    Unknown(&'static str),
    /// An input, or a rule, is wrong.
    Error,
}

/// All of it: what rules did not know, cluster by cluster; rules that failed; inputs that could not
/// be read; rules that did not load.
pub(super) fn unjudged<'a>(report: &'a Report<'a>) -> impl Iterator<Item = Unjudged<'a>> {
    let clusters = || report.scan.clusters.iter();
    let unknown = clusters().flat_map(move |cluster| {
        // A rule that waits for a parameter is off, and one that needs a running cluster does not apply.
        let rules = cluster.judgement.unknowns.keys();
        let silent = [UnknownKind::NeedsConfiguration, UnknownKind::NotInTemplate];
        let rules = rules.filter(move |(_, why)| !silent.contains(&why.kind));
        rules.map(move |(rule, why)| Unjudged::unknown(report.rules[*rule].rule, why, cluster))
    });
    let failed = clusters().flat_map(move |cluster| {
        let errors = cluster.judgement.errors.iter();
        errors.map(move |error| Unjudged::failed(report, error, cluster))
    });
    let unread = input_errors(report).into_iter().chain(&report.rule_errors).map(Unjudged::unread);
    unknown.chain(failed).chain(unread)
}

/// What is wrong with inputs: the report's errors without those of rules on snapshots.
pub(super) fn input_errors<'a>(report: &'a Report<'_>) -> Vec<&'a Problem> {
    let of_rules = Report::rule_failures(report.scan);
    report.errors.iter().filter(|error| of_rules.binary_search(error).is_err()).collect()
}

impl<'a> Unjudged<'a> {
    /// The controls of its rule; none for an input.
    pub(super) fn frameworks(&self) -> &'a Frameworks {
        static NONE: Frameworks = Frameworks::new();
        self.rule.map_or(&NONE, |rule| rule.frameworks())
    }

    /// What tells it apart from every other row and stays the same from run to run. In words: an
    /// account id could be guessed from a digest, and so would not be masked.
    pub(super) fn uid(&self) -> String {
        let cluster = self.cluster.and_then(Identity::unique_name);
        let rule = self.rule.map_or("", |rule| &rule.id);
        ["not-evaluated", rule, cluster.as_deref().unwrap_or(self.file), self.at, self.reason].join("|")
    }

    fn unknown(rule: &'a Rule, unknown: &'a Unknown, cluster: &'a ClusterScan) -> Self {
        Self {
            cause: Cause::Unknown(unknown.kind.as_str()),
            rule: Some(rule),
            at: &unknown.at,
            way_out: advice(unknown),
            ..Self::of_cluster(cluster, &unknown.reason)
        }
    }

    fn failed(report: &'a Report<'_>, error: &'a RuleError, cluster: &'a ClusterScan) -> Self {
        let rule = report.rules.iter().find(|configured| configured.rule.id == error.rule);
        let rule = rule.map(|configured| configured.rule);
        Self { rule, at: &error.at, ..Self::of_cluster(cluster, &error.cause) }
    }

    fn of_cluster(cluster: &'a ClusterScan, reason: &'a str) -> Self {
        let document = cluster.file.document;
        Self {
            cluster: Some(&cluster.judgement.cluster),
            document,
            place: document.map(LineColumn::line_start),
            ..Self::wrong(&cluster.file.name, reason)
        }
    }

    /// An input that could not be read, or a rule that did not load.
    fn unread(error: &'a Problem) -> Self {
        let from_one =
            |place: LineColumn| LineColumn { line: place.line.max(1), column: place.column.max(1) };
        Self { place: error.place.map(from_one), ..Self::wrong(&error.file, &error.message) }
    }

    fn wrong(file: &'a str, reason: &'a str) -> Self {
        Self {
            cause: Cause::Error,
            rule: None,
            cluster: None,
            file,
            document: None,
            place: None,
            at: "",
            reason,
            way_out: None,
        }
    }
}
