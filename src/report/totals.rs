//! What a scan amounts to, in words: what was found, what passed, and what could not be judged and why.

use super::summary::{NotEvaluated, Summary};
use super::{Report, Style, printable, wrap};
use crate::rule::Severity;
use crate::snapshot::{Unknown, UnknownKind};
use anstyle::AnsiColor;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

/// How many reasons for not evaluating are shown without `-v`.
const REASONS: usize = 8;
/// How many rules are named for each of them without `-v`.
const NAMED: usize = 3;

/// Writes the totals.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    writeln!(out, "{}", found(&summary, style.color))?;
    writeln!(out, "{}", outcomes(&summary))?;
    write_reasons(&summary, style, out)?;
    write_refused(&summary, out)?;
    write_configuration(&summary, style, out)
}

/// `40 rules on 2 clusters: 5 with findings, 70 passed, 5 not evaluated`
pub(super) fn outcomes(summary: &Summary) -> String {
    let count = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts = [
        count(summary.failed, "with findings"),
        count(summary.set_aside, "waived or known"),
        count(summary.superseded, "superseded"),
        Some(format!("{} passed", summary.passed)),
        count(summary.not_applicable, "not applicable"),
        count(summary.not_evaluated, "not evaluated"),
        count(summary.errors, "failed with an error"),
    ];
    let parts = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    format!("{} on {}: {parts}", plural(summary.rules, "rule"), evaluated(summary))
}

/// `2 clusters and 1 document without a cluster`
fn evaluated(summary: &Summary) -> String {
    let clusters = plural(summary.clusters, "cluster");
    let documents = || format!("{} without a cluster", plural(summary.documents, "document"));
    match (summary.clusters, summary.documents) {
        (_, 0) => clusters,
        (0, _) => documents(),
        _ => format!("{clusters} and {}", documents()),
    }
}

/// `3 findings: 1 high, 2 low`
pub(super) fn found(summary: &Summary, is_coloured: bool) -> String {
    let total: usize = summary.findings.values().sum();
    let set_aside = set_aside(summary);
    if total == 0 {
        let what = if nothing_was_evaluated(summary) { "Nothing was evaluated" } else { "No findings" };
        return format!("{what}{set_aside}");
    }
    let one = |severity: &Severity| {
        let count = summary.findings.get(severity)?;
        let paint = match is_coloured {
            true => anstyle::Style::new().fg_color(Some(color(*severity).into())).bold(),
            false => anstyle::Style::new(),
        };
        Some(format!("{paint}{count} {severity}{paint:#}"))
    };
    let list = Severity::ALL.iter().filter_map(one).collect::<Vec<_>>().join(", ");
    let hidden = match summary.hidden {
        0 => String::new(),
        hidden => format!(" ({hidden} not shown: --severity)"),
    };
    format!("{}: {list}{hidden}{set_aside}", plural(total, "finding"))
}

/// Whether no rule could decide anything: that is not the same as finding nothing.
fn nothing_was_evaluated(summary: &Summary) -> bool {
    let Summary { passed, failed, set_aside, superseded, not_applicable, .. } = summary;
    let nothing = passed + failed + set_aside + superseded + not_applicable == 0;
    summary.clusters + summary.documents == 0 || nothing && summary.not_evaluated > 0
}

