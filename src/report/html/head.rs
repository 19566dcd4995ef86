//! The head of a page: what it is about, and the totals; at its end, the files that were read.

use super::groups::PageGroups;
use super::shown::ShownText;
use crate::report::totals::{found, outcomes, plural};
use crate::report::{Report, Summary};
use crate::rule::Severity;
use askama::Template;
use std::collections::BTreeSet;

/// So many accounts are named.
const ACCOUNTS: usize = 6;

/// The sections of each page.
const LINKS: [(&str, &str); 5] = [
    ("#clusters", "Clusters"),
    ("#findings", "Findings"),
    ("#accepted", "Accepted"),
    ("#not-evaluated", "Not evaluated"),
    ("#inputs", "Inputs"),
];

#[derive(Template)]
#[template(path = "head.html")]
pub(in crate::report) struct PageHead {
    title: ShownText<String>,
    found: String,
    outcomes: String,
    totals: Vec<PageTotal>,
    facts: Vec<(&'static str, ShownText<String>)>,
    links: Vec<(String, ShownText<String>)>,
}

/// A number that stands at the top, and where to read on.
struct PageTotal {
    count: usize,
    word: &'static str,
    class: &'static str,
    href: &'static str,
}

impl PageHead {
    pub(in crate::report) fn of(
        report: &Report<'_>,
        summary: &Summary,
        groups: &PageGroups<'_>,
        first: Vec<(String, String)>,
    ) -> Self {
        let own = LINKS.map(|(href, text)| (href.to_owned(), text.to_owned()));
        Self {
            title: ShownText(groups.title()),
            found: lead(summary),
            outcomes: outcomes(summary),
            totals: totals(summary),
            facts: facts(report, summary),
            links: first.into_iter().chain(own).map(|(href, text)| (href, ShownText(text))).collect(),
        }
    }
}

/// What was found. Where no rule applies, that is not the same as nothing wrong.
fn lead(summary: &Summary) -> String {
    match summary.not_applicable > 0 && summary.results() == summary.not_applicable {
        true => format!("{}: no rule applies", found(summary)),
        false => found(summary),
    }
}

/// Open findings by severity, and beside them what is not among them.
fn totals(summary: &Summary) -> Vec<PageTotal> {
    let of = |severity: Severity| PageTotal {
        count: summary.findings.get(&severity).copied().unwrap_or_default(),
        word: severity.as_str(),
        class: severity.as_str(),
        href: "#findings",
    };
    let others = [
        (summary.waived, "waived", "aside", "#accepted"),
        (summary.baseline, "in the baseline", "aside", "#accepted"),
        (summary.not_evaluated + summary.errors, "not evaluated", "unknown", "#not-evaluated"),
        (summary.passed, "passed", "passed", "#clusters"),
    ];
    let others = others.map(|(count, word, class, href)| PageTotal { count, word, class, href });
    Severity::ALL.into_iter().map(of).chain(others).collect()
}

fn facts(report: &Report<'_>, summary: &Summary) -> Vec<(&'static str, ShownText<String>)> {
    let mut facts = vec![("As of", report.as_of.to_string()), ("Clusters", summary.clusters.to_string())];
    facts.extend(accounts(report).map(|accounts| ("Account", accounts)));
    let digest = report.rules_digest.as_ref().map_or_else(String::new, |sha| format!(", SHA-256 {sha}"));
    facts.push(("Rules", format!("{}{digest}", plural(summary.rules, "rule"))));
    facts.push(("ekslint", env!("CARGO_PKG_VERSION").to_owned()));
    facts.into_iter().map(|(what, text)| (what, ShownText(text))).collect()
}

/// The accounts of all clusters, if one is known.
fn accounts(report: &Report<'_>) -> Option<String> {
    let of_clusters =
        report.scan.clusters.iter().filter_map(|cluster| cluster.judgement.cluster.account.clone());
    let all: BTreeSet<String> =
        of_clusters.chain(report.live.iter().map(|(account, _)| account.clone())).collect();
    let more = all.len().saturating_sub(ACCOUNTS);
    let named = all.into_iter().take(ACCOUNTS).collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| named + &more)
}

/// The files that were read, with their digests.
#[derive(Template)]
#[template(path = "inputs.html")]
pub(in crate::report) struct InputList<'a> {
    files: Vec<(ShownText<&'a str>, Option<&'a str>)>,
    skipped: usize,
    is_open: bool,
}

/// Longer lists of files are folded.
const FILES: usize = 12;

impl<'a> InputList<'a> {
    pub(in crate::report) fn of(report: &Report<'a>) -> Self {
        let mut seen = BTreeSet::new();
        let read = report.scan.inputs.iter().filter(|input| input.skipped.is_none());
        let digests =
            read.flat_map(|input| &input.digests).filter(|digest| seen.insert(digest.name.as_str()));
        let files: Vec<_> =
            digests.map(|digest| (ShownText(digest.name.as_str()), digest.sha256.as_deref())).collect();
        Self { is_open: files.len() <= FILES, files, skipped: report.scan.skipped().count() }
    }
}
