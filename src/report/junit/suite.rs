//! A cluster as a suite of tests. Each rule is there, as passed, failed, skipped or in error, unless
//! it does not apply: what could not be judged is skipped, with the reason, and never passed.

use super::{Given, unique};
use crate::engine::{Judgement, Outcome as Judged, RuleIndex, Standing};
use crate::report::advice::advice;
use crate::report::finding_text::{fix_code, one_line, place};
use crate::report::{FindingGroup, FindingView, Report, cluster_name, printable};
use crate::snapshot::Unknown;
use crate::value::Location;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The tests of a cluster.
#[derive(Debug, Default)]
pub(super) struct Suite {
    pub(super) name: String,
    pub(super) cases: Vec<Case>,
    /// The names in use: readers take tests of one name for one test.
    names: Given,
}

/// A test.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) outcome: TestOutcome,
}

/// How a test went. All texts are printable.
#[derive(Debug)]
pub(super) enum TestOutcome {
    Passed,
    Failed { severity: &'static str, message: String, text: String },
    Skipped(String),
    Error(String),
}

/// Said of a rule that found something of which nothing is shown.
const LESS_SEVERE: &str = "What it found is less severe than --severity asks for.";
const ACCEPTED: &str = "What it found is waived or in the baseline: --show-waived lists it.";
const SUPERSEDED: &str = "A stronger rule reports what it found.";

impl Suite {
    pub(super) fn new(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    /// The tests of a group: its findings in their order, then the rules in theirs.
    pub(super) fn of(
        report: &Report<'_>,
        name: String,
        group: FindingGroup<'_>,
        shown: &[FindingView<'_>],
    ) -> Self {
        let mut suite = Self::new(name);
        suite.add_findings(report, shown);
        if let Some(cluster) = group.cluster {
            suite.add_rules(report, &cluster.judgement, shown);
        }
        suite
    }

    /// Adds a test for each rule that found nothing that is shown.
    fn add_rules(&mut self, report: &Report<'_>, judgement: &Judgement, shown: &[FindingView<'_>]) {
        let reported: HashSet<RuleIndex> = shown.iter().map(|shown| shown.finding.rule).collect();
        let mut unknown = BTreeMap::<RuleIndex, Vec<&Unknown>>::new();
        judgement.unknowns.keys().for_each(|(rule, why)| unknown.entry(*rule).or_default().push(why));
        let cluster = printable(cluster_name(&judgement.cluster));
        for (at, judged) in judgement.outcomes.iter().enumerate() {
            let rule = RuleIndex::new(at);
            let id = &report.rules[rule].rule.id;
            let unknown = unknown.get(&rule).map(|unknown| why(unknown));
            let partly = |why| TestOutcome::Skipped(format!("Not evaluated in part. {why}"));
            let outcomes = match judged {
                Judged::Off | Judged::NotApplicable | Judged::NeedsConfiguration => Vec::new(),
                Judged::Superseded => vec![superseded(judgement, rule)],
                Judged::Pass => vec![TestOutcome::Passed],
                Judged::NotEvaluated => vec![TestOutcome::Skipped(unknown.unwrap_or_default())],
                Judged::Fail | Judged::Error => {
                    let not_shown = (*judged == Judged::Fail && !reported.contains(&rule))
                        .then(|| not_shown(judgement, rule));
                    let errors = errors(judgement, id).map(TestOutcome::Error);
                    not_shown.into_iter().chain(errors).chain(unknown.map(partly)).collect()
                }
            };
            outcomes.into_iter().for_each(|outcome| self.add(format!("{id}: {cluster}"), outcome));
        }
    }

    /// Adds a test under a name that no other has.
    pub(super) fn add(&mut self, name: String, outcome: TestOutcome) {
        let name = unique(name, &mut self.names);
        self.cases.push(Case { name, outcome });
    }

    /// Adds a test for each rule and resource that something is wrong with. Its name says nothing of
    /// the place, so that it is the same test when the file has changed.
    fn add_findings(&mut self, report: &Report<'_>, shown: &[FindingView<'_>]) {
        let mut groups: Vec<Vec<FindingView<'_>>> = Vec::new();
        let mut places = HashMap::new();
        for one in shown {
            let key = (test(*one), one.finding.resource.position, report.why_accepted(one.finding));
            let at = *places.entry(key).or_insert(groups.len());
            if at == groups.len() {
                groups.push(Vec::new());
            }
            groups[at].push(*one);
        }
        for group in groups {
            if let [first, ..] = group.as_slice() {
                self.add(test(*first), failed(report, *first, &group));
            }
        }
    }
}

fn not_shown(judgement: &Judgement, rule: RuleIndex) -> TestOutcome {
    let findings = judgement.findings.iter().filter(|finding| finding.rule == rule);
    let standings: Vec<_> = findings.map(|finding| finding.standing).collect();
    let why = if standings.contains(&Standing::Open) { LESS_SEVERE } else { ACCEPTED };
    TestOutcome::Skipped(why.to_owned())
}

/// Said of a rule whose findings others stand for.
fn superseded(judgement: &Judgement, rule: RuleIndex) -> TestOutcome {
    let why = if judgement.is_accepted(rule) { ACCEPTED } else { SUPERSEDED };
    TestOutcome::Skipped(why.to_owned())
}

/// `node-imds-v1: node group blue of prod`
fn test(shown: FindingView<'_>) -> String {
    let (resource, cluster) = (&shown.finding.resource, printable(shown.cluster_name()));
    let id = &shown.rule.id;
    match (&resource.name, resource.position) {
        _ if shown.group.cluster.is_none() => {
            let Location { file, span, .. } = &shown.finding.primary;
            format!("{id}: {}:{}", printable(&file.name), span.start_line)
        }
        _ if resource.kind == "cluster" => format!("{id}: {cluster}"),
        (Some(name), _) => format!("{id}: {} {} of {cluster}", resource.title, printable(name)),
        (None, Some(position)) => format!("{id}: {} {} of {cluster}", resource.title, position + 1),
        (None, None) => format!("{id}: {} of {cluster}", resource.title),
    }
}

/// A failure, unless what was found does not count.
fn failed(report: &Report<'_>, first: FindingView<'_>, all: &[FindingView<'_>]) -> TestOutcome {
    let more = match all.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let message = format!("{}{more}", printable(&first.finding.message));
    match report.how_accepted(first.finding) {
        Some(how) => TestOutcome::Skipped(format!("{}. {message}", printable(&how))),
        None => TestOutcome::Failed { severity: first.severity().as_str(), message, text: text(first, all) },
    }
}

/// What is wrong where, why it matters, how to mend it, and where to read on.
fn text(first: FindingView<'_>, all: &[FindingView<'_>]) -> String {
    let mut lines = Vec::new();
    let mut commands = Vec::new();
    for shown in all {
        lines.push(format!("{}: {}", place(&shown.finding.primary), printable(&shown.finding.message)));
        for related in &shown.finding.related {
            lines.push(format!("  {}: {}", place(&related.location), printable(&related.message)));
        }
        commands.extend(fix_code(*shown).map(|fix| fix.text).filter(|fix| !commands.contains(fix)));
    }
    lines.push(format!("\nWhy: {}", one_line(&first.rule.rationale)));
    lines.push(format!("\nFix: {}", one_line(&first.rule.remediation.text)));
    lines.extend(commands);
    lines.extend(first.rule.url().map(|url| format!("\nSee {}", printable(&url))));
    lines.join("\n")
}

fn why(unknown: &[&Unknown]) -> String {
    let one = |unknown: &&Unknown| {
        let at = if unknown.at.is_empty() { String::new() } else { format!(" ({})", unknown.at) };
        let advice = advice(unknown).map(|advice| format!(" {advice}")).unwrap_or_default();
        printable(&format!("{}{at}.{advice}", unknown.reason))
    };
    unknown.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn errors(judgement: &Judgement, rule: &str) -> Option<String> {
    let errors = judgement.errors.iter().filter(|error| error.rule == rule);
    let errors: Vec<_> = errors.map(|error| printable(&format!("{} at {}", error.cause, error.at))).collect();
    (!errors.is_empty()).then(|| errors.join("; "))
}