/// `; 2 waived, 14 in the baseline`
fn set_aside(summary: &Summary) -> String {
    let parts = [(summary.waived, "waived"), (summary.known, "in the baseline")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts = parts.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ");
    if parts.is_empty() { parts } else { format!("; {parts}") }
}

fn color(severity: Severity) -> AnsiColor {
    match severity {
        Severity::Critical | Severity::High => AnsiColor::BrightRed,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::BrightGreen,
        Severity::Info => AnsiColor::BrightBlue,
    }
}

/// `1 rule`, `2 rules`
pub(super) fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Why rules were not evaluated, and what would make it so.
fn write_reasons(summary: &Summary, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let reasons = reasons(summary);
    if reasons.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNot evaluated, and so neither passed nor failed:")?;
    let shown = if style.verbose { reasons.len() } else { REASONS.min(reasons.len()) };
    for reason in &reasons[..shown] {
        let text = format!("{}: {}", printable(&reason.text), reason.named(style.verbose));
        writeln!(out, "{}", wrap(&text, style.text_width(), "  - ", "    "))?;
    }
    if shown < reasons.len() {
        writeln!(out, "  - and {} more reasons; -v shows all", reasons.len() - shown)?;
    }
    Ok(())
}

/// One line for each action that the caller lacks, and for each call that failed.
fn write_refused(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    if !summary.missing_permissions.is_empty() {
        writeln!(out, "\nMissing permissions (`ekslint permissions` prints the whole policy):")?;
    }
    for (action, answers) in &summary.missing_permissions {
        writeln!(out, "  - {}: {} missing", printable(action), plural(*answers, "answer"))?;
    }
    if !summary.failed_calls.is_empty() {
        writeln!(out, "\nCalls that failed:")?;
    }
    for (api, answers) in &summary.failed_calls {
        writeln!(out, "  - {}: {} missing", printable(api), plural(*answers, "answer"))?;
    }
    Ok(())
}

/// The parameters that rules wait for.
pub(super) fn waiting(summary: &Summary) -> Vec<&str> {
    summary
        .unset
        .iter()
        .map(|reason| {
            reason.unknown.reason.strip_prefix("set the parameter ").unwrap_or(&reason.unknown.reason)
        })
        .collect()
}

/// Rules that wait for a parameter, in one line: nothing is missing from the scan.
fn write_configuration(summary: &Summary, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let waiting = waiting(summary);
    if waiting.is_empty() {
        return Ok(());
    }
    let text = format!("Need configuration (--param RULE.NAME=VALUE): {}", waiting.join(", "));
    writeln!(out, "\n{}", wrap(&printable(&text), style.text_width(), "", "  "))
}

/// Reasons that read the same, taken together.
pub(super) struct UnknownReason {
    /// The reason and the way out.
    pub(super) text: String,
    rules: Vec<String>,
    clusters: usize,
}

impl UnknownReason {
    /// The rules, or the first few of them, and how many clusters.
    pub(super) fn named(&self, all: bool) -> String {
        let named = if all { self.rules.len() } else { NAMED.min(self.rules.len()) };
        let mut text = self.rules[..named].join(", ");
        if named < self.rules.len() {
            let more = self.rules.len() - named;
            text.push_str(&format!(" and {more} more rule{}", if more == 1 { "" } else { "s" }));
        }
        if self.clusters > 1 {
            text.push_str(&format!(" ({} clusters)", self.clusters));
        }
        text
    }
}

/// The reasons for which something was not evaluated, those first that matter most.
pub(super) fn reasons(summary: &Summary) -> Vec<UnknownReason> {
    let mut reasons = merged(&summary.reasons);
    reasons
        .sort_by_key(|reason| std::cmp::Reverse((reason.rules.len() * reason.clusters, reason.rules.len())));
    reasons
}

fn merged(reasons: &[NotEvaluated]) -> Vec<UnknownReason> {
    let mut merged: BTreeMap<String, (Vec<String>, HashSet<&str>)> = BTreeMap::new();
    for reason in reasons {
        let (rules, clusters) = merged.entry(explain(&reason.unknown)).or_default();
        for rule in &reason.rules {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
        clusters.extend(reason.clusters.iter().map(String::as_str));
    }
    let reason = |(text, (rules, clusters)): (String, (Vec<_>, HashSet<&str>))| UnknownReason {
        text,
        rules,
        clusters: clusters.len(),
    };
    merged.into_iter().map(reason).collect()
}

/// The reason and the way out, in one line.
pub(super) fn explain(unknown: &Unknown) -> String {
    let api = unknown.api.as_deref().unwrap_or_default();
    let at = unknown.at.as_str();
    match unknown.kind {
        UnknownKind::Denied => {
            let action = unknown.action.as_deref().unwrap_or(api);
            let why = if unknown.reason.contains("explicit deny") {
                ": an explicit deny is in the way"
            } else {
                ""
            };
            format!("AWS refused {api} (allow {action}){why}")
        }
        UnknownKind::Error if !api.is_empty() => format!("{api} failed: {}", unknown.reason),
        UnknownKind::NotInSnapshot | UnknownKind::Incomplete if !api.is_empty() => {
            format!("{} (it comes from {api})", unknown.reason)
        }
        UnknownKind::FieldAbsent if !api.is_empty() => {
            format!("{at} is not in the snapshot (it comes from {api})")
        }
        _ if at.is_empty() => unknown.reason.clone(),
        _ => format!("{at}: {}", unknown.reason),
    }
}
